//! What tells of the server's health.

use crate::server::{Server, chief, limited};
use axum::body::Body;
use axum::http::Request;
use stance_server::Level;
use std::io::Write;
use std::sync::{Arc, Mutex};

#[tokio::test]
async fn whoever_watches_is_told_that_it_lives_and_is_ready() {
    let server = Server::new();
    for (address, text) in [("/healthz", "alive\n"), ("/readyz", "ready\n")] {
        // by whoever asks, under whatever name: probes know an address only
        let request = Request::get(address).header("host", "10.0.0.7:8300").body(Body::empty()).unwrap();
        let reply = server.ask(None, request).await;
        assert_eq!((reply.status.as_u16(), reply.text()), (200, text));
    }
}

#[tokio::test]
async fn metrics_count_requests_by_route_and_findings_by_standing() {
    let server = Server::new();
    server.get(&chief(), "/api/v1/findings?q=secret-word").await;
    server.get(&chief(), "/api/v1/findings?limit=0").await;
    server.get(&chief(), "/api/v1/rules/aws-s3-bucket-is-versioned").await;
    server.get(&chief(), "/no/such/page").await;
    let reply = server.get(&chief(), "/metrics").await;
    assert_eq!(reply.kind(), "text/plain; version=0.0.4; charset=utf-8");
    let text = reply.text();
    assert!(!text.contains("secret-word") && !text.contains("no/such/page"), "{text}");
    let is_steady = |line: &&str| {
        !line.contains("_sum{") && !line.contains("le=\"0.") && !line.starts_with("stance_store_bytes ")
    };
    insta::assert_snapshot!("metrics", text.lines().filter(is_steady).collect::<Vec<_>>().join("\n"));
}

#[tokio::test]
async fn numbers_about_all_accounts_are_not_for_who_may_see_some() {
    let server = Server::new();
    let reply = server.get(&limited(Level::Manage), "/metrics").await;
    assert_eq!((reply.status.as_u16(), reply.kind()), (403, "application/problem+json"));
    let request = Request::get("/metrics").body(Body::empty()).unwrap();
    assert_eq!(server.ask(None, request).await.status, 401);
}

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_has_a_line_for_each_request_and_nothing_of_its_query() {
    let server = Server::new();
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    server.get(&chief(), "/api/v1/runs/secret-name?limit=secret-word").await;
    server.get(&chief(), "/findings?q=secret-word").await;
    drop(guard);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("request method")).collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].contains("route=\"/api/v1/runs/{run}\" status=400 milliseconds="), "{text}");
    assert!(lines[1].contains("route=\"/findings\" status=200"), "{text}");
    assert!(lines.iter().all(|line| line.contains("viewer=\"chief\"")), "{text}");
    assert!(!text.contains("secret"), "{text}");
}
