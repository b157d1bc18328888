//! How bad a failing rule is.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use thiserror::Error;

/// How bad it is when a rule fails; ordered from harmless to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know; nothing is at risk by itself.
    Info,
    /// Hygiene; helps an attacker who is already inside.
    Low,
    /// Weakens a defence that others still back up.
    Medium,
    /// A serious weakness; mend it within days.
    High,
    /// Open to attack now; mend it today.
    Critical,
}

impl Severity {
    /// All severities, the worst first.
    pub const WORST_FIRST: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The lower-case word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// How much a verdict of this severity weighs in the severity-weighted score.
    pub fn weight(self) -> u64 {
        match self {
            Self::Info => 0,
            Self::Low => 1,
            Self::Medium => 4,
            Self::High => 10,
            Self::Critical => 25,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names no severity.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not a severity; use one of critical, high, medium, low, info")]
pub struct UnknownSeverity(String);

impl FromStr for Severity {
    type Err = UnknownSeverity;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::WORST_FIRST
            .into_iter()
            .find(|severity| severity.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownSeverity(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_severity_reads_back_from_its_own_name() {
        for severity in Severity::WORST_FIRST {
            assert_eq!(severity.as_str().parse(), Ok(severity));
        }
        assert!("urgent".parse::<Severity>().is_err());
    }

    #[test]
    fn worst_first_is_in_falling_order() {
        assert!(Severity::WORST_FIRST.is_sorted_by(|a, b| a > b));
    }
}
