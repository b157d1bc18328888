//! Results that are kept: `--database`, `stance store`, and the demo's console.

// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use chrono::Utc;
use stance_model::Standing;
use stance_store::{Accounts, Actor, Address, Author, RunState, Store};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use support::{json, run, stance};

/// A scan of the mock AWS by one rule.
fn scan(database: &Path) -> Command {
    let mut scan = stance();
    scan.env(
        "AWS_ENDPOINT_URL",
        std::env::var("STANCE_TEST_AWS").expect("run the tests by `cargo xtask test`"),
    )
    .env("AWS_ACCESS_KEY_ID", "test")
    .env("AWS_SECRET_ACCESS_KEY", "test")
    .args(["scan", "aws", "--region", "eu-central-1", "--rule", "aws-s3-bucket-denies-plain-http"])
    .args(["--format", "json", "--database"])
    .arg(database);
    scan
}

#[test]
fn a_scan_is_kept_with_its_history_saved_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("stance.db");
    let first = run(&mut scan(&database));
    assert_eq!(first.status, 3, "{}", first.err);
    let second = run(&mut scan(&database));
    assert_eq!(second.status, 3, "{}", second.err);
    let report = json(&second.out);
    let failing = report["findings"].as_array().unwrap().iter().filter(|finding| finding["status"] == "fail");
    let store = Store::open(&Address::File(database.clone())).unwrap();
    let census = store.census().unwrap();
    let kept = census.score(|cell| cell.standing == Standing::Failing);
    assert_eq!(kept.verdicts.failed, failing.count() as u64);
    let runs = store.runs(None, 10).unwrap();
    assert_eq!(runs.iter().map(|run| run.state).collect::<Vec<_>>(), [RunState::Done, RunState::Done]);
    assert_eq!((runs[0].opened, runs[1].opened), (0, kept.verdicts.failed));

    let copy = folder.path().join("copy.db");
    let saved = run(stance().args(["store", "backup", "--database"]).arg(&database).arg(&copy));
    assert_eq!(saved.status, 0, "{}", saved.err);
    let again = run(stance().args(["store", "backup", "--database"]).arg(&database).arg(&copy));
    assert_eq!(again.status, 1, "a copy that is there is not replaced");
    let checked = run(stance().args(["store", "check", "--database"]).arg(&copy));
    assert_eq!((checked.status, checked.out.trim()), (0, "the store is whole"));
}

/// Somebody who makes exceptions and switches rules.
fn ada() -> Actor {
    Actor { name: "ada".into(), address: "::1".into() }
}

#[test]
fn a_scan_that_is_kept_honours_the_exceptions_of_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("stance.db");
    assert_eq!(run(&mut scan(&database)).status, 3);
    let store = Store::open(&Address::File(database.clone())).unwrap();
    let failing = || store.census().unwrap().score(|_| true).verdicts.failed;
    let before = failing();
    let mine = |accounts| Author { actor: ada(), accounts };
    // by Prowler's name, which the first scan told the store; and one of a limited person, about no account of theirs
    let accepted = json(
        r#"{"rule": "s3_bucket_secure_transport_policy", "resource": "acme-website", "reason": "r", "owner": "o"}"#,
    );
    let accepted = serde_json::from_value(accepted).unwrap();
    store.make_exception(&accepted, &mine(Accounts::All), Utc::now()).unwrap();
    let nobody = mine(Accounts::Only(["999999999999".into()].into()));
    let everything =
        serde_json::from_value(json(r#"{"resource": "acme-*", "reason": "r", "owner": "o"}"#)).unwrap();
    store.make_exception(&everything, &nobody, Utc::now()).unwrap();
    assert_eq!(failing(), before - 1);
    let scanned = run(&mut scan(&database));
    let report = json(&scanned.out);
    let excepted: Vec<_> =
        report["findings"].as_array().unwrap().iter().filter(|it| !it["exception"].is_null()).collect();
    assert_eq!(excepted.len(), 1, "{}", scanned.err);
    assert_eq!(excepted[0]["resource"]["name"], "acme-website");
    assert_eq!(failing(), before - 1);
    let runs = store.runs(None, 1).unwrap();
    assert_eq!((runs[0].opened, runs[0].resolved, runs[0].score.excepted), (0, 0, 1));
}

#[test]
fn a_scan_that_is_kept_leaves_out_rules_that_are_off_and_takes_parameters() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("stance.db");
    let store = Store::open(&Address::File(database.clone())).unwrap();
    store.switch_off("aws-s3-bucket-denies-plain-http", None, "not ours", &ada(), Utc::now()).unwrap();
    let refused = run(&mut scan(&database));
    assert_eq!(refused.status, 1);
    assert!(refused.err.contains("every chosen rule is switched off"), "{}", refused.err);
    let both = run(scan(&database).args(["--rule", "aws-s3-bucket-is-versioned"]));
    let report = json(&both.out);
    let rules: std::collections::BTreeSet<&str> =
        report["findings"].as_array().unwrap().iter().map(|it| it["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["aws-s3-bucket-is-versioned"].into(), "{}", both.err);

    let (rule, name) = ("aws-kms-key-is-rotated", "maximum_period_days");
    let failing = |flags: &[&str]| {
        let scanned = run(scan(&database).args(["--rule", rule]).args(flags));
        let findings = json(&scanned.out)["findings"].as_array().unwrap().clone();
        findings.iter().filter(|it| it["rule"] == rule && it["status"] == "fail").count()
    };
    let by_default = failing(&[]);
    store.set_parameter(rule, name, Some(&90.into()), &ada(), Utc::now()).unwrap();
    assert!(failing(&[]) > by_default);
    assert_eq!(failing(&["--param", "maximum_period_days=365"]), by_default, "the command line comes first");
}

#[test]
fn a_scan_that_fails_is_told_in_the_store_and_leaves_the_findings_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("stance.db");
    assert_eq!(run(&mut scan(&database)).status, 3);
    let failed = run(scan(&database).env("AWS_ENDPOINT_URL", "http://127.0.0.1:9"));
    assert_eq!(failed.status, 1);
    let store = Store::open(&Address::File(database)).unwrap();
    let runs = store.runs(None, 10).unwrap();
    assert_eq!(runs[0].state, RunState::Failed);
    assert!(failed.err.contains(runs[0].error.as_deref().unwrap().lines().next().unwrap()), "{}", failed.err);
    assert!(store.census().unwrap().score(|_| true).verdicts.failed > 0);
}

#[test]
fn a_store_that_cannot_be_opened_is_an_error_before_anything_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("notes.db");
    std::fs::write(&database, "this file is about something else and must stay as it is, whatever comes")
        .unwrap();
    let ended = run(&mut scan(&database));
    assert_eq!(ended.status, 1);
    assert!(ended.err.contains("is not a store of Stance; name another file"), "{}", ended.err);
    let password = "postgres://stance:hunter2@127.0.0.1:9/none";
    let ended = run(scan(&database).args(["--database", password]));
    assert!(!ended.err.contains("hunter2"), "{}", ended.err);
}

/// A process that is ended when it is dropped.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        // it may have ended already
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_demo_shows_its_story_in_the_console() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = stance();
    demo.args(["demo", "--listen", "127.0.0.1:0", "--output"]).arg(folder.path().join("demo.html"));
    let mut demo = Ending(demo.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let out = BufReader::new(demo.0.stdout.take().unwrap());
    let mut lines = out.lines().map(Result::unwrap);
    let told = lines.find(|line| line.contains("The console: http://")).expect("the console's address");
    let address = told.split("http://").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let get = |path: &str| {
        let mut connection = TcpStream::connect(&address).unwrap();
        write!(connection, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
        answer
    };
    let overview = get("/");
    assert!(overview.contains("posture score from"), "the trend is there: {overview}");
    assert!(overview.contains("Got worse in the last run"), "{overview}");
    assert_eq!(get("/runs").matches("<tr data-href").count(), 14);
    assert!(get("/findings?status=failed&severity=critical").contains("S3 bucket is not open to the public"));
}
