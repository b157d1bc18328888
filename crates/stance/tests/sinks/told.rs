//! What a scan says of its sinks, and how it ends.

use super::receiver::Receiver;
use super::support::run;
use super::{findings, scan};
use std::time::Duration;

const SECRET: &str = "whsec-never-shown";

fn webhook(url: &str) -> String {
    format!("type: webhook, url: \"{url}/hook\", secret: {SECRET}, attempts: 1")
}

#[test]
fn a_sink_that_fails_costs_neither_the_report_nor_the_other_sinks() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(401, "who are you, whsec-never-shown", Duration::ZERO);
    let sinks = [webhook(&receiver.url), "type: file, path: out.jsonl".to_owned()];
    let ended = run(&mut scan(folder.path(), &sinks));
    assert_eq!(ended.status, 5, "{}", ended.err);
    assert!(ended.err.contains("answered 401 Unauthorized: who are you, (hidden)"), "{}", ended.err);
    assert!(!ended.err.contains(SECRET), "{}", ended.err);
    let lines = std::fs::read_to_string(folder.path().join("out.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), findings(folder.path()));
    // without sinks the very same scan ends as its findings say
    let ended = run(scan(folder.path(), &sinks).arg("--no-send"));
    assert_eq!(ended.status, 3, "{}", ended.err);
}

#[test]
fn a_dry_run_sends_nothing_and_tells_what_it_would_send() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(200, "", Duration::ZERO);
    let ended = run(scan(folder.path(), &[webhook(&receiver.url)]).arg("--dry-run"));
    assert_eq!(ended.status, 3, "{}", ended.err);
    let expected = format!("sink `webhook`: would send {} documents in ", findings(folder.path()));
    assert!(ended.err.contains(&expected), "{}", ended.err);
    assert!(receiver.ids().is_empty());
    assert!(!folder.path().join("stance").exists());
}

#[test]
fn the_dry_run_of_the_mission_needs_no_receiver() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = scan(folder.path(), &[]);
    let section = "coralogix:\n  grpc_endpoint: https://ng-api-grpc.eu2.coralogix.com\n  api_key: cx-never-shown\n  application_name: MyApplication\n  subsystem_name: MySubsystem\n  dry_run: true\n";
    std::fs::write(folder.path().join("local.yaml"), section).unwrap();
    let ended = run(&mut command);
    assert_eq!(ended.status, 3, "{}", ended.err);
    assert!(ended.err.contains("sink `coralogix-section`: would send"), "{}", ended.err);
    assert!(
        ended.err.contains("\"applicationName\":\"MyApplication\"") && !ended.err.contains("never-shown")
    );
}

#[test]
fn a_sink_that_cannot_work_is_told_before_the_scan() {
    let folder = tempfile::tempdir().unwrap();
    let ended = run(&mut scan(folder.path(), &[webhook("http://example.org")]));
    assert_eq!(ended.status, 1);
    assert!(ended.err.contains("allow_plain_http"), "{}", ended.err);
    assert!(!folder.path().join("report.json").exists());
}

#[test]
fn a_full_disk_under_a_sink_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let ended = run(&mut scan(folder.path(), &["type: file, path: /dev/full, attempts: 1".to_owned()]));
    assert_eq!(ended.status, 5, "{}", ended.err);
    assert!(ended.err.contains("`/dev/full` cannot be written"), "{}", ended.err);
    assert!(
        ended.err.contains(&format!("{} kept for the next scan", findings(folder.path()))),
        "{}",
        ended.err
    );
}
