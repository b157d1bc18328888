//! Words and counts that answers share.

use schemars::JsonSchema;
use serde::Serialize;
use stance_model::{Assessment, Completion, Score, ScoreBreakdown, Severity, Standing, VerdictStatus};
use stance_store::RunState;

/// How a finding counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Status {
    /// It fails, and nobody accepts that.
    Failed,
    /// It cannot be told, and nobody accepts that.
    Unknown,
    /// It fails or cannot be told, and an exception accepts that.
    Excepted,
    /// It holds.
    Passed,
    /// What it spoke of is no longer there.
    Gone,
}

impl From<Standing> for Status {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Failing => Self::Failed,
            Standing::Unknown => Self::Unknown,
            Standing::Excepted => Self::Excepted,
            Standing::Passing => Self::Passed,
        }
    }
}

impl Status {
    /// Of a verdict, which is nothing where there was nothing to speak of.
    pub(crate) fn of(status: Option<VerdictStatus>, is_excepted: bool) -> Self {
        match (status, is_excepted) {
            (None, _) => Self::Gone,
            (Some(_), true) => Self::Excepted,
            (Some(VerdictStatus::Fail), false) => Self::Failed,
            (Some(VerdictStatus::Unknown), false) => Self::Unknown,
            (Some(VerdictStatus::Pass | VerdictStatus::NotApplicable), false) => Self::Passed,
        }
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SeverityWord {
    Critical,
    High,
    Medium,
    Low,
    Info,
}

impl From<Severity> for SeverityWord {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Critical => Self::Critical,
            Severity::High => Self::High,
            Severity::Medium => Self::Medium,
            Severity::Low => Self::Low,
            Severity::Info => Self::Info,
        }
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Progress {
    /// It goes on.
    UnderWay,
    /// Its results are in the store.
    Done,
    /// It came to nothing.
    Failed,
    /// Its process ended before it did.
    Abandoned,
}

impl From<RunState> for Progress {
    fn from(state: RunState) -> Self {
        match state {
            RunState::UnderWay => Self::UnderWay,
            RunState::Done => Self::Done,
            RunState::Failed => Self::Failed,
            RunState::Abandoned => Self::Abandoned,
        }
    }
}

/// Whether everything planned was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Completeness {
    /// Everything planned was tried.
    Complete,
    /// It was interrupted.
    Interrupted,
    /// The credentials ended while it went on.
    CredentialsExpired,
}

impl From<Completion> for Completeness {
    fn from(completion: Completion) -> Self {
        match completion {
            Completion::Complete => Self::Complete,
            Completion::Interrupted => Self::Interrupted,
            Completion::CredentialsExpired => Self::CredentialsExpired,
        }
    }
}

/// What can be said of a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ControlStatus {
    /// Every verdict passed.
    Pass,
    /// Some verdict failed.
    Fail,
    /// Nothing failed, but something could not be read.
    Unknown,
    /// Nothing fails or is unknown but what an exception accepts.
    Excepted,
    /// A person has to look.
    Manual,
    /// There are rules, but they met nothing to judge.
    NothingToAssess,
    /// There are rules, but not all of them have judged.
    NotAssessed,
}

impl From<Assessment> for ControlStatus {
    fn from(assessment: Assessment) -> Self {
        match assessment {
            Assessment::Pass => Self::Pass,
            Assessment::Fail => Self::Fail,
            Assessment::Unknown => Self::Unknown,
            Assessment::Excepted => Self::Excepted,
            Assessment::Manual => Self::Manual,
            Assessment::NothingToAssess => Self::NothingToAssess,
            Assessment::NotAssessed => Self::NotAssessed,
        }
    }
}

/// Findings, counted by how they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) unknown: u64,
    pub(crate) excepted: u64,
}

impl From<ScoreBreakdown> for Counts {
    fn from(counts: ScoreBreakdown) -> Self {
        let ScoreBreakdown { passed, failed, unknown, excepted } = counts;
        Self { passed, failed, unknown, excepted }
    }
}

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Posture {
    /// Each finding counts one.
    pub(crate) findings: Counts,
    /// Each finding counts the weight of its severity.
    pub(crate) weighted: Counts,
    /// Passed of those that passed or failed, in per cent, rounded down; null where there is none.
    pub(crate) percent: Option<u64>,
    /// The same by weight.
    pub(crate) weighted_percent: Option<u64>,
    /// Unknown of all but the excepted, in per cent, rounded up.
    pub(crate) unknown_percent: u64,
}

impl From<Score> for Posture {
    fn from(score: Score) -> Self {
        Self {
            findings: score.verdicts.into(),
            weighted: score.weighted.into(),
            percent: score.verdicts.percent(),
            weighted_percent: score.weighted.percent(),
            unknown_percent: score.verdicts.unknown_percent(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dimension::{STANDINGS, standing_key};

    #[test]
    fn answers_say_what_filters_ask_for() {
        let word = |word: serde_json::Value| word.as_str().unwrap().to_owned();
        for standing in STANDINGS {
            let told = serde_json::to_value(Status::from(standing)).unwrap();
            assert_eq!(word(told), standing_key(standing));
        }
        for severity in Severity::WORST_FIRST {
            assert_eq!(word(serde_json::to_value(SeverityWord::from(severity)).unwrap()), severity.as_str());
        }
    }
}
