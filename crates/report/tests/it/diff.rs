//! Two reports compared.

use crate::sample::{self, Names};
use stance_model::{Completion, FindingId, ListingState, ReadFailure, Report, Severity, VerdictStatus};
use stance_report::TerminalOptions;
use stance_report::diff::{Difference, between, write_json, write_terminal};

fn report() -> Report {
    sample::report(&Names::default())
}

fn counts(difference: &Difference) -> [usize; 4] {
    [&difference.new, &difference.resolved, &difference.changed, &difference.lost].map(Vec::len)
}

fn later() -> Report {
    let mut newer = report();
    newer.scan.started_at = sample::at(86_400);
    newer.findings[0].status = VerdictStatus::Pass;
    newer.findings[1].severity = Severity::High;
    newer.findings[2].status = VerdictStatus::Unknown;
    newer.findings[7].status = VerdictStatus::Fail;
    newer.findings.remove(3);
    newer
}

#[test]
fn a_report_does_not_differ_from_itself() {
    let difference = between(&report(), &report());
    assert_eq!((counts(&difference), difference.still_failing), ([0; 4], 5));
}

#[test]
fn what_changed_is_told_apart() {
    let difference = between(&report(), &later());
    assert_eq!((counts(&difference), difference.still_failing), ([1, 2, 2, 0], 1));
    assert_eq!(difference.resolved[1].after, None);
}

#[test]
fn a_difference_as_it_looks() {
    let difference = between(&report(), &later());
    let mut bytes = Vec::new();
    write_terminal(&difference, &TerminalOptions { width: 80, ..TerminalOptions::default() }, &mut bytes)
        .unwrap();
    insta::assert_snapshot!("diff_terminal", String::from_utf8(bytes).unwrap());
    let mut bytes = Vec::new();
    write_json(&difference, &mut bytes).unwrap();
    insta::assert_snapshot!("diff_json", String::from_utf8(bytes).unwrap());
}

#[test]
fn a_failure_is_lost_and_not_resolved_where_nobody_looked() {
    let interrupted = |report: &mut Report| report.runs[0].completion = Completion::Interrupted;
    let unread = |report: &mut Report| {
        report.runs[0].listings[0].state = ListingState::Unreadable {
            failure: Box::new(ReadFailure {
                operation: "s3:ListBuckets".into(),
                code: "AccessDenied".into(),
                message: String::new(),
                permissions: Vec::new(),
            }),
        };
    };
    let unlisted = |report: &mut Report| report.runs[0].listings.clear();
    let other_rules = |report: &mut Report| drop(report.rules.remove(sample::PUBLIC));
    let elsewhere = |report: &mut Report| report.runs[0].scope = "999999999999".into();
    let ways: [&dyn Fn(&mut Report); 5] = [&interrupted, &unread, &unlisted, &other_rules, &elsewhere];
    for (way, change) in ways.into_iter().enumerate() {
        let mut newer = report();
        newer.findings.remove(0);
        change(&mut newer);
        assert_eq!(counts(&between(&report(), &newer)), [0, 0, 0, 1], "way {way}");
    }
}

#[test]
fn a_new_resource_that_passes_is_no_news() {
    let mut newer = report();
    let mut fine = newer.findings[8].clone();
    fine.id = FindingId::of("x", "1", "y", None);
    newer.findings.push(fine);
    assert_eq!(counts(&between(&report(), &newer)), [0; 4]);
}

#[test]
fn hostile_names_are_harmless_in_a_difference() {
    let names = Names { bucket: "\u{1b}[2J\u{202e}\n".into(), ..Names::default() };
    let mut older = sample::report(&names);
    older.runs[0].scope = "\u{9b}2J".into();
    let difference = between(&older, &report());
    for write in [
        (|difference, out| write_json(difference, out)) as fn(&Difference, &mut Vec<u8>) -> _,
        |difference, out| write_terminal(difference, &TerminalOptions::default(), out),
    ] {
        let mut bytes = Vec::new();
        write(&difference, &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap().replace('\n', "");
        assert_eq!(stance_model::printable(&text), text);
    }
}
