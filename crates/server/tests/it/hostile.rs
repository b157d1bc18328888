//! Requests that nobody should send.

use crate::server::{Server, chief};
use axum::body::Body;
use axum::http::{Request, Uri};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use stance_server::RUN_MEDIA_TYPE;

const NAMES: [&str; 22] = [
    "status",
    "severity",
    "provider",
    "account",
    "unit",
    "region",
    "service",
    "type",
    "rule",
    "category",
    "benchmark",
    "control",
    "q",
    "tag",
    "resource",
    "first_seen",
    "since",
    "sort",
    "limit",
    "cursor",
    "group",
    "name",
];
const PATHS: [&str; 16] = [
    "/api/v1/findings",
    "/api/v1/findings/",
    "/api/v1/groups",
    "/api/v1/assets",
    "/api/v1/assets/",
    "/api/v1/accounts",
    "/api/v1/benchmarks",
    "/api/v1/benchmarks/",
    "/api/v1/rules",
    "/api/v1/rules/",
    "/api/v1/runs",
    "/api/v1/runs/",
    "/api/v1/trend",
    "/findings.csv",
    "/findings.json",
    "/api/",
];

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,24}",
        "[0-9]{1,25}d?",
        "-?[0-9]{1,20}",
        Just("failed,unknown".to_owned()),
        Just("b29wcw".to_owned()),
        "[A-Za-z0-9_-]{0,20}",
        Just("2026-09-21T00:00:00+02:00".to_owned()),
        Just("' OR 1=1 --".to_owned()),
        Just("../../etc/passwd".to_owned()),
        "\\PC{0,8}[\u{202e}\u{0}\n\"*:&|!()<>%]{0,6}",
    ]
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap().block_on(work)
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

#[test]
fn no_query_makes_the_server_fail_and_every_refusal_says_why() {
    let server = Server::new();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(400));
    let pairs = prop::collection::vec((prop::sample::select(NAMES.to_vec()), value()), 0..4);
    runner
        .run(&(prop::sample::select(PATHS.to_vec()), value(), pairs), |(path, part, pairs)| {
            let part = if path.ends_with('/') { encoded(&part) } else { String::new() };
            let query: Vec<String> =
                pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
            let address = format!("{path}{part}?{}", query.join("&"));
            prop_assume!(address.parse::<Uri>().is_ok());
            let reply = run(server.get(&chief(), &address));
            prop_assert!(!reply.status.is_server_error(), "{}: {}", address, reply.text());
            if reply.status.is_client_error() && address.starts_with("/api/v1/") && !part.is_empty() {
                prop_assert_eq!(reply.kind(), "application/problem+json", "{}", address);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn no_body_makes_the_server_fail() {
    let server = Server::new();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(150));
    let bytes = prop::collection::vec(any::<u8>(), 0..300);
    let json = "\\{\"(filter|executionId|x)\":(null|1|\"\\PC{0,9}\"|\\[\\]|\\{\"(region|severity|result)\":(1|\"a\"|\\[1,9\\]|null)\\})\\}";
    runner
        .run(&(bytes, json, value()), |(bytes, json, name)| {
            let report = run(server.post(&chief(), "/xdr/get-report", "application/json", json.clone()));
            prop_assert!(!report.status.is_server_error(), "{}", json);
            let report = run(server.post(&chief(), "/xdr/get-report", "application/json", bytes.clone()));
            prop_assert!(!report.status.is_server_error());
            let address = format!("/api/v1/runs?name={}", encoded(&name));
            let pushed = run(server.post(&chief(), &address, RUN_MEDIA_TYPE, bytes));
            prop_assert!(pushed.status.is_client_error(), "{}", pushed.status);
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn raw_bytes_in_an_address_are_refused() {
    let server = Server::new();
    for address in [
        "/api/v1/rules/%ff",
        "/api/v1/findings/%00",
        "/api/v1/assets/1e9",
        "/api/v1/assets/99999999999999999999",
    ] {
        let reply = server.get(&chief(), address).await;
        assert_eq!((reply.status.as_u16(), reply.kind()), (400, "application/problem+json"), "{address}");
    }
    let request = Request::builder().method("BREW").uri("/api/v1/findings").body(Body::empty()).unwrap();
    assert_eq!(server.ask(Some(&chief()), request).await.status, 405);
}
