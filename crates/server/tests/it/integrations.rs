//! Integrations by the API.

use crate::estate::now;
use crate::server::{Server, chief, limited};
use serde_json::{Value, json};
use stance_server::Level;
use std::time::Duration;

const ALL: &str = "/api/v1/integrations";

async fn made(server: &Server, configuration: &str) -> String {
    let body = json!({ "name": "Production", "configuration": configuration });
    let reply = server.send(&chief(), ALL, &body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.headers["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_integration_is_made_changed_switched_scanned_and_removed() {
    let server = Server::new();
    let place = made(&server, "aws: {}\n").await;
    let told = server.get(&chief(), &place).await.json();
    assert_eq!(told["schedule"], json!({ "every_minutes": 1440, "at": null }));
    assert_eq!((&told["namespace"], &told["enabled"]), (&json!("default"), &json!(true)));
    let listed = server.get(&chief(), ALL).await.json();
    assert_eq!(listed["integrations"], json!([told]));

    let other = json!({
        "name": "Prod", "namespace": "eu", "configuration": "aws:\n  region: x\n",
        "schedule": { "every_minutes": 2880, "at": "03:30" }, "enabled": false,
    });
    let changed = server.send(&chief(), &place, &other).await.json();
    for (field, value) in other.as_object().unwrap() {
        assert_eq!(&changed[field], value, "{field}");
    }
    let refused = server.post(&chief(), &format!("{place}/scan"), "application/json", "").await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    let enabled = server.post(&chief(), &format!("{place}/enable"), "application/json", "").await.json();
    assert_eq!((&enabled["enabled"], &enabled["schedule"]), (&json!(true), &changed["schedule"]));
    assert!(enabled["next_at"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap() > now());
    let asked = server.post(&chief(), &format!("{place}/scan"), "application/json", "").await.json();
    assert_eq!(asked["next_at"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap(), now());
    let disabled = server.post(&chief(), &format!("{place}/disable"), "application/json", "").await.json();
    assert_eq!(disabled["enabled"], false);
    let again = server.post(&chief(), &format!("{place}/disable"), "application/json", "").await;
    assert_eq!(again.status, 200);

    assert_eq!(server.delete(&chief(), &place).await.status, 204);
    assert_eq!(server.get(&chief(), &place).await.status, 404);
    assert_eq!(server.delete(&chief(), &place).await.status, 404);
    let acts = server.acts(6);
    assert!(acts.iter().all(|act| act.starts_with("chief ")), "{acts:?}");
    assert!(acts[0].contains("removed") && acts[1].contains("changed"), "{acts:?}");
}

#[tokio::test]
async fn the_scan_of_an_integration_is_stopped() {
    let server = Server::new();
    let place = made(&server, "aws: {}").await;
    let stop = format!("{place}/stop");
    assert_eq!(server.post(&chief(), &stop, "application/json", "").await.status, 409);
    let store = server.store();
    let integration = store.integrations().unwrap()[0].id;
    let run = store.begin_run("slow", now()).unwrap();
    store.note_integration(run, integration).unwrap();
    let told = server.post(&chief(), &stop, "application/json", "").await;
    assert_eq!(
        (told.status.as_u16(), &told.json()["last_run"]["name"]),
        (200, &json!("slow")),
        "{}",
        told.text()
    );
    assert_eq!(store.summary(run).unwrap().stop_asked_by.as_deref(), Some("chief"));
    let twice = server.post(&chief(), "/api/v1/runs/slow/stop", "application/json", "").await;
    assert_eq!(twice.status, 409, "{}", twice.text());
    let other = store.begin_run("other", now()).unwrap();
    let by_number = format!("/api/v1/runs/{}/stop", other.number());
    assert_eq!(server.post(&chief(), &by_number, "application/json", "").await.status, 200);
    assert_eq!(server.post(&chief(), "/api/v1/runs/nowhere/stop", "application/json", "").await.status, 404);
}

async fn tried(server: &Server, place: &str) -> Value {
    let trial = format!("{place}/trial");
    assert_eq!(server.get(&chief(), &trial).await.status, 404, "it was not tried yet");
    let begun = server.post(&chief(), &trial, "application/json", "").await;
    assert_eq!(begun.status, 202, "{}", begun.text());
    for _ in 0..1000 {
        let told = server.get(&chief(), &trial).await.json();
        if told["state"] != "under-way" {
            return told;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    unreachable!("the trial does not end");
}

#[tokio::test]
async fn the_access_is_tried_and_what_it_told_is_read() {
    let server = Server::new();
    let place = made(&server, "aws: {}").await;
    let told = tried(&server, &place).await;
    assert_eq!(told["state"], "done");
    assert_eq!(told["accounts"][0]["missing"], json!([{ "permission": "s3:GetBucketPolicy", "rules": 3 }]));
    let other = Server::new();
    let place = made(&other, "locked").await;
    let told = tried(&other, &place).await;
    assert_eq!((&told["state"], &told["error"]), (&json!("failed"), &json!("the role cannot be assumed")));
}

#[tokio::test]
async fn what_cannot_be_scanned_is_refused_with_what_to_do() {
    let server = Server::new();
    let with = |name: &str, value: Value| {
        let mut body = json!({ "name": "Other", "configuration": "aws: {}" });
        body[name] = value;
        body
    };
    made(&server, "aws: {}").await;
    for (body, told) in [
        (with("name", json!("<b>")), "is not a name"),
        (with("name", json!("Production")), "choose another name"),
        (with("namespace", json!("")), "is not a name"),
        (with("configuration", json!("aws:\n  wrong: 1")), "`wrong` is not a key"),
        (with("schedule", json!({ "every_minutes": 5 })), "every 10 minutes at most"),
        (with("schedule", json!({ "every_minutes": i64::MAX })), "choose a span between"),
        (with("schedule", json!({ "every_minutes": 1440, "at": "25:00" })), "no time of day"),
        (with("schedule", json!({ "every_minutes": 60, "at": "01:00" })), "whole days"),
        (with("color", json!(1)), "unknown field `color`"),
        (json!([]), "invalid"),
    ] {
        let reply = server.send(&chief(), ALL, &body).await;
        assert_eq!((reply.status.as_u16(), reply.kind()), (400, "application/problem+json"), "{body}");
        assert!(reply.text().contains(told), "{body}: {}", reply.text());
    }
    assert_eq!(server.post(&chief(), ALL, "text/plain", "{}").await.status, 415);
    assert_eq!(server.post(&chief(), ALL, "application/json", "").await.status, 400);
    let large = with("configuration", json!("x".repeat(70_000)));
    assert_eq!(server.send(&chief(), ALL, &large).await.status, 413);
    assert_eq!(server.store().integrations().unwrap().len(), 1);
}

#[tokio::test]
async fn nobody_who_is_limited_to_accounts_meets_an_integration() {
    let server = Server::new();
    let place = made(&server, "aws: {}").await;
    for level in [Level::Read, Level::Write, Level::Manage] {
        for address in [ALL, &place, &format!("{place}/trial"), "/api/v1/onboarding"] {
            let reply = server.get(&limited(level), address).await;
            assert_eq!(reply.status, 403, "{address}");
            assert!(!reply.text().contains("Production"), "{}", reply.text());
        }
        assert_eq!(server.delete(&limited(level), &place).await.status, 403);
        for act in ["enable", "disable", "scan", "stop", "trial"] {
            let reply = server.post(&limited(level), &format!("{place}/{act}"), "application/json", "").await;
            assert_eq!(reply.status, 403, "{act}");
        }
    }
}

#[tokio::test]
async fn aws_is_prepared_by_files() {
    let server = Server::new();
    for (form, file) in [("cloudformation", "stance.yaml"), ("commands", "stance.sh")] {
        let told = server.get(&chief(), &format!("/api/v1/onboarding?form={form}")).await.json();
        assert_eq!(told["files"][0]["name"], file);
        assert!(!told["steps"].as_array().unwrap().is_empty());
    }
    let connector = "/api/v1/onboarding?form=terraform&access=cloud-connector&principal=111122223333";
    let (one, two) =
        (server.get(&chief(), connector).await.json(), server.get(&chief(), connector).await.json());
    assert!(one["external_id"].is_string() && one["external_id"] != two["external_id"], "{one}");
    assert!(one["role"].as_str().unwrap().contains("ACCOUNT_ID"));
    for wrong in ["access=cloud-connector", "principal=%3Cb%3E", "form=pulumi", "colour=1"] {
        let reply = server.get(&chief(), &format!("/api/v1/onboarding?{wrong}")).await;
        assert_eq!(reply.status, 400, "{wrong}: {}", reply.text());
    }
}
