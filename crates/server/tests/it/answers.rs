//! What is answered, shown whole.

use crate::estate::{OURS, PLAIN_HTTP};
use crate::server::{Server, chief, first};
use serde_json::Value;

async fn told(server: &Server, address: &str) -> Value {
    let reply = server.get(&chief(), address).await;
    assert_eq!(reply.status, 200, "{address}: {}", reply.text());
    reply.json()
}

#[tokio::test]
async fn findings_are_told_in_lists_and_in_full() {
    let server = Server::new();
    insta::assert_json_snapshot!("list", told(&server, "/api/v1/findings?limit=2&status=failed").await);
    let finding = first(&server, &chief(), "q=logs&status=unknown").await;
    let id = finding["id"].as_str().unwrap();
    let mut full = told(&server, &format!("/api/v1/findings/{id}")).await;
    // the catalog's own words are looked at elsewhere
    for name in ["rationale", "remedy", "references", "controls"] {
        assert!(!full[name].is_null(), "{name}");
        full[name] = "…".into();
    }
    insta::assert_json_snapshot!("finding", full);
    let mended = first(&server, &chief(), &format!("q=site&rule={PLAIN_HTTP}")).await;
    let full = told(&server, &format!("/api/v1/findings/{}", mended["id"].as_str().unwrap())).await;
    let history: Vec<&str> =
        full["history"].as_array().unwrap().iter().map(|it| it["status"].as_str().unwrap()).collect();
    assert_eq!(history, ["failed", "passed"]);
    assert!(full["remedy"]["cli"].as_str().unwrap().contains("site"), "{}", full["remedy"]);
    let accepted = first(&server, &chief(), "status=excepted").await;
    let full = told(&server, &format!("/api/v1/findings/{}", accepted["id"].as_str().unwrap())).await;
    assert_eq!(full["exception"]["owner"], "web");
}

#[tokio::test]
async fn findings_are_counted_in_groups() {
    let server = Server::new();
    insta::assert_json_snapshot!("groups", told(&server, "/api/v1/groups?group=account,severity").await);
    let few = told(&server, "/api/v1/groups?group=rule&limit=1").await;
    assert_eq!((few["groups"].as_array().unwrap().len(), &few["left_out"]), (1, &1.into()));
}

#[tokio::test]
async fn the_estate_is_told() {
    let server = Server::new();
    insta::assert_json_snapshot!("accounts", told(&server, "/api/v1/accounts").await);
    let trend = told(&server, "/api/v1/trend?limit=2").await;
    assert_eq!(trend["points"].as_array().unwrap().len(), 2);
    let overview = told(&server, "/api/v1/overview").await;
    assert_eq!((&overview["accounts"], &overview["resources"]), (&2.into(), &25.into()));
    assert_eq!(overview["last_run"]["name"], "hidden-run");
    assert!(!overview["benchmarks"].as_array().unwrap().is_empty());
    let assets = told(&server, "/api/v1/assets?q=logs").await;
    let number = assets["assets"][0]["number"].as_i64().unwrap();
    insta::assert_json_snapshot!("asset", told(&server, &format!("/api/v1/assets/{number}")).await);
}

#[tokio::test]
async fn runs_are_told_by_number_and_by_name() {
    let server = Server::new();
    insta::assert_json_snapshot!("run", told(&server, "/api/v1/runs/tuesday").await);
    assert_eq!(told(&server, "/api/v1/runs/2").await, told(&server, "/api/v1/runs/tuesday").await);
    let runs = told(&server, "/api/v1/runs?limit=2").await;
    let rest = told(&server, &format!("/api/v1/runs?cursor={}", runs["next"].as_str().unwrap())).await;
    assert_eq!((&runs["runs"][0]["number"], &rest["runs"][0]["name"]), (&3.into(), &"monday".into()));
    assert!(rest["next"].is_null());
}

#[tokio::test]
async fn the_catalog_is_told_with_how_it_falls() {
    let server = Server::new();
    let rules = told(&server, "/api/v1/rules?q=plain+http&service=s3").await;
    assert_eq!(rules["rules"][0]["counts"]["failed"], 3);
    let rule = told(&server, &format!("/api/v1/rules/{PLAIN_HTTP}")).await;
    assert!(rule["permissions"].as_array().unwrap().iter().any(|it| it == "s3:GetBucketPolicy"));
    let benchmarks = told(&server, "/api/v1/benchmarks").await;
    let judged = benchmarks["benchmarks"].as_array().unwrap().iter().find(|it| !it["posture"].is_null());
    let id = judged.unwrap()["id"].as_str().unwrap();
    let all = told(&server, &format!("/api/v1/benchmarks/{id}")).await;
    let ours = told(&server, &format!("/api/v1/benchmarks/{id}?account={OURS}")).await;
    assert_eq!(all["accounts"].as_array().unwrap().len(), 2);
    assert_eq!(ours["accounts"].as_array().unwrap().len(), 1);
    let failed = |told: &Value| told["posture"]["findings"]["failed"].as_u64().unwrap();
    assert!(failed(&all) > failed(&ours));
    let sections = |told: &Value| told["controls_in_full"].as_array().unwrap().len() as u64;
    assert_eq!(Some(sections(&all)), all["controls"].as_u64());
}

#[tokio::test]
async fn what_is_wrong_is_told_with_what_to_do() {
    let server = Server::new();
    for (name, address) in [
        ("unknown parameter", "/api/v1/findings?acount=1"),
        ("unfit word", "/api/v1/findings?severity=worst"),
        ("unfit number", "/api/v1/findings?limit=0"),
        ("twice", "/api/v1/findings?limit=1&limit=2"),
        ("needed", "/api/v1/groups"),
        ("too deep", "/api/v1/groups?group=rule,account,region,type"),
        ("foreign cursor", "/api/v1/findings?cursor=AAAA"),
        ("time", "/api/v1/findings?since=yesterday"),
        ("finding", "/api/v1/findings/00000000000000000000000000000000"),
        ("run", "/api/v1/runs/sunday"),
        ("nowhere", "/api/v2/findings"),
    ] {
        let reply = server.get(&chief(), address).await;
        assert_eq!(reply.kind(), "application/problem+json", "{address}");
        assert!(reply.status.is_client_error(), "{address}");
        insta::assert_json_snapshot!(format!("problem {name}"), reply.json());
    }
    let deleted = axum::http::Request::delete("/api/v1/findings").body(axum::body::Body::empty()).unwrap();
    let reply = server.ask(Some(&chief()), deleted).await;
    assert_eq!((reply.status.as_u16(), reply.kind()), (405, "application/problem+json"));
    assert!(reply.headers.get("allow").is_some_and(|allow| allow.to_str().unwrap().contains("GET")));
}
