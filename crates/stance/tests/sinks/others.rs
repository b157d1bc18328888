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

#[test]
fn a_jira_has_an_issue_for_each_rule_that_fails_until_it_is_mended() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let _server = start(
        Command::new(python().with_file_name("jira820"))
            .env("JIRA820_HOST", "127.0.0.1")
            .env("JIRA820_PORT", port.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null()),
        port,
    );
    let sink = |filter: &str| {
        [format!(
            "type: jira, url: \"http://127.0.0.1:{port}\", project: JIRA820, access_token: pat, filter: {{ {filter} }}"
        )]
    };
    let open = || {
        let query = "labels%20%3D%20%22stance%22%20AND%20statusCategory%20%21%3D%20Done";
        let path = format!("/rest/api/2/search?jql={query}&fields=summary,labels,updated&maxResults=100");
        ask(port, "GET", &path, "")["issues"].as_array().unwrap().clone()
    };
    let deliver = |filter: &str| {
        let ended = run(&mut scan(folder.path(), &sink(filter)));
        assert_eq!(ended.status, 3, "{}", ended.err);
    };
    deliver("severity: info");
    let report = json(&std::fs::read_to_string(folder.path().join("report.json")).unwrap());
    let failing: BTreeSet<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["status"] == "fail" && finding["exception"].is_null())
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    let first = open();
    assert_eq!(first.len(), failing.len());
    // what says it already is left alone
    deliver("severity: info");
    assert_eq!(open(), first);
    // what no longer passes the filter counts as mended
    deliver("rules: [none]");
    assert_eq!(open().len(), 0);
}

/// A mock AWS of its own, to which results go; the one that is scanned stays as it is.
fn receiving_aws() -> (Ending, u16) {
    let port = free_port();
    let mut server = Command::new(python().with_file_name("moto_server"));
    server.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
    (start(&mut server, port), port)
}

/// What AWS's own command line tells of it.
fn aws(port: u16, arguments: &[&str]) -> Vec<u8> {
    let told = Command::new(python().with_file_name("aws"))
        .args([
            "--endpoint-url",
            &format!("http://127.0.0.1:{port}"),
            "--region",
            "eu-west-1",
            "--output",
            "json",
        ])
        .args(arguments)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .output()
        .unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    told.stdout
}

#[test]
fn a_security_hub_has_each_finding_once_and_those_that_hold_archived() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, port) = receiving_aws();
    aws(port, &["securityhub", "enable-security-hub"]);
    let sink = format!("type: security-hub, region: eu-west-1, endpoint_url: \"http://127.0.0.1:{port}\"");
    // as whoever signs in, and by a role of each account
    for sink in [sink.clone(), format!("{sink}, iam_role: stance-delivery")] {
        let ended = run(&mut scan(folder.path(), &[sink]));
        assert_eq!(ended.status, 3, "{}", ended.err);
    }
    let told: serde_json::Value =
        serde_json::from_slice(&aws(port, &["securityhub", "get-findings"])).unwrap();
    let told = told["Findings"].as_array().unwrap();
    assert_eq!(told.len(), findings(folder.path()));
    for finding in told {
        let is_open = ["FAILED", "WARNING"].contains(&finding["Compliance"]["Status"].as_str().unwrap());
        assert_eq!(finding["RecordState"], if is_open { "ACTIVE" } else { "ARCHIVED" }, "{finding}");
        assert_eq!(
            finding["ProductArn"],
            "arn:aws:securityhub:eu-west-1:123456789012:product/123456789012/default"
        );
    }
}

#[test]
fn a_bucket_has_the_lines_of_each_run_once_though_they_are_put_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, port) = receiving_aws();
    aws(port, &["s3", "mb", "s3://example-findings"]);
    let sink = |port: u16| {
        [format!(
            "type: s3, bucket: example-findings, prefix: lake, region: eu-west-1, form: ocsf, encryption: aes256, endpoint_url: \"http://127.0.0.1:{port}\", attempts: 1"
        )]
    };
    assert_eq!(run(&mut scan(folder.path(), &sink(free_port()))).status, 5);
    let spool = folder.path().join("stance/sinks/s3");
    let kept: Vec<(PathBuf, Vec<u8>)> = spool
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), std::fs::read(&path).unwrap()))
        .collect();
    for _ in 0..2 {
        let ended = run(&mut scan(folder.path(), &sink(port)));
        assert_eq!(ended.status, 3, "{}", ended.err);
        // as after an end at the worst moment
        for (path, bytes) in &kept {
            std::fs::write(path, bytes).unwrap();
        }
    }
    let copy = folder.path().join("copy");
    aws(port, &["s3", "cp", "--recursive", "s3://example-findings", copy.to_str().unwrap()]);
    let below = copy.join("lake/region=eu-west-1/accountId=123456789012");
    let days: Vec<PathBuf> = below.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(days.iter().all(|day| day.file_name().unwrap().to_str().unwrap().starts_with("eventDay=20")));
    let objects: Vec<PathBuf> =
        days.iter().flat_map(|day| day.read_dir().unwrap()).map(|entry| entry.unwrap().path()).collect();
    // one for each of the three runs
    assert_eq!(objects.len(), 3);
    let unzip = Command::new("gzip").arg("-dc").args(&objects).output().unwrap();
    let text = String::from_utf8(unzip.stdout).unwrap();
    let ids: BTreeSet<String> =
        text.lines().map(|line| json(line)["metadata"]["uid"].as_str().unwrap().to_owned()).collect();
    assert_eq!((ids.len(), text.lines().count()), (3 * findings(folder.path()), ids.len()));
}
