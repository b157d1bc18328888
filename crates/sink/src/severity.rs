//! How bad a finding is, in the words of logs.

use crate::Change;
use stance_model::{Finding, Severity, Standing};

/// How a finding stands as a line of a log. What holds, is accepted or is gone is no alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Nothing is wrong.
    Information,
    /// Something is, or could not be told.
    Warning,
    /// Something serious is.
    Error,
    /// It is open to attack now.
    Critical,
}

impl Level {
    /// The level of a finding.
    pub fn of(finding: &Finding, change: Option<Change>) -> Self {
        if change == Some(Change::Resolved) {
            return Self::Information;
        }
        match (finding.standing(), finding.severity) {
            (Standing::Passing | Standing::Excepted, _)
            | (Standing::Failing, Severity::Low | Severity::Info) => Self::Information,
            (Standing::Unknown, _) | (Standing::Failing, Severity::Medium) => Self::Warning,
            (Standing::Failing, Severity::Critical) => Self::Critical,
            (Standing::Failing, Severity::High) => Self::Error,
        }
    }
}
