//! Whose estate a report is about and how its scan went, in words that several formats share.

use crate::words;
use chrono::TimeDelta;
use stance_model::{Completion, Findings, Report, Run, ScopeDetails, UnscannedReason};
use std::collections::{BTreeMap, BTreeSet};

/// What a report is about, `123456789012` or `organization o-abc123, 12 accounts`.
pub(crate) fn subject<F: ?Sized>(report: &Report<F>) -> String {
    let accounts = || words::count(report.runs.len(), "account", "accounts");
    match (&report.scan.organization, report.runs.as_slice()) {
        (Some(organization), _) => format!("organization {organization}, {}", accounts()),
        (None, [run]) => named(run.scope.as_str(), &run.scope_details),
        (None, _) => accounts(),
    }
}

/// A scope's id with its name, where it has one.
pub(crate) fn named(scope: &str, details: &ScopeDetails) -> String {
    match &details.name {
        Some(name) => format!("{scope} ({name})"),
        None => scope.to_owned(),
    }
}

/// Whether findings of several scopes stand side by side.
pub(crate) fn has_many_scopes<F: ?Sized>(report: &Report<F>) -> bool {
    report.runs.len() + report.unscanned.len() > 1
}

/// The partitions of what was scanned.
pub(crate) fn partitions<F: ?Sized>(report: &Report<F>) -> String {
    let partitions: BTreeSet<&str> = report.runs.iter().map(|run| run.partition.as_str()).collect();
    let word = if partitions.len() == 1 { "partition" } else { "partitions" };
    format!("{word} {}", partitions.into_iter().collect::<Vec<_>>().join(", "))
}

/// Who scanned; the first, where each scope has its own.
pub(crate) fn identity<F: ?Sized>(report: &Report<F>) -> Option<String> {
    match report.runs.as_slice() {
        [] => None,
        [run] => Some(run.identity.clone()),
        [run, ..] => Some(format!("{} and its like", run.identity)),
    }
}

/// All regions that were scanned in some scope.
pub(crate) fn regions<F: ?Sized>(report: &Report<F>) -> BTreeSet<&str> {
    report.runs.iter().flat_map(|run| run.regions.iter().map(stance_model::Region::as_str)).collect()
}

/// Regions that were left out, by name and reason, with the scopes that left them out.
pub(crate) fn skipped_regions<F: ?Sized>(report: &Report<F>) -> BTreeMap<(&str, &str), Vec<&Run>> {
    let mut skipped: BTreeMap<(&str, &str), Vec<&Run>> = BTreeMap::new();
    for run in &report.runs {
        for region in &run.skipped_regions {
            skipped.entry((region.region.as_str(), region.reason.as_str())).or_default().push(run);
        }
    }
    skipped
}

/// Why a region was left out, and in how many scopes if not in all.
pub(crate) fn skipped_reason<F: ?Sized>(report: &Report<F>, reason: &str, runs: &[&Run]) -> String {
    if runs.len() == report.runs.len() {
        reason.to_owned()
    } else {
        format!("{reason} (in {})", words::count(runs.len(), "account", "accounts"))
    }
}

/// How many calls were made, and how many of them failed.
pub(crate) fn calls<F: ?Sized>(report: &Report<F>) -> (u64, u64) {
    report
        .runs
        .iter()
        .flat_map(|run| run.calls.values())
        .fold((0, 0), |(all, failed), count| (all + count.succeeded + count.failed, failed + count.failed))
}

/// Runs that are named where a line must do.
const RUNS_NAMED: usize = 10;

/// The runs of a store that the report was put together from; nothing where it is the report of one scan.
pub(crate) fn taken_from<F: ?Sized>(report: &Report<F>) -> Option<String> {
    let named = report.taken_from.iter().take(RUNS_NAMED);
    let mut runs: Vec<String> = named
        .map(|run| format!("#{} ({}, {})", run.number, run.name, run.ended_at.format("%Y-%m-%d %H:%M UTC")))
        .collect();
    if report.taken_from.len() > RUNS_NAMED {
        runs.push(format!("{} more", words::number((report.taken_from.len() - RUNS_NAMED) as u64)));
    }
    (!runs.is_empty()).then(|| runs.join(", "))
}

/// What the provider's limits cost the scan; nothing where they cost nothing.
pub(crate) fn traffic<F: ?Sized>(report: &Report<F>) -> Option<String> {
    let traffic = report.scan.traffic;
    let mut parts = Vec::new();
    if traffic.throttled > 0 {
        parts.push(format!("throttled {} times", words::number(traffic.throttled)));
    }
    if traffic.repeated > 0 {
        parts.push(format!("{} requests repeated", words::number(traffic.repeated)));
    }
    if traffic.waited_milliseconds >= 1000 {
        let waited = TimeDelta::milliseconds(i64::try_from(traffic.waited_milliseconds).unwrap_or(i64::MAX));
        parts.push(format!("requests waited {} in all", words::span(waited)));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// What a reader must know before the figures: the scan is not whole.
pub(crate) fn shortfall(report: &Report<dyn Findings>) -> Option<String> {
    let runs = |completion| report.runs.iter().filter(|run| run.completion == completion).count();
    let mut parts = Vec::new();
    if report.scan.completion == Completion::Interrupted || runs(Completion::Interrupted) > 0 {
        parts.push("this scan was interrupted".to_owned());
    }
    let expired = runs(Completion::CredentialsExpired);
    if expired > 0 {
        let whose = if report.runs.len() > 1 {
            format!(" in {}", words::count(expired, "account", "accounts"))
        } else {
            String::new()
        };
        parts.push(format!("the credentials expired during this scan{whose}"));
    }
    let failed = report.unscanned.iter().filter(|scope| scope.is_failure()).count();
    if failed > 0 {
        parts.push(format!("{} could not be scanned", words::count(failed, "account", "accounts")));
    }
    (!parts.is_empty()).then(|| format!("{}: what was not reached is unknown, not good", parts.join("; ")))
}

/// Why a scope was not scanned, for people.
pub(crate) fn why(reason: &UnscannedReason) -> String {
    match reason {
        UnscannedReason::LeftOut { setting } => format!("left out by {setting}"),
        UnscannedReason::Failed { message } => message.clone(),
        UnscannedReason::NotReached => "the scan was stopped before its turn".to_owned(),
    }
}
