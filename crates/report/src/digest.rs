//! What a page for people tells beside the findings themselves, gathered in one reading of them.

use crate::gaps::{GapGatherer, Gaps};
use crate::groups::{FailingGatherer, FailingRule};
use stance_model::{Findings, Report};
use std::io;

/// Failing rules and gaps of a report.
pub(crate) struct Digest<'r> {
    pub failing: Vec<FailingRule<'r>>,
    pub gaps: Gaps,
}

impl<'r> Digest<'r> {
    pub fn of(report: &'r Report<dyn Findings>) -> io::Result<Self> {
        let mut gaps = GapGatherer::of_listings(report);
        let mut failing = FailingGatherer::default();
        report.findings.each(&mut |finding| {
            gaps.add(finding);
            failing.add(finding);
            Ok(())
        })?;
        Ok(Self { failing: failing.finish(report), gaps: gaps.finish() })
    }
}
