//! Runs that are sent.

use crate::estate::{OURS, THEIRS, bundle, day};
use crate::server::{Server, chief, limited};
use axum::body::Body;
use axum::http::Request;
use stance_model::VerdictStatus::{Fail, Pass};
use stance_server::{Level, RUN_MEDIA_TYPE, RUN_NAME};

async fn failed(server: &Server) -> u64 {
    let overview = server.get(&chief(), "/api/v1/overview").await.json();
    overview["posture"]["findings"]["failed"].as_u64().unwrap()
}

#[tokio::test]
async fn a_run_is_taken_once_whole_or_not_at_all() {
    let server = Server::new();
    let before = failed(&server).await;
    let sent = bundle(&[(OURS, "shop", &[("logs", [Fail, Pass]), ("new", [Fail, Fail])])], day(2));
    for length in (0..sent.len()).step_by(41) {
        let reply = server
            .post(&chief(), "/api/v1/runs?name=wednesday", RUN_MEDIA_TYPE, sent[..length].to_vec())
            .await;
        assert_eq!(reply.status, 400, "{}", reply.text());
        assert!(reply.text().contains("nothing was changed"), "{}", reply.text());
    }
    assert_eq!(server.get(&chief(), "/api/v1/runs/wednesday").await.status, 404);
    assert_eq!(failed(&server).await, before);

    let first = server.post(&chief(), "/api/v1/runs?name=wednesday", RUN_MEDIA_TYPE, sent.clone()).await;
    assert_eq!(first.status, 201, "{}", first.text());
    assert_eq!(first.headers["location"], "/api/v1/runs/4");
    assert_eq!((&first.json()["name"], &first.json()["accounts"]), (&"wednesday".into(), &1.into()));
    let after = failed(&server).await;
    assert_ne!(after, before);

    // the same name again: the first outcome, whatever is sent, told by the header too
    let other = bundle(&[(OURS, "shop", &[])], day(3));
    let again = Request::post("/api/v1/runs")
        .header(RUN_NAME, "wednesday")
        .header("content-type", RUN_MEDIA_TYPE)
        .body(Body::from(other))
        .unwrap();
    let second = server.ask(Some(&chief()), again).await;
    assert_eq!((second.status.as_u16(), second.json()), (200, first.json()));
    assert_eq!(failed(&server).await, after);
}

#[tokio::test]
async fn what_is_no_run_is_refused() {
    let server = Server::new();
    let sent = || bundle(&[(OURS, "shop", &[])], day(2));
    let send =
        |address: &'static str, kind: &'static str, body: Vec<u8>| server_post(&server, address, kind, body);
    assert_eq!(send("/api/v1/runs?name=a", "application/json", sent()).await, 415);
    assert_eq!(send("/api/v1/runs", RUN_MEDIA_TYPE, sent()).await, 400);
    assert_eq!(send("/api/v1/runs?name=%20", RUN_MEDIA_TYPE, sent()).await, 400);
    assert_eq!(send("/api/v1/runs?name=a%0d%0ab", RUN_MEDIA_TYPE, sent()).await, 400);
    assert_eq!(send("/api/v1/runs?name=a", RUN_MEDIA_TYPE, b"hello".to_vec()).await, 400);
    assert_eq!(send("/api/v1/runs?name=a", RUN_MEDIA_TYPE, vec![0; (1 << 20) + 1]).await, 413);
    let unnamed = Request::post("/api/v1/runs?name=a")
        .header(RUN_NAME, "b")
        .header("content-type", RUN_MEDIA_TYPE)
        .body(Body::from(sent()))
        .unwrap();
    assert_eq!(server.ask(Some(&chief()), unnamed).await.status, 400);
    assert_eq!(server.get(&chief(), "/api/v1/runs").await.json()["runs"].as_array().unwrap().len(), 3);
}

async fn server_post(server: &Server, address: &str, kind: &str, body: Vec<u8>) -> u16 {
    server.post(&chief(), address, kind, body).await.status.as_u16()
}

#[tokio::test]
async fn a_body_without_a_told_length_is_measured_while_it_comes() {
    let server = Server::new();
    let parts = futures_util::stream::iter((0..40).map(|_| Ok::<_, std::io::Error>(vec![7_u8; 1 << 16])));
    let reply = server.post(&chief(), "/api/v1/runs?name=a", RUN_MEDIA_TYPE, Body::from_stream(parts)).await;
    assert_eq!(reply.status, 413);
    let broken = futures_util::stream::iter([Ok(vec![0x1f_u8]), Err(std::io::Error::other("gone"))]);
    let reply = server.post(&chief(), "/api/v1/runs?name=a", RUN_MEDIA_TYPE, Body::from_stream(broken)).await;
    assert_eq!(reply.status, 400);
}

#[tokio::test]
async fn a_run_about_an_account_of_others_is_refused_whole() {
    let server = Server::new();
    let viewer = limited(Level::Manage);
    let both = bundle(&[(OURS, "shop", &[]), (THEIRS, "x", &[])], day(2));
    let reply = server.post(&viewer, "/api/v1/runs?name=mine", RUN_MEDIA_TYPE, both).await;
    assert_eq!(reply.status, 403, "{}", reply.text());
    assert_eq!(server.get(&chief(), "/api/v1/runs/mine").await.status, 404);
    let own = bundle(&[(OURS, "shop", &[("logs", [Pass, Pass])])], day(2));
    assert_eq!(server.post(&viewer, "/api/v1/runs?name=mine", RUN_MEDIA_TYPE, own.clone()).await.status, 201);
    assert_eq!(server.post(&viewer, "/api/v1/runs?name=mine", RUN_MEDIA_TYPE, own.clone()).await.status, 200);
    // a name of others is refused without a word about what it was
    let reply = server.post(&viewer, "/api/v1/runs?name=hidden-run", RUN_MEDIA_TYPE, own).await;
    assert_eq!(reply.status, 409);
}
