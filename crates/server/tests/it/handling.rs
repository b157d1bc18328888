//! Findings given to people and notes on them, by the API.

use crate::estate::{OURS, SECRET, THEIRS};
use crate::server::{Server, chief, first, limited};
use serde_json::json;
use stance_server::Level;

#[tokio::test]
async fn a_finding_is_given_to_somebody_and_has_notes() {
    let server = Server::new();
    let id = first(&server, &chief(), &format!("account={OURS}")).await["id"].as_str().unwrap().to_owned();
    let address = format!("/api/v1/findings/{id}");
    let writer = limited(Level::Write);
    let told = server.send(&writer, &format!("{address}/assign"), &json!({ "person": "reader" })).await;
    assert_eq!((told.status.as_u16(), &told.json()["assignee"]), (200, &json!("reader")), "{}", told.text());
    let mine = first(&server, &chief(), "assigned=reader").await;
    assert_eq!(mine["id"].as_str(), Some(id.as_str()));
    let note = json!({ "text": "look at <b>this</b>" });
    let told = server.send(&writer, &format!("{address}/notes"), &note).await;
    assert_eq!(told.status, 201);
    let told = server.get(&limited(Level::Read), &format!("{address}/handling")).await.json();
    assert_eq!((&told["notes"][0]["text"], &told["notes"][0]["name"]), (&note["text"], &json!("writer")));
    let told = server.send(&writer, &format!("{address}/assign"), &json!({ "person": null })).await.json();
    assert!(told["assignee"].is_null());
    assert_eq!(server.acts(3).iter().filter(|act| act.starts_with("writer ")).count(), 3);

    for (act, body) in [
        ("assign", json!({ "person": "eve" })),
        ("assign", json!({ "person": 1 })),
        ("assign", json!({ "to": "reader" })),
        ("notes", json!({ "text": " " })),
        ("notes", json!({ "text": "\u{0}" })),
        ("notes", json!({ "text": "x".repeat(4_001) })),
        ("notes", json!(null)),
    ] {
        let reply = server.send(&writer, &format!("{address}/{act}"), &body).await;
        assert_eq!((reply.status.as_u16(), reply.kind()), (400, "application/problem+json"), "{act} {body}");
        let reply = server.send(&limited(Level::Read), &format!("{address}/{act}"), &body).await;
        assert_eq!(reply.status, 403, "{act}");
    }
}

#[tokio::test]
async fn a_finding_of_another_account_can_neither_be_given_nor_written_to() {
    let server = Server::new();
    let id = first(&server, &chief(), &format!("account={THEIRS}")).await["id"].as_str().unwrap().to_owned();
    let address = format!("/api/v1/findings/{id}");
    for (act, body) in [("assign", json!({ "person": "manager" })), ("notes", json!({ "text": "x" }))] {
        let reply = server.send(&limited(Level::Manage), &format!("{address}/{act}"), &body).await;
        assert_eq!(reply.status, 404, "{}", reply.text());
        assert!(!reply.text().contains(SECRET));
    }
    // and not to somebody who may not see it
    let reply = server.send(&chief(), &format!("{address}/assign"), &json!({ "person": "reader" })).await;
    assert_eq!(reply.status, 400, "{}", reply.text());
    let told = server.get(&chief(), &format!("{address}/handling")).await.json();
    assert_eq!(told, json!({ "assignee": null, "notes": [] }));
}
