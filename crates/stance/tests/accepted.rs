//! What people accept, and what they may try before a scan.

// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use serde_json::Value;
use std::path::Path;
use support::{aws, json, run, scan, stance};

const RULE: &str = "aws-s3-bucket-denies-plain-http";

fn write(folder: &Path, name: &str, text: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn of_bucket<'r>(report: &'r Value, name: &str) -> &'r Value {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().find(|finding| finding["resource"]["name"] == name).unwrap()
}

#[test]
fn an_accepted_finding_stays_visible_and_no_longer_fails() {
    let folder = tempfile::tempdir().unwrap();
    let accepted = "- { rule: s3_bucket_secure_transport_policy, resource: \"*\", account: \"123456789012\",\n    reason: all behind a proxy, owner: web, until: 2999-12-31 }\n";
    let file = write(folder.path(), "exceptions.yaml", accepted);
    let ended = run(scan().args(["--rule", RULE, "--format", "json", "--exceptions"]).arg(&file));
    assert_eq!(ended.status, 0, "{}", ended.err);
    let report = json(&ended.out);
    let website = of_bucket(&report, "acme-website");
    assert_eq!((&website["status"], &website["exception"]["owner"]), (&"fail".into(), &"web".into()));
    assert!(of_bucket(&report, "acme-invoices")["exception"].is_null(), "what passes is not accepted");
    assert_eq!(report["score"]["verdicts"]["failed"], 0);
    assert!(report["score"]["verdicts"]["excepted"].as_u64().unwrap() > 0);

    // the same from the configuration file, which names the file beside itself
    let config = write(folder.path(), "local.yaml", "exceptions_file: exceptions.yaml\n");
    let again = run(scan().args(["--rule", RULE, "--format", "json", "--config"]).arg(&config));
    assert_eq!((again.status, &json(&again.out)["score"]), (0, &report["score"]), "{}", again.err);
}

#[test]
fn ended_and_idle_exceptions_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let list = format!(
        "exceptions:\n  - {{ id: old, rule: {RULE}, reason: r, owner: o, until: 2020-01-31 }}\n  \
         - {{ id: idle, rule: {RULE}, resource: no-such-bucket, region: global, reason: r, owner: o }}\n"
    );
    let config = write(folder.path(), "local.yaml", &list);
    let ended = run(scan().args(["--rule", RULE, "--config"]).arg(&config));
    assert_eq!(ended.status, 3, "{}", ended.err);
    assert!(ended.out.contains("exception `old` ended on 2020-01-31"), "{}", ended.out);
    assert!(ended.out.contains("exception `idle` matches no finding"), "{}", ended.out);
}

#[test]
fn an_exception_without_a_reason_is_refused_before_anything_is_scanned() {
    let folder = tempfile::tempdir().unwrap();
    let config =
        write(folder.path(), "local.yaml", &format!("exceptions:\n  - {{ rule: {RULE}, owner: o }}\n"));
    let ended = run(scan().args(["--rule", RULE, "--config"]).arg(&config));
    assert_eq!(ended.status, 1);
    assert!(ended.err.contains("reason"), "{}", ended.err);
}

#[test]
fn a_configuration_with_a_slip_names_the_line_and_the_key_that_was_meant() {
    let folder = tempfile::tempdir().unwrap();
    let config = write(folder.path(), "local.yaml", "aws:\n  regoin: eu-west-1\n");
    let ended = run(scan().args(["--config"]).arg(&config));
    assert_eq!(ended.status, 1);
    assert!(ended.err.contains("local.yaml:2") && ended.err.contains("`region`"), "{}", ended.err);
}

#[test]
fn the_mission_file_is_taken_and_each_key_has_its_effect() {
    let folder = tempfile::tempdir().unwrap();
    let text = "aws:\n  region: us-east-1\n  retries: 3\n  include_regions: [eu-central-1]\n\
                organization_email_domain: example.org\ncoralogix:\n  dry_run: true\n";
    let config = write(folder.path(), "local.yaml", text);
    let mut scan = stance();
    scan.env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_ENDPOINT_URL", aws())
        .env("STANCE__AWS__MAX_RATE", "1000")
        .env("STANCE_CONFIG", &config)
        .args(["scan", "aws", "--rule", RULE, "--format", "json"]);
    let ended = run(&mut scan);
    assert_eq!(ended.status, 3, "{}", ended.err);
    assert_eq!(json(&ended.out)["runs"][0]["regions"], serde_json::json!(["eu-central-1", "us-east-1"]));
    assert!(ended.err.contains("organization_email_domain"), "a later effect is told: {}", ended.err);

    let left_out = write(
        folder.path(),
        "left-out.yaml",
        "aws: { region: us-east-1, master_account_id: 123456789012 }\n",
    );
    let ended = run(support::scan().args(["--rule", RULE, "--config"]).arg(&left_out));
    assert_eq!(ended.status, 1);
    assert!(ended.err.contains("left out by `master_account_id`"), "{}", ended.err);
}

#[test]
fn access_is_checked_at_a_fraction_of_a_scan() {
    let mut check = stance();
    check
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_ENDPOINT_URL", aws())
        .args(["check-access", "aws", "--region", "us-east-1,eu-central-1", "--max-rate", "1000"])
        .args(["--service", "s3,iam", "--format", "json"]);
    let ended = run(&mut check);
    let found = json(&ended.out);
    let account = &found["accounts"][0];
    assert_eq!(account["account"], "123456789012");
    assert_eq!(account["regions"], serde_json::json!(["eu-central-1", "us-east-1"]));
    let allowed: Vec<&str> =
        account["allowed"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(
        allowed.contains(&"s3:ListBuckets") && allowed.contains(&"s3:GetBucketVersioning"),
        "{allowed:?}"
    );
    let estimate = &account["estimate"];
    assert!(estimate["fewest_calls"].as_u64().unwrap() > u64::try_from(allowed.len()).unwrap());
    assert!(estimate["most_calls"].as_u64() >= estimate["fewest_calls"].as_u64());
}
