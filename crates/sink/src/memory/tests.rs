//! What is told from one run to the next.

use super::*;
use crate::testing::report;
use stance_model::Completion;

/// What is told of a run: the change and the number of the bucket.
fn told(folder: &Path, report: &Report) -> Vec<String> {
    let comparison = Comparison::open(folder, report.as_dyn()).unwrap();
    let mut told = Vec::new();
    comparison
        .each(&mut |change, finding| {
            told.push(format!("{} {}", change.as_str(), finding.resource.name));
            Ok(())
        })
        .unwrap();
    told
}

fn settle(folder: &Path, report: &Report) {
    Comparison::open(folder, report.as_dyn()).unwrap().settle().unwrap();
}

fn unsettle(folder: &Path, report: &Report) {
    Comparison::open(folder, report.as_dyn()).unwrap().unsettle().unwrap();
}

/// Three buckets, with the first one's status.
fn with_first(status: VerdictStatus) -> Report {
    let mut report = report(3);
    report.findings[0].status = status;
    report
}

#[test]
fn the_first_run_is_what_the_second_is_compared_with() {
    let folder = tempfile::tempdir().unwrap();
    let first = with_first(VerdictStatus::Fail);
    assert!(Comparison::open(folder.path(), first.as_dyn()).unwrap().is_first());
    settle(folder.path(), &first);
    assert!(told(folder.path(), &first).is_empty());
    let mut second = with_first(VerdictStatus::Pass);
    second.findings.remove(1);
    second.findings.push(report(4).findings.remove(3));
    assert_eq!(
        told(folder.path(), &second),
        ["status-changed bucket-0", "new bucket-3", "resolved bucket-1"]
    );
    settle(folder.path(), &second);
    assert!(told(folder.path(), &second).is_empty());
}

#[test]
fn what_a_run_did_not_look_at_is_not_gone_and_not_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    settle(folder.path(), &report(2));
    let empty = || report(0);
    let mut interrupted = empty();
    interrupted.runs[0].completion = Completion::Interrupted;
    let mut elsewhere = empty();
    elsewhere.runs[0].regions = vec!["us-east-1".into()];
    let mut other_rules = empty();
    other_rules.rules.clear();
    let mut undecided = report(3);
    undecided.findings.drain(..2);
    undecided.findings[0].status = VerdictStatus::Unknown;
    for (run, expected) in [(interrupted, 0), (elsewhere, 0), (other_rules, 0), (undecided, 1)] {
        assert_eq!(told(folder.path(), &run).len(), expected);
        settle(folder.path(), &run);
    }
    let mut gone = told(folder.path(), &empty());
    gone.sort();
    assert_eq!(gone, ["resolved bucket-0", "resolved bucket-1", "resolved bucket-2"]);
}

#[test]
fn a_change_that_may_have_been_told_is_told_again_even_where_it_went_back() {
    let folder = tempfile::tempdir().unwrap();
    settle(folder.path(), &with_first(VerdictStatus::Fail));
    // the process ends somewhere in the delivery of these
    unsettle(folder.path(), &with_first(VerdictStatus::Pass));
    assert_eq!(told(folder.path(), &with_first(VerdictStatus::Pass)), ["status-changed bucket-0"]);
    assert_eq!(told(folder.path(), &with_first(VerdictStatus::Fail)), ["new bucket-0"]);
    // and again, while that is told
    unsettle(folder.path(), &with_first(VerdictStatus::Fail));
    assert_eq!(told(folder.path(), &with_first(VerdictStatus::Fail)), ["new bucket-0"]);
    let gone = report(0);
    unsettle(folder.path(), &gone);
    assert_eq!(told(folder.path(), &gone).len(), 3);
    settle(folder.path(), &gone);
    assert!(told(folder.path(), &gone).is_empty());
}

#[test]
fn what_was_new_and_is_gone_before_it_was_settled_is_told_as_gone() {
    let folder = tempfile::tempdir().unwrap();
    settle(folder.path(), &report(1));
    unsettle(folder.path(), &report(2));
    assert_eq!(told(folder.path(), &report(1)), ["resolved bucket-1"]);
}

#[test]
fn a_half_written_file_changes_nothing_and_a_damaged_one_has_all_told_anew() {
    let folder = tempfile::tempdir().unwrap();
    settle(folder.path(), &report(2));
    fs::write(folder.path().join(PART), b"half").unwrap();
    assert!(told(folder.path(), &report(2)).is_empty());
    let whole = fs::read(folder.path().join(FILE)).unwrap();
    for damaged in [&whole[..whole.len() / 2], b"garbage"] {
        fs::write(folder.path().join(FILE), damaged).unwrap();
        assert_eq!(told(folder.path(), &report(2)), ["new bucket-0", "new bucket-1"]);
        assert!(folder.path().join(DAMAGED).exists());
    }
}

#[test]
fn what_it_keeps_of_a_finding_tells_nothing_of_what_was_read() {
    let folder = tempfile::tempdir().unwrap();
    settle(folder.path(), &report(1));
    let mut kept = Vec::new();
    each_entry(&folder.path().join(FILE), &mut |entry| {
        kept.push(entry.finding);
        Ok(())
    })
    .unwrap();
    assert!(kept[0].evidence.is_empty() && kept[0].causes.is_empty());
}
