//! Exit statuses: what a script may rely on.

use stance_model::{Findings, Report, Severity, Standing};
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing failed, everything was read.
    Clean,
    /// The command itself failed.
    Error,
    /// Findings failed, at or above the severity that was asked for.
    Failing,
    /// Nothing failed, but something could not be read.
    Incomplete,
}

impl Outcome {
    /// How a report counts, with failures below `fail_on` left aside.
    pub fn of(report: &Report<dyn Findings>, fail_on: Option<Severity>) -> anyhow::Result<Self> {
        let (mut failing, mut unknown) = (false, false);
        report.findings.each(&mut |finding| {
            failing |= finding.standing() == Standing::Failing
                && fail_on.is_none_or(|least| finding.severity >= least);
            unknown |= finding.standing() == Standing::Unknown;
            Ok(())
        })?;
        Ok(if failing {
            Self::Failing
        } else if unknown || !report.is_complete() {
            Self::Incomplete
        } else {
            Self::Clean
        })
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        // 2 is clap's, for wrong usage
        Self::from(match outcome {
            Outcome::Clean => 0,
            Outcome::Error => 1,
            Outcome::Failing => 3,
            Outcome::Incomplete => 4,
        })
    }
}
