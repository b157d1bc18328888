//! Receivers that others wrote.

use super::support::doubles::{Ending, PATIENCE, double, python};
use super::support::{json, run};
use super::{findings, scan};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Waits until the condition holds.
fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn start(command: &mut Command, port: u16) -> Ending {
    let started = Ending(command.stdin(Stdio::null()).spawn().unwrap());
    until("the double does not answer", || TcpStream::connect(("127.0.0.1", port)).is_ok());
    started
}

/// Starts a double that prints its port.
pub fn announced(command: &mut Command) -> (Ending, u16) {
    let mut started = Ending(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut line = String::new();
    BufReader::new(started.0.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let port = u16::try_from(json(&line)["port"].as_u64().unwrap()).unwrap();
    (started, port)
}

/// A program that a package of the doubles' environment brings along.
fn packaged(path: &str) -> PathBuf {
    let packages = python().parent().unwrap().join("../lib").read_dir().unwrap();
    let found =
        packages.map(|entry| entry.unwrap().path().join("site-packages").join(path)).find(|it| it.exists());
    found.unwrap_or_else(|| panic!("`{path}` is not installed"))
}

/// What a server answers to a request without TLS.
fn ask(port: u16, method: &str, path: &str, body: &str) -> serde_json::Value {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    json(answer.split_once("\r\n\r\n").unwrap().1)
}

#[test]
fn a_search_server_has_each_finding_once_though_it_is_sent_twice() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let program = packaged("osmem_server/bin/osmem-server");
    let _server = start(
        Command::new(program)
            .args(["--no-stdin-watch", "--addr", &format!("127.0.0.1:{port}")])
            .stdout(Stdio::null())
            .stderr(Stdio::null()),
        port,
    );
    let sinks =
        [format!("type: opensearch, url: \"http://127.0.0.1:{port}\", namespace: acme, batch_documents: 7")];
    // a copy of the spool as it was before anything was acknowledged, as after an end at the worst moment
    let nowhere = [format!(
        "type: opensearch, url: \"http://127.0.0.1:{}\", namespace: acme, attempts: 1",
        free_port()
    )];
    assert_eq!(run(&mut scan(folder.path(), &nowhere)).status, 5);
    let spool = folder.path().join("stance/sinks/opensearch");
    let kept: Vec<(PathBuf, Vec<u8>)> = spool
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), std::fs::read(&path).unwrap()))
        .collect();
    let expected = findings(folder.path());
    let ended = run(&mut scan(folder.path(), &sinks));
    assert_eq!(ended.status, 3, "{}", ended.err);
    for (path, bytes) in kept {
        std::fs::write(path, bytes).unwrap();
    }
    let ended = run(&mut scan(folder.path(), &sinks));
    assert_eq!(ended.status, 3, "{}", ended.err);

    let index = "/logs-cloud_security_posture.findings-acme";
    ask(port, "POST", &format!("{index}/_refresh"), "");
    // three runs, and the first one's batches were sent twice
    assert_eq!(ask(port, "GET", &format!("{index}/_count"), "")["count"], 3 * expected);
    let query = r#"{"size":1,"query":{"term":{"result.evaluation.keyword":"failed"}}}"#;
    let found = ask(port, "POST", &format!("{index}/_search"), query);
    assert_eq!(found["hits"]["hits"][0]["_source"]["event"]["outcome"], "failure", "{found}");
    let scores = ask(port, "GET", "/logs-cloud_security_posture.scores-acme/_count", "");
    assert_eq!(scores["count"], 3);
}

#[test]
fn a_collector_of_opentelemetry_takes_every_record() {
    let folder = tempfile::tempdir().unwrap();
    let (http, grpc) = (free_port(), free_port());
    let log = folder.path().join("rotel.log");
    let _collector = start(
        Command::new(packaged("rotel/rotel-agent"))
            .args([
                "start",
                "--exporter",
                "blackhole",
                "--debug-log",
                "logs",
                "--debug-log-verbosity",
                "detailed",
            ])
            .args(["--otlp-http-endpoint", &format!("127.0.0.1:{http}")])
            .args(["--otlp-grpc-endpoint", &format!("127.0.0.1:{grpc}")])
            .stdout(File::create(&log).unwrap())
            .stderr(Stdio::null()),
        http,
    );
    let ended =
        run(&mut scan(folder.path(), &[format!("type: otlp, endpoint: \"http://127.0.0.1:{http}\"")]));
    assert_eq!(ended.status, 3, "{}", ended.err);
    let expected = findings(folder.path());
    let ids = || {
        let text = std::fs::read_to_string(&log).unwrap();
        let ids = text.lines().filter_map(|line| line.trim().strip_prefix("-> stance.document.id: "));
        ids.map(str::to_owned).collect::<BTreeSet<_>>().len()
    };
    until("not every record arrives", || ids() == expected);
    assert!(std::fs::read_to_string(&log).unwrap().contains("SEVERITY_NUMBER_ERROR(17)"));
}

#[test]
fn a_webhook_can_be_verified_in_another_language() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let database = folder.path().join("captures.db");
    let _server = start(
        Command::new(python().with_file_name("webhook-replay"))
            .arg("--db")
            .arg(&database)
            .args(["serve", "--port", &port.to_string()])
            .stdout(Stdio::null()),
        port,
    );
    let sink = format!(
        "type: webhook, url: \"http://127.0.0.1:{port}/hook\", secret: s3cret, form: ocsf, batch_documents: 9"
    );
    let ended = run(&mut scan(folder.path(), &[sink]));
    assert_eq!(ended.status, 3, "{}", ended.err);
    let verified = double("verify_webhooks.py").arg(&database).arg("s3cret").output().unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    let ids: Vec<String> = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), findings(folder.path()));
}

fn mail(server: &str, port: u16, folder: &Path, password: &str) -> String {
    format!(
        "type: email, server: {server}, port: {port}, ca_file: \"{}\", username: stance, password: {password}, from: stance@example.org, to: [ada@example.org], attempts: 1, timeout: 3s",
        folder.join("ca.pem").display()
    )
}

#[test]
fn a_mail_server_gets_one_digest_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let mails = tempfile::tempdir().unwrap();
    let (_server, port) = announced(double("mail.py").arg(mails.path()));

    // a name that the certificate does not bear, and a wrong password
    for sink in [
        mail("127.0.0.1", port, mails.path(), "smtp-never-shown"),
        mail("localhost", port, mails.path(), "wr0ng"),
    ] {
        let ended = run(&mut scan(folder.path(), &[sink]));
        assert_eq!(ended.status, 5, "{}", ended.err);
        assert!(!ended.err.contains("never-shown") && !ended.err.contains("wr0ng"), "{}", ended.err);
    }
    assert!(!mails.path().join("1.eml").exists());

    let ended = run(&mut scan(folder.path(), &[mail("localhost", port, mails.path(), "smtp-never-shown")]));
    assert_eq!(ended.status, 3, "{}", ended.err);
    // those of the two runs before come first
    let message = std::fs::read_to_string(mails.path().join("3.eml")).unwrap();
    assert!(message.contains("failing in account 123456789012"), "{message}");
    assert!(message.contains("Message-ID: <digest-"), "{message}");
    assert!(!mails.path().join("4.eml").exists());
}
