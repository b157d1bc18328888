//! Comparing two reports: what is new, what is mended, what changed.

mod compare;
mod show;

pub use compare::between;
pub use show::{write_json, write_terminal};

use chrono::{DateTime, Utc};
use serde::Serialize;
use stance_model::{Finding, ScopeId, Score, Severity, VerdictStatus};
use std::collections::BTreeSet;

/// What differs between two reports.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The report that came first.
    pub older: Side,
    /// The report that came later.
    pub newer: Side,
    /// What fails now and did not fail before, the worst first.
    pub new: Vec<Change>,
    /// What failed before and now passes, or whose resource is gone.
    pub resolved: Vec<Change>,
    /// What else differs: verdicts that became or were unknown, and severities.
    pub changed: Vec<Change>,
    /// What failed before and was not looked at now; nothing says that it is mended.
    pub lost: Vec<Change>,
    /// How many findings fail in both with the same severity.
    pub still_failing: usize,
}

/// One of the two reports.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Side {
    /// What was scanned.
    pub scopes: BTreeSet<ScopeId>,
    /// When its collection began.
    pub started_at: DateTime<Utc>,
    /// How it stood.
    pub score: Score,
}

/// A finding that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// What its rule demands.
    pub title: String,
    /// What was said before; nothing where there was no verdict.
    pub before: Option<Verdict>,
    /// What is said now; nothing where there is no verdict.
    pub after: Option<Verdict>,
    /// The later finding, or the earlier one where there is no later one.
    pub finding: Finding,
}

/// What a finding said in one report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What it said.
    pub status: VerdictStatus,
    /// How bad a failure was.
    pub severity: Severity,
    /// Whether an exception accepted it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub excepted: bool,
}
