//! What a page for people tells beside the findings themselves, gathered in one reading of them.

use crate::accepted::{Accepted, AcceptedGatherer};
use crate::gaps::{GapGatherer, Gaps};
use crate::groups::{FailingGatherer, FailingRule};
use stance_model::{Findings, Report, ScoreBreakdown, Severity};
use std::collections::BTreeMap;
use std::io;

/// Failing rules, gaps, exceptions and severities of a report.
pub(crate) struct Digest<'r> {
    pub failing: Vec<FailingRule<'r>>,
    pub gaps: Gaps,
    pub accepted: Vec<Accepted>,
    /// How the findings of each severity stand.
    pub severities: BTreeMap<Severity, ScoreBreakdown>,
}

impl<'r> Digest<'r> {
    pub fn of(report: &'r Report<dyn Findings>) -> io::Result<Self> {
        let mut gaps = GapGatherer::of_listings(report);
        let mut failing = FailingGatherer::default();
        let mut accepted = AcceptedGatherer::default();
        let mut severities: BTreeMap<Severity, ScoreBreakdown> = BTreeMap::new();
        report.findings.each(&mut |finding| {
            gaps.add(finding);
            failing.add(finding);
            accepted.add(finding);
            severities.entry(finding.severity).or_default().add(finding.standing(), 1);
            Ok(())
        })?;
        let (failing, gaps) = (failing.finish(report), gaps.finish());
        Ok(Self { failing, gaps, accepted: accepted.finish(), severities })
    }
}
