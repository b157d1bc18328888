//! Rules switched off and on and their parameters set, by the API.

use crate::estate::PLAIN_HTTP;
use crate::server::{Server, chief, limited};
use serde_json::{Value, json};
use stance_server::Level;

const FEW: &str = "aws-ec2-security-group-has-few-rules";

async fn failed(server: &Server) -> Value {
    server.get(&chief(), "/api/v1/overview").await.json()["posture"]["findings"]["failed"].clone()
}

#[tokio::test]
async fn a_rule_is_switched_off_and_on_and_counts_follow() {
    let server = Server::new();
    let before = failed(&server).await;
    let address = format!("/api/v1/rules/{PLAIN_HTTP}");
    let off = json!({ "reason": "a proxy does it" });
    let told = server.send(&chief(), &format!("{address}/switch-off"), &off).await.json();
    assert_eq!((&told["off"][0]["reason"], &told["off"][0]["name"]), (&off["reason"], &json!("chief")));
    assert_ne!(failed(&server).await, before);
    let told = server.send(&chief(), &format!("{address}/switch-on"), &json!({})).await.json();
    assert_eq!((&told["off"], failed(&server).await), (&json!([]), before.clone()));
    let rule = server.get(&chief(), &address).await.json();
    let benchmark = rule["controls"][0]["benchmark"].clone();
    let off = json!({ "reason": "r", "benchmark": benchmark });
    let told = server.send(&chief(), &format!("{address}/switch-off"), &off).await.json();
    assert_eq!((&told["off"][0]["benchmark"], failed(&server).await), (&benchmark, before));
    for body in [json!({}), json!({ "reason": "" }), json!({ "reason": "r", "benchmark": "none" })] {
        let reply = server.send(&chief(), &format!("{address}/switch-off"), &body).await;
        assert_eq!(reply.status, 400, "{body}: {}", reply.text());
    }
    let nothing = server.send(&chief(), "/api/v1/rules/none/switch-on", &json!({})).await;
    assert_eq!(nothing.status, 404);
    // a rule concerns everybody
    let reply = server.send(&limited(Level::Manage), &format!("{address}/switch-on"), &json!({})).await;
    assert_eq!(reply.status, 403);
    assert_eq!(server.get(&limited(Level::Read), &format!("{address}/settings")).await.status, 200);
}

#[tokio::test]
async fn parameters_are_set_all_or_none() {
    let server = Server::new();
    let address = format!("/api/v1/rules/{FEW}/parameters");
    let told = server.send(&chief(), &address, &json!({ "maximum_rules": 7 })).await.json();
    assert_eq!(told["parameters"]["maximum_rules"]["value"], 7);
    for body in [
        json!({ "maximum_rules": 0 }),
        json!({ "maximum_rules": "7" }),
        json!({ "maximum_rules": 8, "none": 1 }),
        json!([]),
    ] {
        let reply = server.send(&chief(), &address, &body).await;
        assert_eq!(reply.status, 400, "{body}: {}", reply.text());
    }
    let told = server.get(&chief(), &format!("/api/v1/rules/{FEW}/settings")).await.json();
    assert_eq!(told["parameters"]["maximum_rules"]["value"], 7);
    let told = server.send(&chief(), &address, &json!({ "maximum_rules": null })).await.json();
    assert_eq!(told["parameters"], json!({}));
    assert_eq!(server.acts(2).iter().filter(|act| act.starts_with("chief ")).count(), 2);
}
