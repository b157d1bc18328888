//! An account that somebody may not see does not exist for them; and who may do what.

use crate::estate::{OURS, SECRET, THEIRS};
use crate::people::Somebody;
use crate::server::{Server, chief, first, limited};
use axum::body::Body;
use axum::http::Request;
use stance_server::{Level, RUN_MEDIA_TYPE};

/// Where the things of the other account would be.
async fn theirs(server: &Server) -> impl Fn(&str) -> String {
    let finding = first(server, &chief(), &format!("account={THEIRS}")).await;
    let (id, resource) =
        (finding["id"].as_str().unwrap().to_owned(), finding["resource"]["number"].to_string());
    let accepted = format!("{{\"account\": \"{THEIRS}\", \"tag\": \"team\", \"reason\": \"{SECRET}\"}}");
    let made = server.post(&chief(), "/api/v1/exceptions", "application/json", accepted).await.json();
    let exception = made["number"].to_string();
    let integration = serde_json::json!({ "name": SECRET, "configuration": "aws: {}" });
    server.send(&chief(), "/api/v1/integrations", &integration).await;
    server.post(&chief(), "/api/v1/integrations/1/trial", "application/json", "").await;
    let place = serde_json::json!({ "env": "STANCE_ALERT_OPS" });
    let alert = serde_json::json!({
        "name": SECRET, "watches": "findings", "channel": { "to": "slack", "address": place }
    });
    server.send(&chief(), "/api/v1/alerts", &alert).await;
    move |template: &str| match template {
        "/api/v1/exceptions/{number}" => template.replace("{number}", &exception),
        "/api/v1/alerts/{number}"
        | "/api/v1/integrations/{number}"
        | "/api/v1/integrations/{number}/trial" => template.replace("{number}", "1"),
        "/api/v1/findings/{id}" | "/api/v1/findings/{id}/handling" => template.replace("{id}", &id),
        "/api/v1/assets/{number}" => template.replace("{number}", &resource),
        "/api/v1/runs/{run}" => template.replace("{run}", "3"),
        "/api/v1/rules/{id}" | "/api/v1/rules/{id}/settings" => {
            template.replace("{id}", "aws-s3-bucket-denies-plain-http")
        }
        "/api/v1/benchmarks/{id}" => template.replace("{id}", "aws-cis-3.0"),
        other => unreachable!("say here which `{other}` the other account has"),
    }
}

#[tokio::test]
async fn nothing_anywhere_tells_of_an_account_that_may_not_be_seen() {
    let server = Server::new();
    let addresses = server.readable(theirs(&server).await);
    assert!(addresses.len() > 14, "{addresses:?}");
    for address in &addresses {
        let open = server.get(&chief(), address).await;
        assert_eq!(open.status, 200, "{address}: {}", open.text());
        let reply = server.get(&limited(Level::Read), address).await;
        let text = reply.text();
        assert!(!text.contains(SECRET) && !text.contains(THEIRS), "{address}: {text}");
        let is_one_of_theirs = ["/findings/", "/assets/", "/runs/", "/exceptions/", "/alerts/"]
            .iter()
            .any(|part| address.contains(part));
        let is_for_others =
            ["/integrations", "/onboarding", "/channels"].iter().any(|part| address.contains(part));
        let expected = match (is_for_others, is_one_of_theirs) {
            (true, _) => 403,
            (false, true) => 404,
            (false, false) => 200,
        };
        assert_eq!(reply.status.as_u16(), expected, "{address}");
        let names_accounts = open.text().contains(THEIRS) || open.text().contains("failed\":");
        assert!(reply.body != open.body || !names_accounts, "{address} tells the same to all");
        let unknown = server.ask(None, Request::get(address).body(Body::empty()).unwrap()).await;
        assert_eq!((unknown.status.as_u16(), unknown.kind()), (401, "application/problem+json"), "{address}");
        assert!(!unknown.text().contains(OURS), "{address}: {}", unknown.text());
    }
}

#[tokio::test]
async fn counts_are_of_what_may_be_seen() {
    let server = Server::new();
    let viewer = limited(Level::Read);
    let told = |viewer: Somebody, address: &'static str| {
        let server = &server;
        async move { server.get(&viewer, address).await.json() }
    };
    let runs = told(viewer.clone(), "/api/v1/runs").await;
    let names: Vec<_> = runs["runs"].as_array().unwrap().iter().map(|run| run["name"].clone()).collect();
    assert_eq!(names, ["tuesday", "monday"]);
    assert_eq!(runs["runs"][0]["accounts"], 1);
    let trend = told(viewer.clone(), "/api/v1/trend").await;
    assert_eq!(trend["points"].as_array().unwrap().len(), 2);
    assert_eq!(told(chief(), "/api/v1/trend").await["points"].as_array().unwrap().len(), 3);
    let overview = told(viewer.clone(), "/api/v1/overview").await;
    assert_eq!((&overview["accounts"], &overview["resources"]), (&1.into(), &23.into()));
    assert_eq!(overview["last_run"]["name"], "tuesday");
    let run = told(viewer.clone(), "/api/v1/runs/tuesday").await;
    assert_eq!(run["report"]["accounts_read"].as_array().unwrap().len(), 1);
    // a filter that names it finds nothing
    let hidden = told(viewer, "/api/v1/findings?account=222222222222").await;
    assert_eq!(hidden["total"], 0);
}

#[tokio::test]
async fn only_who_manages_may_send_a_run() {
    let server = Server::new();
    for level in [Level::Read, Level::Write] {
        let reply = server.post(&limited(level), "/api/v1/runs?name=x", RUN_MEDIA_TYPE, Vec::new()).await;
        assert_eq!(reply.status, 403);
        assert!(reply.text().contains("takes the level `manage`"), "{}", reply.text());
    }
    let unknown = Request::post("/api/v1/runs?name=x").body(Body::empty()).unwrap();
    assert_eq!(server.ask(None, unknown).await.status, 401);
}
