//! The identity of a run.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use stance_model::{FindingId, Report};
use std::fmt;

/// Identity of a run: the same for the same scan, wherever and how often its results are delivered. 32
/// hexadecimal digits of a SHA-256 of when it was, and of what.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RunId(String);

impl RunId {
    /// The id of the run that a report is of.
    pub fn of<F: ?Sized>(report: &Report<F>) -> Self {
        let moment = |time: DateTime<Utc>| time.to_rfc3339();
        let scan = &report.scan;
        let mut hash = Sha256::new();
        let mut add = |part: &str| {
            // each part is preceded by its length, so that no two runs share a byte sequence
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        };
        add(&scan.provider.to_string());
        add(scan.organization.as_deref().unwrap_or_default());
        add(&moment(scan.started_at));
        add(&moment(scan.as_of));
        for run in &report.runs {
            add(run.scope.as_str());
            add(&moment(run.started_at));
        }
        Self(hex(hash.finalize().iter().take(16)))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of the document about a finding of this run.
    pub(crate) fn document(&self, finding: &FindingId) -> String {
        format!("{finding}-{}", self.0)
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex<'a>(bytes: impl IntoIterator<Item = &'a u8>) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
    bytes.into_iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::report;

    #[test]
    fn the_id_tells_runs_apart_and_is_stable() {
        let one = report(1);
        let mut other = report(1);
        assert_eq!(RunId::of(&one), RunId::of(&other));
        other.scan.started_at += chrono::TimeDelta::nanoseconds(1);
        assert_ne!(RunId::of(&one), RunId::of(&other));
        assert_eq!(RunId::of(&one).as_str().len(), 32);
    }
}
