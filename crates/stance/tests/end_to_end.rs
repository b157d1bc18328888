//! The whole, from request to report, on a mock AWS that others wrote.

// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use support::{json, run, scan, scan_at_rate, stance};

/// (rule, resource name) to status.
fn verdicts(report: &Value) -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut verdicts: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        verdicts
            .entry((text(&finding["rule"]), text(&finding["resource"]["name"])))
            .or_default()
            .insert(text(&finding["status"]));
    }
    verdicts
}

#[test]
fn a_scan_tells_right_from_wrong_on_every_service() {
    let ended = run(scan().args(["--format", "json"]));
    assert_eq!(ended.status, 3, "{}", ended.err);
    let report = json(&ended.out);
    let verdicts = verdicts(&report);
    let expected = [
        ("aws-s3-bucket-denies-plain-http", "acme-invoices", "pass"),
        ("aws-s3-bucket-denies-plain-http", "acme-website", "fail"),
        ("aws-s3-bucket-is-not-public", "acme-invoices", "pass"),
        ("aws-s3-bucket-is-not-public", "acme-website", "fail"),
        ("aws-iam-user-has-no-administrator-access", "ada", "fail"),
        ("aws-iam-user-has-no-administrator-access", "grace", "pass"),
        ("aws-iam-root-has-no-access-key", "123456789012", "pass"),
        ("aws-rds-instance-encrypts-storage", "orders", "pass"),
        ("aws-rds-instance-encrypts-storage", "legacy", "fail"),
        ("aws-rds-instance-is-not-public", "legacy", "fail"),
        ("aws-lambda-function-is-not-public", "webhook", "fail"),
    ];
    for (rule, name, status) in expected {
        let found = verdicts.get(&(rule.to_owned(), name.to_owned()));
        assert_eq!(found, Some(&BTreeSet::from([status.to_owned()])), "{rule} of {name}");
    }
    let findings = report["findings"].as_array().unwrap();
    let ids: BTreeSet<&str> = findings.iter().map(|finding| finding["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), findings.len(), "finding ids are unique");
    assert_eq!(report["version"], 2);
    assert_eq!(report["runs"][0]["scope"], "123456789012");
    let failing = findings.iter().filter(|finding| finding["status"] == "fail");
    assert!(failing.clone().count() > 50);
    assert!(failing.clone().all(|finding| !finding["message"].as_str().unwrap().is_empty()));
    // the mock does not have IAM Access Analyzer: that must show as unknown
    let unknown: Vec<&Value> = findings.iter().filter(|finding| finding["status"] == "unknown").collect();
    assert!(unknown.iter().any(|finding| finding["resource"]["type"] == "AWS::AccessAnalyzer::Analyzer"));
    assert!(unknown.iter().all(|finding| !finding["causes"].as_array().unwrap().is_empty()));
    assert!(!ended.out.contains("test-secret-never-shown") && !ended.err.contains("test-secret-never-shown"));
}

#[test]
fn a_snapshot_judged_again_offline_gives_the_same_findings() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = folder.path().join("estate.jsonl.gz");
    let scanned = run(scan().args(["--format", "json", "--snapshot"]).arg(&snapshot));
    assert_eq!(scanned.status, 3, "{}", scanned.err);
    let again = run(stance().arg("evaluate").arg(&snapshot).args(["--format", "json"]));
    assert_eq!(again.status, 3, "{}", again.err);
    assert_eq!(json(&scanned.out)["findings"], json(&again.out)["findings"]);
    let diff = run(stance().arg("diff").args([&snapshot, &snapshot]).args(["--format", "json"]));
    assert_eq!(diff.status, 0, "{}", diff.err);
    assert_eq!(json(&diff.out)["new"].as_array().map(Vec::len), Some(0));

    let bytes = std::fs::read(&snapshot).unwrap();
    let cut = folder.path().join("cut.jsonl.gz");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let ended = run(stance().arg("evaluate").arg(&cut));
    assert_eq!(ended.status, 1);
    assert!(ended.err.contains("is cut off after"), "{}", ended.err);
}

#[cfg(unix)]
#[test]
fn an_interrupted_scan_tells_what_it_read_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (snapshot, report) = (folder.path().join("estate.jsonl.gz"), folder.path().join("report.json"));
    // at this rate the scan would take minutes
    let mut scan = scan_at_rate("0.5")
        .args(["--format", "json", "--output"])
        .arg(&report)
        .arg("--snapshot")
        .arg(&snapshot)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(scan.stderr.take().unwrap()).lines();
    assert!(told.by_ref().any(|line| line.unwrap().contains("listings read")), "the scan tells its progress");
    let interrupted = Command::new("kill").args(["-INT", &scan.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    assert!(told.by_ref().any(|line| line.unwrap().contains("interrupted")));
    for line in told {
        line.unwrap();
    }
    assert!(matches!(scan.wait().unwrap().code(), Some(3 | 4)));
    let report = json(&std::fs::read_to_string(&report).unwrap());
    assert_eq!(report["runs"][0]["completion"], "interrupted");
    let findings = report["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["status"] == "unknown"));
    let again = run(stance().arg("evaluate").arg(&snapshot).args(["--format", "json"]));
    assert_eq!(json(&again.out)["runs"][0]["completion"], "interrupted");
}

#[test]
fn no_secret_of_the_estate_is_kept_or_shown() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = folder.path().join("estate.jsonl.gz");
    let ended = run(scan().args(["--format", "json", "--snapshot"]).arg(&snapshot));
    let mut kept = String::new();
    let file = std::fs::File::open(&snapshot).unwrap();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut kept).unwrap();
    assert!(kept.contains("\"DATABASE_PASSWORD\":\"[secret: password]\""), "the kind of secret is kept");
    assert!(kept.contains("\"STAGE\":\"[sensitive]\""), "what the provider marks is not kept");
    for text in [&kept, &ended.out, &ended.err] {
        assert!(!text.contains("correct-horse-9"));
    }
}

#[test]
fn a_chosen_rule_makes_only_the_calls_that_it_needs() {
    let ended = run(scan().args(["--rule", "aws-s3-bucket-denies-plain-http", "--format", "json"]));
    assert_eq!(ended.status, 3, "{}", ended.err);
    let report = json(&ended.out);
    let calls: BTreeSet<&str> =
        report["runs"][0]["calls"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(calls, BTreeSet::from(["s3:GetBucketPolicy", "s3:ListBuckets"]));
    let policy = run(stance().args(["permissions", "aws", "--rule", "aws-s3-bucket-denies-plain-http"]));
    assert_eq!(
        json(&policy.out)["Statement"][0]["Action"],
        json(r#"["ec2:DescribeRegions", "s3:GetBucketPolicy", "s3:ListAllMyBuckets"]"#)
    );
}

#[test]
fn the_exit_status_follows_what_was_found() {
    let status = |arguments: &[&str]| run(scan().args(arguments).args(["--format", "json"])).status;
    assert_eq!(status(&["--rule", "aws-iam-root-has-no-access-key"]), 0);
    assert_eq!(status(&["--rule", "aws-s3-bucket-denies-plain-http"]), 3);
    assert_eq!(status(&["--rule", "aws-s3-bucket-denies-plain-http", "--fail-on", "critical"]), 0);
    assert_eq!(status(&["--rule", "aws-access-analyzer-external-access-is-analyzed"]), 4);
    assert_eq!(status(&["--no-such-flag"]), 2);
}

#[test]
fn several_formats_go_into_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("reports");
    let formats = "terminal,json,jsonl,csv,ocsf,sarif,junit,html";
    let ended = run(scan().args(["--service", "s3", "--format", formats, "--output"]).arg(&target));
    assert_eq!(ended.status, 3, "{}", ended.err);
    let mut names: Vec<String> = std::fs::read_dir(&target)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names.len(), 8, "{names:?}");
    for name in names {
        assert!(std::fs::metadata(target.join(&name)).unwrap().len() > 500, "{name}");
    }
    let ended = run(scan().args(["--format", formats]));
    assert_eq!(ended.status, 1);
    assert!(ended.err.contains("need a folder"), "{}", ended.err);
}

#[test]
fn what_cannot_work_is_told_in_one_line() {
    let line = |command: &mut std::process::Command, part: &str| {
        let ended = run(command);
        assert_eq!(ended.status, 1, "{}", ended.err);
        assert!(ended.err.contains(part), "{}", ended.err);
        assert_eq!(ended.err.lines().filter(|line| line.starts_with("error:")).count(), 1, "{}", ended.err);
        assert!(ended.out.is_empty(), "{}", ended.out);
    };
    line(stance().args(["scan", "aws"]), "no AWS credentials found");
    line(
        scan().args(["--rule", "aws-s3-bucket-denies-plain-htp"]),
        "did you mean `aws-s3-bucket-denies-plain-http`",
    );
    line(scan().args(["--param", "x"]), "is not of the form NAME=VALUE");
    line(scan().args(["--as-of", "yesterday"]), "is not a time");
    line(scan().args(["--endpoint-url", "http://127.0.0.1:9"]), "cannot find out who is signed in");
    line(stance().args(["evaluate", "Cargo.toml"]), "is not a snapshot");
    line(stance().args(["evaluate", "no-such-file"]), "cannot use the snapshot");
    line(stance().args(["rules", "show", "nothing"]), "there is no rule `nothing`");
}

#[test]
fn a_catalog_of_ones_own_adds_rules_and_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("aws/s3/rules");
    std::fs::create_dir_all(&rules).unwrap();
    let rule = |field: &str| {
        format!(
            "title: Bucket is named for us\nresource: AWS::S3::Bucket\nseverity: low\nrationale: Ours.\n\
             pass: resource.{field}.startsWith('acme-inv')\nremediation: {{ text: Rename it. }}\nexamples:\n\
             \x20 - {{ name: ours, given: {{ Name: acme-invoices }}, verdict: pass }}\n\
             \x20 - {{ name: theirs, given: {{ Name: other }}, verdict: fail }}\n"
        )
    };
    let file = rules.join("acme-bucket-is-ours.yaml");
    std::fs::write(&file, rule("Name")).unwrap();
    let chosen = ["--rule", "acme-bucket-is-ours", "--format", "json", "--catalog"];
    let ended = run(scan().args(chosen).arg(folder.path()));
    assert_eq!(ended.status, 3, "{}", ended.err);
    assert_eq!(json(&ended.out)["findings"].as_array().map(Vec::len), Some(3));

    std::fs::write(&file, rule("Nam")).unwrap();
    let ended = run(scan().args(chosen).arg(folder.path()));
    assert_eq!(ended.status, 1);
    let told = "aws/s3/rules/acme-bucket-is-ours.yaml:5: `acme-bucket-is-ours`: `Nam` in AWS::S3::Bucket has no field `Nam`; did you mean `Name`?";
    assert!(ended.err.contains(told), "{}", ended.err);
}

#[test]
fn the_demo_needs_nothing_and_writes_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let ended = run(stance().args(["demo", "--no-console"]).current_dir(folder.path()));
    assert_eq!(ended.status, 0, "{}", ended.err);
    assert!(ended.out.contains("acme-website"), "{}", ended.out);
    assert!(ended.out.contains("stance-demo.html"));
    let html = std::fs::read_to_string(folder.path().join("stance-demo.html")).unwrap();
    assert!(html.contains("aws-s3-bucket-is-not-public"));
}

#[test]
fn rules_are_listed_for_programs() {
    let ended = run(stance().args(["rules", "list", "--format", "json"]));
    let list = json(&ended.out);
    let rule =
        list.as_array().unwrap().iter().find(|rule| rule["id"] == "aws-s3-bucket-denies-plain-http").unwrap();
    assert_eq!(rule["aliases"]["prowler"], json(r#"["s3_bucket_secure_transport_policy"]"#));
    assert_eq!(rule["calls"], json(r#"["s3:GetBucketPolicy", "s3:ListBuckets"]"#));
    assert_eq!(rule["provider"], "aws");
}
