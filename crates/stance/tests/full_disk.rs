//! A disk that takes no more: the command says so and ends with an error, and leaves nothing half
//! written under a name that somebody may read.

#![cfg(target_os = "linux")]
// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use chrono::DateTime;
use serde_json::{Map, Value};
use stance_collect::write_snapshot;
use stance_model::{
    Completion, Listing, ListingState, Provider, Region, Resource, ResourceReference, Run, Snapshot, Source,
};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::process::Command;
use support::{Ended, run, stance};

/// Always full, on every Linux.
const FULL: &str = "/dev/full";

/// So many buckets that every report is longer than what is buffered of it.
const BUCKETS: usize = 400;

const FORMATS: [&str; 8] = ["terminal", "json", "jsonl", "csv", "ocsf", "sarif", "junit", "html"];

fn keep_snapshot(path: &Path) {
    let moment = DateTime::UNIX_EPOCH;
    let bucket = |number: usize| Resource {
        reference: ResourceReference {
            id: format!("arn:aws:s3:::bucket-{number}").into(),
            resource_type: "AWS::S3::Bucket".into(),
            name: format!("bucket-{number}"),
            region: "eu-central-1".into(),
            scope: "123456789012".into(),
            provider: Provider::Aws,
        }
        .into(),
        tags: BTreeMap::new(),
        fields: Map::from_iter([("Name".to_owned(), Value::from(format!("bucket-{number}")))]),
        listed_by: Source { operation: "s3:ListBuckets".into(), read_at: moment },
        attributes: BTreeMap::new(),
    };
    let snapshot = Snapshot {
        run: Run {
            started_at: moment,
            ended_at: moment,
            resumed_at: None,
            scope_details: std::sync::Arc::default(),
            as_of: moment,
            provider: Provider::Aws,
            scope: "123456789012".into(),
            partition: "aws".into(),
            identity: "arn:aws:iam::123456789012:user/ada".into(),
            regions: vec!["eu-central-1".into()],
            skipped_regions: Vec::new(),
            completion: Completion::Complete,
            listings: vec![Listing {
                resource_type: "AWS::S3::Bucket".into(),
                region: Region::global(),
                state: ListingState::Read { count: BUCKETS },
            }],
            calls: BTreeMap::new(),
            stance_version: "0.1.0".into(),
        },
        resources: (0..BUCKETS).map(bucket).collect(),
    };
    write_snapshot(&snapshot, path).unwrap();
}

fn evaluate(snapshot: &Path) -> Command {
    let mut command = stance();
    command.arg("evaluate").arg(snapshot).args(["--service", "s3"]);
    command
}

/// An error in one line, status 1, no panic.
fn assert_told(ended: &Ended, parts: &[&str]) {
    assert_eq!(ended.status, 1, "{}", ended.err);
    for part in parts {
        assert!(ended.err.contains(part), "`{part}` is not told: {}", ended.err);
    }
    assert_eq!(ended.err.lines().filter(|line| line.starts_with("error:")).count(), 1, "{}", ended.err);
    assert!(!ended.err.contains("panicked"), "{}", ended.err);
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_report_to_a_full_disk_is_an_error_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = folder.path().join("estate.jsonl.gz");
    keep_snapshot(&snapshot);
    // what is tested must not be that there is nothing to write
    assert_eq!(run(evaluate(&snapshot).args(["--format", "csv"])).status, 4);
    for format in FORMATS {
        let to_file = run(evaluate(&snapshot).args(["--format", format, "--output", FULL]));
        assert_told(&to_file, &[FULL, "No space left on device"]);
        let full = File::options().write(true).open(FULL).unwrap();
        let output = evaluate(&snapshot).args(["--format", format]).stdout(full).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{format}: {err}");
        assert!(err.contains("No space left on device") && !err.contains("panicked"), "{format}: {err}");
    }
    assert_eq!(names(folder.path()), ["estate.jsonl.gz"]);
}

#[test]
fn of_several_reports_the_one_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = folder.path().join("estate.jsonl.gz");
    keep_snapshot(&snapshot);
    let reports = folder.path().join("reports");
    let formats = || {
        let mut command = evaluate(&snapshot);
        command.args(["--format", "csv,json", "--output"]).arg(&reports);
        command
    };
    assert_eq!(run(&mut formats()).status, 4);
    let [csv, json] = names(&reports).try_into().unwrap();
    std::fs::remove_file(reports.join(&json)).unwrap();
    std::os::unix::fs::symlink(FULL, reports.join(&json)).unwrap();
    assert_told(&run(&mut formats()), &[&format!("reports/{json}"), "No space left on device"]);
    assert_eq!(names(&reports), [csv, json]);
}

#[test]
fn a_report_that_no_longer_fits_leaves_nothing_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = folder.path().join("estate.jsonl.gz");
    keep_snapshot(&snapshot);
    let reports = folder.path().join("reports");
    std::fs::create_dir(&reports).unwrap();
    for format in FORMATS {
        let report = reports.join("report");
        std::fs::write(&report, "of the run before").unwrap();
        // a limit on the length of files stands for the disk: the first blocks fit, the rest does not
        let ended = run(Command::new("sh")
            .args([
                "-c",
                "trap '' XFSZ; ulimit -f 4; exec \"$@\"",
                "sh",
                env!("CARGO_BIN_EXE_stance"),
                "evaluate",
            ])
            .arg(&snapshot)
            .args(["--service", "s3", "--format", format, "--output"])
            .arg(&report));
        assert_told(&ended, &["reports/report", "File too large"]);
        assert_eq!(names(&reports), ["report"], "{format}");
        assert_eq!(std::fs::read_to_string(&report).unwrap(), "of the run before", "{format}");
    }
}

#[test]
fn a_list_to_a_full_disk_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let policies = folder.path().to_str().unwrap();
    for arguments in [
        &["rules", "check"][..],
        &["permissions", "aws", "--service", "kms", "--output", policies],
        &["rules", "list", "--service", "kms"],
        &["rules", "list", "--service", "kms", "--format", "json"],
        &["rules", "show", "aws-s3-bucket-denies-plain-http"],
        &["benchmarks", "list"],
        &["benchmarks", "show", "aws-cis-3.0"],
        &["permissions", "aws", "--service", "kms"],
    ] {
        let full = File::options().write(true).open(FULL).unwrap();
        let output = stance().args(arguments).stdout(full).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {err}");
        assert!(err.contains("No space left on device") && !err.contains("panicked"), "{arguments:?}: {err}");
    }
}
