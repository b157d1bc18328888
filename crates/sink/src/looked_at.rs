//! What a run looked at to its end: only there may what is missing be called gone.

use stance_model::{Completion, Findings, Report, UnscannedScope};
use std::collections::BTreeSet;

/// The accounts that were scanned to the end.
pub(crate) fn whole_accounts(report: &Report<dyn Findings>) -> BTreeSet<String> {
    let failed: BTreeSet<&str> = report
        .unscanned
        .iter()
        .filter(|scope| UnscannedScope::is_failure(scope))
        .map(|unscanned| unscanned.scope.as_str())
        .collect();
    let whole = report.runs.iter().filter(|run| run.completion == Completion::Complete);
    let accounts = whole.map(|run| run.scope.as_str()).filter(|scope| !failed.contains(scope));
    accounts.map(str::to_owned).collect()
}

/// The rules that were evaluated.
pub(crate) fn rules(report: &Report<dyn Findings>) -> BTreeSet<String> {
    report.rules.keys().map(ToString::to_string).collect()
}
