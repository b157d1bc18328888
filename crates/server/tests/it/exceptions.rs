//! Exceptions by the API.

use crate::estate::{BUCKET, OURS, PLAIN_HTTP, SECRET, THEIRS};
use crate::server::{Reply, Server, chief, first, limited};
use serde_json::{Value, json};
use stance_server::Level;

async fn send(server: &Server, level: Level, address: &str, body: &Value) -> Reply {
    server.post(&limited(level), address, "application/json", body.to_string()).await
}

fn failed(told: &Value) -> u64 {
    told["posture"]["findings"]["failed"].as_u64().unwrap()
}

#[tokio::test]
async fn an_exception_is_made_changed_and_ended_and_each_counts_at_once() {
    let server = Server::new();
    let before = server.get(&chief(), "/api/v1/overview").await.json();
    let body = json!({ "rule": PLAIN_HTTP, "resource": "*", "reason": "all <b>behind</b> a proxy", "until": "2999-12-31" });
    let made = server.post(&chief(), "/api/v1/exceptions", "application/json", body.to_string()).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let place = made.headers["location"].to_str().unwrap().to_owned();
    let mut told = made.json();
    assert_eq!(server.get(&chief(), &place).await.json(), told);
    let accepts = told["accepts"].as_u64().unwrap();
    assert!(accepts > 1);
    let after = server.get(&chief(), "/api/v1/overview").await.json();
    assert_eq!(failed(&after), failed(&before) - accepts);
    let listed = server
        .get(&chief(), &format!("/api/v1/findings?exception={}&limit=100", told["number"]))
        .await
        .json();
    let listed = listed["findings"].as_array().unwrap();
    assert_eq!(listed.len() as u64, accepts);
    assert!(listed.iter().all(|finding| finding["status"] == "excepted"));
    let finding =
        server.get(&chief(), &format!("/api/v1/findings/{}", listed[0]["id"].as_str().unwrap())).await;
    assert_eq!(finding.json()["exception"]["reason"], "all <b>behind</b> a proxy");

    let fewer = json!({ "rule": [PLAIN_HTTP], "account": OURS.parse::<u64>().unwrap(), "reason": "r", "owner": "web", "except": [{ "tag": "keep" }] });
    let changed = server.post(&chief(), &place, "application/json", fewer.to_string()).await.json();
    assert!(changed["accepts"].as_u64().unwrap() < accepts);
    assert_eq!(
        (&changed["until"], &changed["owner"], &changed["changed_by"]),
        (&Value::Null, &json!("web"), &json!("chief"))
    );
    let ended = server.post(&chief(), &format!("{place}/end"), "application/json", "").await.json();
    assert_eq!((&ended["state"], &ended["accepts"]), (&json!("ended"), &json!(0)));
    assert_eq!(failed(&server.get(&chief(), "/api/v1/overview").await.json()), failed(&before));
    for (state, count) in [("ended", 1), ("current", 0), ("current,ended", 1), ("ends-soon", 0)] {
        let listed = server.get(&chief(), &format!("/api/v1/exceptions?state={state}")).await.json();
        assert_eq!(listed["exceptions"].as_array().unwrap().len(), count, "{state}");
    }
    let id = told["id"].take();
    assert!(id.as_str().unwrap().starts_with("console-"));
    told["made_by"].take();
    insta::assert_json_snapshot!("exception", told);
}

#[tokio::test]
async fn what_is_not_as_it_should_be_is_refused_with_what_would_be() {
    let server = Server::new();
    let mut refused = Vec::new();
    for body in [
        json!([]),
        json!(null),
        json!("x"),
        json!({}),
        json!({ "reason": "r" }),
        json!({ "rule": "none-such", "reason": "r" }),
        json!({ "rule": PLAIN_HTTP }),
        json!({ "rule": PLAIN_HTTP, "reason": "r", "id": "mine" }),
        json!({ "rule": PLAIN_HTTP, "reason": "r", "until": "soon" }),
        json!({ "rule": PLAIN_HTTP, "reason": "r", "until": "2001-01-01" }),
        json!({ "rule": PLAIN_HTTP, "reason": "\u{0}" }),
        json!({ "rules": PLAIN_HTTP, "reason": "r" }),
        json!({ "resource": "/(/", "reason": "r" }),
        json!({ "resource": [], "reason": "r" }),
        json!({ "finding": "x", "reason": "r" }),
        json!({ "rule": { "a": 1 }, "reason": "r" }),
    ] {
        let reply = server.post(&chief(), "/api/v1/exceptions", "application/json", body.to_string()).await;
        assert_eq!(reply.status, 400, "{body}: {}", reply.text());
        refused.push(format!("{body}\n  {}", reply.json()["detail"].as_str().unwrap()));
    }
    insta::assert_snapshot!("refused_exceptions", refused.join("\n"));
    let plain = server.post(&chief(), "/api/v1/exceptions", "text/plain", "{}").await;
    assert_eq!(plain.status, 415);
    let large = json!({ "resource": "x".repeat(70_000), "reason": "r" }).to_string();
    assert_eq!(server.post(&chief(), "/api/v1/exceptions", "application/json", large).await.status, 413);
    let none = server.post(&chief(), "/api/v1/exceptions/99/end", "application/json", "").await;
    assert_eq!(
        (none.status.as_u16(), none.json()["detail"].as_str()),
        (404, Some("there is no exception `99`"))
    );
    let listed = server.get(&chief(), "/api/v1/exceptions").await.json();
    assert_eq!(listed, json!({ "exceptions": [] }));
}

#[tokio::test]
async fn whoever_is_limited_makes_and_meets_exceptions_of_their_own_accounts() {
    let server = Server::new();
    let everything = json!({ "resource": "*", "rule": "aws-s3-*", "reason": "r" });
    assert_eq!(send(&server, Level::Read, "/api/v1/exceptions", &everything).await.status, 403);
    let theirs = json!({ "account": THEIRS, "rule": PLAIN_HTTP, "reason": SECRET });
    let made =
        server.post(&chief(), "/api/v1/exceptions", "application/json", theirs.to_string()).await.json();
    let other = format!("/api/v1/exceptions/{}", made["number"]);
    let hidden = first(&server, &chief(), &format!("account={THEIRS}&status=excepted")).await;
    assert_eq!(hidden["exception"]["reason"].as_str().or(hidden["status"].as_str()), Some("excepted"));
    for level in [Level::Write, Level::Manage] {
        let made = send(&server, level, "/api/v1/exceptions", &everything).await;
        assert_eq!(made.status, 201, "{}", made.text());
        assert_eq!(made.json()["limit"], json!([OURS]));
        let still = first(&server, &chief(), &format!("account={THEIRS}&status=failed&type={BUCKET}")).await;
        assert!(still.is_null() || still["rule"] != PLAIN_HTTP, "{still}");
        let failed = server
            .get(&chief(), &format!("/api/v1/findings?account={THEIRS}&status=excepted&limit=100"))
            .await;
        assert!(failed.json()["findings"].as_array().unwrap().iter().all(|it| it["rule"] == PLAIN_HTTP));
        for address in [&other, &format!("{other}/end")] {
            assert_eq!(send(&server, level, address, &everything).await.status, 404, "{address}");
        }
        let listed = server.get(&limited(level), "/api/v1/exceptions").await;
        assert!(!listed.text().contains(SECRET) && !listed.text().contains(THEIRS), "{}", listed.text());
        assert_eq!(server.get(&limited(level), &other).await.status, 404);
    }
    let token = server.get(&chief(), &other).await.json();
    assert_eq!((&token["made_by"], &token["state"]), (&json!("chief"), &json!("current")));
}
