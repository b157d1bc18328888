//! Alerts by the API.

use crate::server::{Server, chief, limited};
use serde_json::{Value, json};
use stance_server::Level;

const ALL: &str = "/api/v1/alerts";

fn wanted() -> Value {
    json!({
        "name": "Worst", "watches": "findings", "filter": "https://x.example.org/findings?severity=critical&sort=account",
        "channel": { "to": "slack", "address": { "env": "STANCE_ALERT_OPS" } },
    })
}

#[tokio::test]
async fn an_alert_is_made_changed_and_ended() {
    let server = Server::new();
    let channels = server.get(&chief(), "/api/v1/channels").await;
    assert_eq!(channels.json(), json!({ "places": [{ "env": "STANCE_ALERT_OPS" }], "has_mail": false }));
    assert!(!channels.text().contains("hooks.example.org"));
    let made = server.send(&chief(), ALL, &wanted()).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let place = made.headers["location"].to_str().unwrap().to_owned();
    let told = made.json();
    assert_eq!((&told["filter"], &told["active"]), (&json!("severity=critical"), &json!(true)));
    assert_eq!(server.get(&chief(), &place).await.json(), told);
    let mut off = wanted();
    off["active"] = json!(false);
    off["watches"] = json!("failed-runs");
    let changed = server.send(&chief(), &place, &off).await.json();
    assert_eq!(
        (&changed["active"], &changed["watches"], &changed["filter"]),
        (&json!(false), &json!("failed-runs"), &json!(""))
    );
    assert_eq!(server.get(&chief(), ALL).await.json()["alerts"][0]["name"], "Worst");
    assert_eq!(server.delete(&chief(), &place).await.status, 204);
    assert_eq!(server.get(&chief(), &place).await.status, 404);
    assert_eq!(server.acts(3).iter().filter(|act| act.starts_with("chief ")).count(), 3);
}

#[tokio::test]
async fn an_alert_that_cannot_be_had_is_refused() {
    let server = Server::new();
    for (field, value) in [
        ("name", json!("")),
        ("watches", json!("weather")),
        ("filter", json!("severity=worst")),
        ("channel", json!({ "to": "slack", "address": { "env": "PATH" } })),
        ("channel", json!({ "to": "slack", "address": { "file": "../x" } })),
        ("channel", json!({ "to": "slack", "address": "https://10.0.0.1/" })),
        ("channel", json!({ "to": "mail", "recipients": ["a@example.org"] })),
        ("colour", json!(1)),
    ] {
        let mut body = wanted();
        body[field] = value;
        let reply = server.send(&chief(), ALL, &body).await;
        assert_eq!((reply.status.as_u16(), reply.kind()), (400, "application/problem+json"), "{body}");
    }
    assert_eq!(server.get(&chief(), ALL).await.json(), json!({ "alerts": [] }));
}

#[tokio::test]
async fn whoever_is_limited_meets_alerts_of_their_own_accounts_only() {
    let server = Server::new();
    let theirs = server.send(&chief(), ALL, &wanted()).await;
    let place = theirs.headers["location"].to_str().unwrap().to_owned();
    let writer = limited(Level::Write);
    for address in [&place, &format!("{place}/test")] {
        assert_eq!(server.send(&writer, address, &wanted()).await.status, 404, "{address}");
    }
    assert_eq!(server.delete(&writer, &place).await.status, 404);
    assert_eq!(server.get(&writer, &place).await.status, 404);
    let mut runs = wanted();
    runs["watches"] = json!("failed-runs");
    assert_eq!(
        server.send(&writer, ALL, &runs).await.status,
        400,
        "why a run failed may tell of any account"
    );
    let mine = server.send(&writer, ALL, &wanted()).await.json();
    assert_eq!(mine["accounts"], json!([crate::estate::OURS]));
    let listed = server.get(&limited(Level::Read), ALL).await.json();
    assert_eq!(listed["alerts"].as_array().unwrap().len(), 1);
    assert_eq!(server.send(&limited(Level::Read), ALL, &wanted()).await.status, 403);
    assert_eq!(server.get(&limited(Level::Read), "/api/v1/channels").await.status, 403);
}
