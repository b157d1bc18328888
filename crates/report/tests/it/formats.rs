//! The real output of every format, kept in snapshots.

use crate::sample::{self, Names};
use serde_json::Value;
use stance_model::{Completion, Report, Severity, VerdictStatus};
use stance_report::{Format, TerminalOptions, write, write_file};

/// The formats that are text.
pub fn texts() -> impl Iterator<Item = Format> {
    Format::ALL.into_iter().filter(|format| !format.is_binary())
}

pub fn bytes(report: &Report, format: Format) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(report, format, &TerminalOptions::default(), &mut bytes).unwrap();
    bytes
}

pub fn text(report: &Report, format: Format, options: &TerminalOptions) -> String {
    let mut bytes = Vec::new();
    write(report, format, options, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn plain(report: &Report, format: Format) -> String {
    text(report, format, &TerminalOptions::default())
}

#[test]
fn every_format_looks_as_it_did() {
    let report = sample::report(&Names::default());
    for format in texts() {
        insta::assert_snapshot!(format.name(), plain(&report, format));
    }
}

#[test]
fn an_organization_in_every_format() {
    let report = sample::organization(&Names::default());
    for format in texts() {
        insta::assert_snapshot!(format!("organization_{}", format.name()), plain(&report, format));
    }
}

#[test]
fn a_narrow_terminal_and_colours() {
    let mut report = sample::report(&Names::default());
    report.runs[0].completion = Completion::Interrupted;
    let options = TerminalOptions { width: 60, colour: true, most: 2, quiet: false };
    insta::assert_snapshot!(text(&report, Format::Terminal, &options));
}

#[test]
fn a_quiet_terminal() {
    let report = sample::report(&Names::default());
    let options = TerminalOptions { quiet: true, ..TerminalOptions::default() };
    insta::assert_snapshot!(text(&report, Format::Terminal, &options));
}

#[test]
fn a_report_of_nothing_is_written_in_every_format() {
    let mut report = sample::assemble(
        sample::report(&Names::default()).runs.remove(0),
        std::collections::BTreeMap::new(),
        Vec::new(),
    );
    report.benchmarks.clear();
    report.runs[0].listings.clear();
    for format in Format::ALL {
        assert!(!bytes(&report, format).is_empty(), "{format}");
    }
    insta::assert_snapshot!(plain(&report, Format::Terminal));
}

#[test]
fn no_line_of_the_terminal_is_wider_than_asked() {
    use unicode_width::UnicodeWidthStr;
    for width in [60, 80, 100, 120] {
        let options = TerminalOptions { width, ..TerminalOptions::default() };
        let text = text(&sample::report(&Names::default()), Format::Terminal, &options);
        for line in text.lines() {
            assert!(line.width() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn json_reads_back_as_the_same_report() {
    let report = sample::report(&Names::default());
    assert_eq!(serde_json::from_str::<Report>(&plain(&report, Format::Json)).unwrap(), report);
}

#[test]
fn json_lines_are_the_run_and_then_each_finding() {
    let report = sample::report(&Names::default());
    let lines: Vec<Value> =
        plain(&report, Format::JsonLines).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), report.findings.len() + 1);
    assert_eq!(lines[0]["kind"], "scan");
    assert!(lines[1..].iter().all(|line| line["kind"] == "finding" && line["title"].is_string()));
}

#[test]
fn ocsf_never_calls_an_unknown_verdict_a_pass() {
    let report = sample::report(&Names::default());
    let events: Vec<Value> = serde_json::from_str(&plain(&report, Format::Ocsf)).unwrap();
    for (event, finding) in events.iter().zip(&report.findings) {
        let expected = match finding.status {
            VerdictStatus::Pass => 1,
            VerdictStatus::Fail => 3,
            _ => 0,
        };
        assert_eq!(event["compliance"]["status_id"], expected);
        assert_eq!(event["finding_info"]["uid"], finding.id.as_str());
        assert_eq!(event["time"], report.scan.ended_at.timestamp_millis());
    }
}

#[test]
fn sarif_has_failures_and_open_questions_and_no_passes() {
    let report = sample::report(&Names::default());
    let log: Value = serde_json::from_str(&plain(&report, Format::Sarif)).unwrap();
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 7);
    for result in results {
        let rule =
            &run["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert_eq!(result["kind"] == "open", result["level"] == "none");
    }
}

#[test]
fn a_finding_of_a_rule_that_is_not_described_is_still_written() {
    let mut report = sample::report(&Names::default());
    report.rules.clear();
    let id = report.findings[0].id.as_str().to_owned();
    for format in texts() {
        let text = plain(&report, format);
        assert!(text.contains(&id) || format == Format::Terminal, "{format}");
        assert!(text.contains(sample::PUBLIC), "{format}");
    }
}

#[test]
fn the_worst_rule_comes_first() {
    let mut report = sample::report(&Names::default());
    report.findings.reverse();
    let text = plain(&report, Format::Terminal);
    let place = |severity: Severity| text.find(&format!("\n{severity} ")).unwrap();
    assert!(place(Severity::Critical) < place(Severity::Medium));
    assert!(place(Severity::Medium) < place(Severity::Low));
}

#[test]
fn a_file_is_written_whole_under_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let report = sample::report(&Names::default());
    for format in Format::ALL {
        let path = folder.path().join(format.file_name());
        write_file(&report, format, &TerminalOptions::default(), &path).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), bytes(&report, format), "{format}");
    }
    assert_eq!(folder.path().read_dir().unwrap().count(), Format::ALL.len());
}

#[test]
fn a_folder_that_is_not_there_is_named_in_the_error() {
    let path = std::path::Path::new("/nowhere/at/all/report.html");
    let error =
        write_file(&sample::report(&Names::default()), Format::Html, &TerminalOptions::default(), path);
    assert_eq!(error.unwrap_err().to_string(), "`/nowhere/at/all/report.html` could not be written");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_in_every_format() {
    let full = std::path::Path::new("/dev/full");
    for format in Format::ALL {
        let outcome =
            write_file(&sample::report(&Names::default()), format, &TerminalOptions::default(), full);
        assert!(matches!(outcome, Err(stance_report::WriteError::File { .. })), "{format}: {outcome:?}");
    }
}
