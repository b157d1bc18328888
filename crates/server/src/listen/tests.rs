//! Real connections.

use super::*;
use crate::listen::accept::{Limits, Services, accept};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// A server that answers with a text, or slowly with a large one.
async fn served(limits: Limits) -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let large = || async { "x".repeat(64 * 1024 * 1024) };
    let slow = || async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        "slow"
    };
    let router = axum::Router::new()
        .route("/", axum::routing::get(|| async { "quick" }))
        .route("/slow", axum::routing::get(slow))
        .route("/large", axum::routing::get(large));
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(async move {
        accept(listener, None, Services { console: router.clone(), agents: router }, limits, async move {
            drop(stopped.await);
        })
        .await;
    });
    (address, stop, task)
}

fn quick() -> Limits {
    let short = Duration::from_millis(200);
    Limits { head: short, write: short, stop: Duration::from_secs(2), ..Limits::default() }
}

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// By then a connection must have ended; far longer than it should take.
const BOUND: Duration = Duration::from_secs(20);

#[tokio::test]
async fn whoever_does_not_say_what_they_want_is_cut_off() {
    let (address, _stop, _task) = served(quick()).await;
    for beginning in ["", "GET / HT", "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "] {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(beginning.as_bytes()).await.unwrap();
        let mut told = Vec::new();
        let ended = tokio::time::timeout(BOUND, client.read_to_end(&mut told)).await;
        assert!(ended.is_ok(), "`{beginning}` holds a connection for ever");
    }
    // drop by drop does not help
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    let dripping = async {
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            if client.write_all(b"X: y\r\n").await.is_err() {
                return;
            }
        }
    };
    tokio::time::timeout(BOUND, dripping).await.unwrap();
}

#[tokio::test]
async fn whoever_does_not_read_the_answer_is_cut_off() {
    let (address, stop, task) = served(Limits { stop: BOUND, ..quick() }).await;
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut first = [0; 16];
    client.read_exact(&mut first).await.unwrap();
    drop(stop);
    // the server stops as soon as it has given the connection up
    let stopped = tokio::time::timeout(BOUND / 2, task).await;
    assert!(stopped.is_ok(), "a client that does not read holds the server");
}

#[tokio::test]
async fn heads_that_are_too_large_are_refused() {
    let (address, _stop, _task) = served(quick()).await;
    for head in [
        format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "x".repeat(100_000)),
        format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "X: y\r\n".repeat(100)),
    ] {
        let mut client = TcpStream::connect(address).await.unwrap();
        // the server may answer and close before all is sent
        let _ = client.write_all(head.as_bytes()).await;
        let mut told = Vec::new();
        let _ = tokio::time::timeout(BOUND, client.read_to_end(&mut told)).await.unwrap();
        let told = String::from_utf8_lossy(&told);
        assert!(!told.contains(" 200 ") && !told.contains("quick"), "{told}");
    }
}

#[tokio::test]
async fn connections_beyond_the_bound_wait_and_are_answered_later() {
    let (address, _stop, _task) = served(Limits { connections: 2, ..quick() }).await;
    let _idle = (TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap());
    let mut third = TcpStream::connect(address).await.unwrap();
    third.write_all(GET).await.unwrap();
    let mut told = [0; 15];
    tokio::time::timeout(BOUND, third.read_exact(&mut told)).await.unwrap().unwrap();
    assert_eq!(&told, b"HTTP/1.1 200 OK");
}

#[tokio::test]
async fn a_server_that_stops_finishes_what_it_answers() {
    let limits = Limits { head: Duration::from_secs(5), ..quick() };
    let (address, stop, task) = served(limits).await;
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(stop);
    let mut told = Vec::new();
    tokio::time::timeout(BOUND, client.read_to_end(&mut told)).await.unwrap().unwrap();
    assert!(String::from_utf8(told).unwrap().ends_with("slow"));
    tokio::time::timeout(BOUND, task).await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

/// A certificate for `localhost` that nobody else trusts, valid for a hundred years.
fn certificate() -> TlsFiles {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/listen/testing");
    TlsFiles { certificate: folder.join("certificate.pem"), key: folder.join("key.pem") }
}

fn options(tls: Option<TlsFiles>) -> ServeOptions {
    let address = "127.0.0.1:0".parse().unwrap();
    let listen = ListenOptions { address, tls, allow_plain: false, public_names: Vec::new() };
    ServeOptions { listen, access: Access::People }
}

fn console(folder: &tempfile::TempDir) -> Console {
    let store = stance_store::Store::open(&stance_store::Address::File(folder.path().join("stance.db")));
    let catalog = stance_catalog::Catalog::built_in().unwrap();
    Console::new(store.unwrap(), catalog, || chrono::DateTime::from_timestamp(1_790_000_000, 0).unwrap())
}

#[tokio::test]
async fn over_tls_the_first_link_leads_to_its_page() {
    use rustls::pki_types::pem::PemObject;
    let folder = tempfile::tempdir().unwrap();
    let files = certificate();
    let server = Server::bind(console(&folder), &options(Some(files.clone()))).await.unwrap();
    let link = server.administrator_link().await.unwrap().unwrap();
    let path = link.strip_prefix(server.url()).unwrap().to_owned();
    assert!(server.url().starts_with("https://") && path.starts_with("/welcome/"), "{link}");
    let address = server.address();
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(server.run(async move { drop(stopped.await) }));

    let mut roots = rustls::RootCertStore::empty();
    roots.add(rustls::pki_types::CertificateDer::from_pem_file(&files.certificate).unwrap()).unwrap();
    let config = rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(config));
    let stream = TcpStream::connect(address).await.unwrap();
    let mut stream = connector.connect("localhost".try_into().unwrap(), stream).await.unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n", address.port());
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut told = String::new();
    stream.read_to_string(&mut told).await.unwrap();
    assert!(told.starts_with("HTTP/1.1 200") && told.contains("Become an administrator"), "{told}");
    assert!(told.contains("__Host-stance="), "{told}");

    // whoever speaks plainly is not answered
    let mut plain = TcpStream::connect(address).await.unwrap();
    plain.write_all(GET).await.unwrap();
    let mut told = Vec::new();
    let _ = tokio::time::timeout(BOUND, plain.read_to_end(&mut told)).await.unwrap();
    assert!(!String::from_utf8_lossy(&told).contains("HTTP/1.1"));
    drop(stop);
    tokio::time::timeout(BOUND, task).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_certificate_or_key_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.pem");
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let good = certificate();
    for (certificate, key, named) in [
        (&missing, &good.key, &missing),
        (&empty, &good.key, &empty),
        (&good.certificate, &missing, &missing),
        (&good.certificate, &good.certificate, &good.certificate),
    ] {
        let files = TlsFiles { certificate: certificate.clone(), key: key.clone() };
        let refused = Server::bind(console(&folder), &options(Some(files))).await.err().unwrap();
        assert!(refused.to_string().contains(&named.display().to_string()), "{refused}");
    }
}
