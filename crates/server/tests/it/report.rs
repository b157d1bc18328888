//! `POST /xdr/get-report`.

use crate::estate::{OURS, PLAIN_HTTP};
use crate::server::{Server, chief, limited};
use serde_json::{Value, json};
use stance_server::Level;

async fn asked(server: &Server, body: &Value) -> Value {
    let reply = server.post(&chief(), "/xdr/get-report", "application/json", body.to_string()).await;
    assert_eq!(reply.status, 200, "{body}: {}", reply.text());
    reply.json()
}

fn count(told: &Value) -> usize {
    told["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn the_last_run_is_told_unless_another_is_asked_for() {
    let server = Server::new();
    for body in
        ["", "{}", "{\"executionId\":null,\"filter\":null}", "{\"filter\":{\"region\":[],\"severity\":null}}"]
    {
        let reply = server
            .post(&chief(), "/xdr/get-report", "application/json; charset=utf-8", body.to_owned())
            .await;
        let told = reply.json();
        assert_eq!((told["executionId"].as_str(), count(&told)), (Some("3"), 4), "{body}");
    }
    let tuesday = asked(&server, &json!({ "executionId": "tuesday" })).await;
    assert_eq!((tuesday["executionId"].as_str(), count(&tuesday)), (Some("2"), 50));
    insta::assert_json_snapshot!(
        "report",
        tuesday["data"].as_array().unwrap().iter().find(|it| it["resourceName"] == "logs")
    );
    // what was mended on Tuesday had not passed on Monday
    let site = |told: Value| {
        let of_site = |it: &&Value| it["resourceName"] == "site" && it["testName"] == PLAIN_HTTP;
        told["data"].as_array().unwrap().iter().find(of_site).unwrap()["passed"].clone()
    };
    assert_eq!(site(tuesday), true);
    assert_eq!(site(asked(&server, &json!({ "executionId": "1" })).await), false);
}

#[tokio::test]
async fn each_filter_takes_its_part() {
    let server = Server::new();
    let framework = asked(&server, &json!({ "executionId": "2" })).await;
    let framework = framework["data"][0]["complianceFrameworks"][0].as_str().unwrap().to_owned();
    for (filter, expected) in [
        (json!({ "region": "eu-central-1" }), 50),
        (json!({ "region": ["us-east-1"] }), 0),
        (json!({ "account": [OURS] }), 46),
        (json!({ "complianceFramework": framework }), 50),
        (json!({ "complianceFramework": ["no such"] }), 0),
        (json!({ "provider": "AWS" }), 50),
        (json!({ "provider": "gcp" }), 0),
        (json!({ "service": ["s3"] }), 50),
        (json!({ "testName": [PLAIN_HTTP] }), 25),
        (json!({ "result": "Passed" }), 23),
        (json!({ "result": ["Failed"] }), 27),
        (json!({ "result": ["Passed", "Failed"] }), 50),
        (json!({ "severity": [3.0] }), 25),
        (json!({ "severity": 4 }), 0),
        (json!({ "active": "Enabled" }), 50),
        (json!({ "active": "Disabled" }), 0),
        (json!({ "region": "", "account": null, "severity": [] }), 50),
    ] {
        let told = asked(&server, &json!({ "executionId": "2", "filter": filter })).await;
        assert_eq!(count(&told), expected, "{filter}");
    }
}

#[tokio::test]
async fn wrong_input_is_told() {
    let server = Server::new();
    for (body, status) in [
        ("{", 400),
        ("[]", 400),
        ("{\"execution\":1}", 400),
        ("{\"filter\":[]}", 400),
        ("{\"filter\":{\"result\":\"Maybe\"}}", 400),
        ("{\"filter\":{\"severity\":[5]}}", 400),
        ("{\"filter\":{\"regions\":[]}}", 400),
        ("{\"executionId\":\"none\"}", 404),
    ] {
        let reply = server.post(&chief(), "/xdr/get-report", "application/json", body).await;
        assert_eq!((reply.status.as_u16(), reply.kind()), (status, "application/problem+json"), "{body}");
    }
    assert_eq!(server.post(&chief(), "/xdr/get-report", "text/plain", "{}").await.status, 415);
    assert_eq!(
        server.post(&chief(), "/xdr/get-report", "application/json", vec![b' '; 1 << 17]).await.status,
        413
    );
}

#[tokio::test]
async fn accounts_of_others_are_in_no_report() {
    let server = Server::new();
    let viewer = limited(Level::Read);
    let reply = server.post(&viewer, "/xdr/get-report", "application/json", "").await;
    let told = reply.json();
    assert_eq!((told["executionId"].as_str(), count(&told)), (Some("2"), 46));
    assert!(!reply.text().contains("hidden"));
    for run in ["3", "hidden-run"] {
        let body = json!({ "executionId": run }).to_string();
        assert_eq!(server.post(&viewer, "/xdr/get-report", "application/json", body).await.status, 404);
    }
}
