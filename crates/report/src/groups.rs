//! Failing findings by rule, the worst rule first.

use stance_model::{Finding, Report, ResourceId, RuleId, RuleSummary, Severity, VerdictStatus};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

/// A rule that fails somewhere.
pub(crate) struct FailingRule<'a> {
    pub id: &'a RuleId,
    /// Nothing where the report does not describe the rule.
    pub summary: Option<&'a RuleSummary>,
    /// The worst severity of its failures, which facts may have raised above the rule's own.
    pub severity: Severity,
    /// Its failures, the worst first.
    pub findings: Vec<&'a Finding>,
    /// On how many resources it fails.
    pub failed_resources: usize,
    /// On how many resources it was judged at all.
    pub resources: usize,
}

impl FailingRule<'_> {
    /// What the rule demands.
    pub fn title(&self) -> &str {
        self.summary.map_or(self.id.as_str(), |summary| &summary.title)
    }
}

/// The rules that fail, the worst and widest first.
pub(crate) fn failing_rules(report: &Report) -> Vec<FailingRule<'_>> {
    let mut failures: BTreeMap<&RuleId, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        if finding.status == VerdictStatus::Fail {
            failures.entry(&finding.rule).or_default().push(finding);
        }
    }
    let mut judged: BTreeMap<&RuleId, HashSet<&ResourceId>> = BTreeMap::new();
    for finding in &report.findings {
        if failures.contains_key(&finding.rule) {
            judged.entry(&finding.rule).or_default().insert(&finding.resource.id);
        }
    }

    let mut rules: Vec<_> = failures
        .into_iter()
        .map(|(id, mut findings)| {
            findings.sort_by_key(|finding| Reverse(finding.severity));
            let failed: HashSet<_> = findings.iter().map(|finding| &finding.resource.id).collect();
            FailingRule {
                id,
                summary: report.rules.get(id),
                severity: findings.first().map_or(Severity::Info, |worst| worst.severity),
                failed_resources: failed.len(),
                resources: judged.get(id).map_or(failed.len(), HashSet::len),
                findings,
            }
        })
        .collect();
    rules.sort_by_key(|rule| (Reverse(rule.severity), Reverse(rule.failed_resources), rule.id));
    rules
}
