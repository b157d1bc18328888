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
    /// Results were not delivered to a sink, whatever they say.
    Undelivered,
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

impl Outcome {
    /// The exit status.
    pub fn status(self) -> u8 {
        // 2 is clap's, for wrong usage
        match self {
            Self::Clean => 0,
            Self::Error => 1,
            Self::Failing => 3,
            Self::Incomplete => 4,
            Self::Undelivered => 5,
        }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(outcome.status())
    }
}
