//! All that the outputs show: a run, its findings, and the words around them.

use crate::{
    Completion, Finding, Findings, ResourceType, RuleId, Run, Scan, ScopeId, Severity, Standing,
    UnscannedScope,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::AddAssign;

/// Version of the report's serialised form; raised when a reader of the old one would go wrong.
pub const REPORT_VERSION: u32 = 2;

/// All that the outputs show.
///
/// The findings come last and may be of any kind that can be read through one by one: those of a large
/// organization do not fit into memory. A writer takes `&Report<dyn Findings>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report<F: ?Sized = Vec<Finding>> {
    /// [`REPORT_VERSION`].
    pub version: u32,
    /// The scan as a whole.
    pub scan: Scan,
    /// The run of each scope that was scanned, by scope.
    pub runs: Vec<Run>,
    /// The runs of a store that the report was put together from, the latest first; empty where it is the report of
    /// one scan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taken_from: Vec<KeptRun>,
    /// Scopes that were to be scanned or might have been, and were not, with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unscanned: Vec<UnscannedScope>,
    /// How it stands as a whole.
    pub score: Score,
    /// How each scope stands.
    pub scopes: BTreeMap<ScopeId, Score>,
    /// How each service stands, by the catalog's name of the service.
    pub services: BTreeMap<String, Score>,
    /// The benchmarks that were asked for, or that the rules touch.
    pub benchmarks: Vec<BenchmarkResult>,
    /// The rules that were evaluated, by id.
    pub rules: BTreeMap<RuleId, RuleSummary>,
    /// What whoever answers for the exceptions should know: ended ones, ones that match nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exception_notices: Vec<String>,
    /// Every verdict but not-applicable ones, in a stable order: failing first, worst first.
    pub findings: F,
}

impl Report {
    /// The report as its writers take it.
    pub fn as_dyn(&self) -> &Report<dyn Findings> {
        self
    }
}

impl<F: ?Sized> Report<F> {
    /// Whether everything that was to be read was tried: no run was cut short, no scope failed.
    pub fn is_complete(&self) -> bool {
        self.scan.completion == Completion::Complete
            && self.runs.iter().all(|run| run.completion == Completion::Complete)
            && !self.unscanned.iter().any(UnscannedScope::is_failure)
    }

    /// The run of a scope.
    pub fn run_of(&self, scope: &ScopeId) -> Option<&Run> {
        self.runs.iter().find(|run| run.scope == *scope)
    }
}

/// A run that a store keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRun {
    /// Its number in the store.
    pub number: i64,
    /// The name under which it was sent.
    pub name: String,
    /// When it ended.
    pub ended_at: DateTime<Utc>,
    /// How many scopes of the report it was the last to read.
    pub scopes: u64,
}

/// Verdicts counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreBreakdown {
    /// Verdicts that hold.
    pub passed: u64,
    /// Verdicts that do not.
    pub failed: u64,
    /// Verdicts that could not be reached.
    pub unknown: u64,
    /// Verdicts that do not hold or could not be reached, and that an exception accepts.
    #[serde(default, skip_serializing_if = "is_none")]
    pub excepted: u64,
}

// what serde calls takes the field by reference
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_none(count: &u64) -> bool {
    *count == 0
}

impl ScoreBreakdown {
    /// Counts a finding.
    pub fn add(&mut self, standing: Standing, weight: u64) {
        match standing {
            Standing::Passing => self.passed += weight,
            Standing::Failing => self.failed += weight,
            Standing::Unknown => self.unknown += weight,
            Standing::Excepted => self.excepted += weight,
        }
    }

    /// Passed of those decided, in per cent, rounded down so that only a clean sheet shows 100.
    /// Nothing where nothing was decided.
    pub fn percent(&self) -> Option<u64> {
        let decided = self.passed + self.failed;
        (self.passed * 100).checked_div(decided)
    }

    /// Share of all verdicts (accepted ones left aside) that is unknown, in per cent, rounded up so that only none shows 0.
    pub fn unknown_percent(&self) -> u64 {
        let all = self.passed + self.failed + self.unknown;
        (self.unknown * 100 + all.saturating_sub(1)).checked_div(all).unwrap_or(0)
    }
}

impl AddAssign for ScoreBreakdown {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.unknown += other.unknown;
        self.excepted += other.excepted;
    }
}

/// A posture score: plain, and weighted by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Each verdict counts one.
    pub verdicts: ScoreBreakdown,
    /// Each verdict counts the weight of its rule's severity.
    pub weighted: ScoreBreakdown,
}

impl Score {
    /// Counts a finding.
    pub fn add(&mut self, finding: &Finding) {
        let standing = finding.standing();
        self.verdicts.add(standing, 1);
        self.weighted.add(standing, finding.severity.weight());
    }
}

impl AddAssign for Score {
    fn add_assign(&mut self, other: Self) {
        self.verdicts += other.verdicts;
        self.weighted += other.weighted;
    }
}

/// A rule in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleSummary {
    /// What must hold.
    pub title: String,
    /// The catalog's name of the service, `s3`.
    pub service: String,
    /// The type that it judges.
    pub resource: ResourceType,
    /// How bad a failure is.
    pub severity: Severity,
    /// What is wrong where it fails, and why that matters.
    pub rationale: String,
    /// How to mend it.
    pub remediation: Remediation,
    /// Pages of the provider's documentation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// Themes, as `encryption`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// How its verdicts fell.
    pub score: ScoreBreakdown,
}

/// How to mend a failure. Text in braces stands for the resource's own values: `{Name}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remediation {
    /// In a sentence or two.
    pub text: String,
    /// With the provider's command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cli: Option<String>,
    /// With Terraform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terraform: Option<String>,
    /// In the provider's console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console: Option<String>,
}

/// A control of a benchmark, by number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ControlReference {
    /// Id of the benchmark, `aws-cis-3.0`.
    pub benchmark: String,
    /// Number of the control, `2.1.1`.
    pub control: String,
}

/// How a benchmark stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BenchmarkResult {
    /// Its id, `aws-cis-3.0`.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Verdicts of all rules behind its controls, each finding counted once.
    pub score: Score,
    /// Its controls in its own order.
    pub controls: Vec<ControlResult>,
}

/// How a control stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ControlResult {
    /// Its number.
    pub id: String,
    /// A short title of our own.
    pub title: String,
    /// The section that holds it.
    pub section: String,
    /// What can be said.
    pub assessment: Assessment,
    /// The rules behind it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleId>,
    /// Verdicts of those rules.
    pub score: ScoreBreakdown,
}

/// What can be said of a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Assessment {
    /// Every verdict passed.
    Pass,
    /// Some verdict failed.
    Fail,
    /// Nothing failed, but something could not be read.
    Unknown,
    /// Nothing fails or is unknown but what an exception accepts.
    Excepted,
    /// A person has to look; no rule can tell.
    Manual,
    /// There are rules, but they met nothing to judge.
    NothingToAssess,
    /// There are rules, but none of them was part of this scan.
    NotAssessed,
}

impl Assessment {
    /// The word for it, as in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Excepted => "excepted",
            Self::Manual => "manual",
            Self::NothingToAssess => "nothing to assess",
            Self::NotAssessed => "not assessed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_never_counts_as_pass() {
        let mut score = ScoreBreakdown::default();
        score.add(Standing::Unknown, 1);
        assert_eq!(score.percent(), None);
        score.add(Standing::Passing, 1);
        assert_eq!((score.percent(), score.unknown_percent()), (Some(100), 50));
    }

    #[test]
    fn only_a_clean_sheet_shows_a_hundred_and_only_no_unknown_shows_none() {
        let score = ScoreBreakdown { passed: 999, failed: 1, unknown: 1, excepted: 0 };
        assert_eq!((score.percent(), score.unknown_percent()), (Some(99), 1));
    }
}
