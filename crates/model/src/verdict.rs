//! What a rule says of a resource.

use crate::ReadFailure;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a rule says of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The condition holds, on facts that were read.
    Pass,
    /// The condition does not hold, on facts that were read.
    Fail,
    /// The facts that would decide are missing.
    Unknown(Vec<UnknownCause>),
    /// The rule does not concern this resource.
    NotApplicable,
}

impl Verdict {
    /// The verdict without its cause.
    pub fn status(&self) -> VerdictStatus {
        match self {
            Self::Pass => VerdictStatus::Pass,
            Self::Fail => VerdictStatus::Fail,
            Self::Unknown(_) => VerdictStatus::Unknown,
            Self::NotApplicable => VerdictStatus::NotApplicable,
        }
    }
}

/// A verdict without its cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerdictStatus {
    /// The condition does not hold.
    Fail,
    /// The facts that would decide are missing.
    Unknown,
    /// The condition holds.
    Pass,
    /// The rule does not concern this resource.
    NotApplicable,
}

impl VerdictStatus {
    /// The word for it, as in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Pass => "pass",
            Self::NotApplicable => "not-applicable",
        }
    }
}

impl fmt::Display for VerdictStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why a verdict is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum UnknownCause {
    /// Something that the rule needs could not be read.
    Unreadable {
        /// What the rule needed: an attribute's name, or a resource type that could not be listed.
        what: String,
        /// Why it could not be read.
        #[serde(flatten)]
        failure: ReadFailure,
    },
    /// Something that the rule needs was not asked for, as in a snapshot of a narrower scan.
    NotRead {
        /// What the rule needed.
        what: String,
    },
    /// The answer had not the shape that the rule expects.
    UnexpectedAnswer {
        /// What the rule stumbled over.
        message: String,
    },
}

impl fmt::Display for UnknownCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { what, failure } => {
                write!(f, "{what} could not be read: {} answered {}", failure.operation, failure.code)?;
                if failure.permissions.is_empty() {
                    Ok(())
                } else {
                    write!(f, "; grant {}", failure.permissions.join(", "))
                }
            }
            Self::NotRead { what } => write!(f, "{what} was not read in this scan"),
            Self::UnexpectedAnswer { message } => write!(f, "the answer was not as expected: {message}"),
        }
    }
}
