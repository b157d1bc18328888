//! Failing findings by rule, the worst rule first.

use stance_model::{Finding, Findings, Report, RuleId, RuleSummary, Severity, Standing};
use std::cmp::Reverse;
use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};

/// How many failing findings of a rule are kept to be shown; the others are counted.
pub(crate) const KEPT: usize = 20;

/// A rule that failed.
pub(crate) struct FailingRule<'a> {
    pub id: RuleId,
    /// Nothing where the report has findings of a rule that it does not describe.
    pub summary: Option<&'a RuleSummary>,
    /// The worst of its failing findings.
    pub severity: Severity,
    /// Its failing findings, the worst first, as many as are shown at most.
    pub findings: Vec<Finding>,
    /// How many failing findings there are.
    pub failed: usize,
    /// How many resources failed it.
    pub failed_resources: usize,
    /// How many resources it judged.
    pub resources: usize,
}

impl FailingRule<'_> {
    /// What the rule demands; its id where nothing else is known.
    pub fn title(&self) -> &str {
        self.summary.map_or(self.id.as_str(), |summary| &summary.title)
    }
}

/// Gathers failing rules while findings go by.
#[derive(Default)]
pub(crate) struct FailingGatherer {
    rules: HashMap<RuleId, Gathered>,
}

#[derive(Default)]
struct Gathered {
    findings: Vec<Finding>,
    failed: usize,
    resources: Distinct,
    failed_resources: Distinct,
}

/// Counts distinct resources. Only where a rule judges items can a resource come twice; a hash of it takes
/// a fraction of the memory of its id.
#[derive(Default)]
struct Distinct {
    once: usize,
    by_items: HashSet<u64>,
}

impl Distinct {
    fn add(&mut self, finding: &Finding) {
        if finding.sub_key.is_none() {
            self.once += 1;
            return;
        }
        let mut hasher = DefaultHasher::new();
        finding.resource.id.hash(&mut hasher);
        self.by_items.insert(hasher.finish());
    }

    fn count(&self) -> usize {
        self.once + self.by_items.len()
    }
}

impl FailingGatherer {
    /// Takes a finding into account.
    pub fn add(&mut self, finding: &Finding) {
        if !self.rules.contains_key(&finding.rule) {
            self.rules.insert(finding.rule.clone(), Gathered::default());
        }
        let Some(gathered) = self.rules.get_mut(&finding.rule) else { return };
        gathered.resources.add(finding);
        if finding.standing() != Standing::Failing {
            return;
        }
        gathered.failed += 1;
        gathered.failed_resources.add(finding);
        let worse_than_last = gathered.findings.last().is_none_or(|last| finding.severity > last.severity);
        if gathered.findings.len() < KEPT || worse_than_last {
            gathered.findings.push(finding.clone());
            // stable, so that equals stay in the report's order
            gathered.findings.sort_by_key(|finding| Reverse(finding.severity));
            gathered.findings.truncate(KEPT);
        }
    }

    /// The rules that fail.
    pub fn finish(self, report: &Report<dyn Findings>) -> Vec<FailingRule<'_>> {
        let mut rules: Vec<_> = self
            .rules
            .into_iter()
            .filter(|(_, gathered)| gathered.failed > 0)
            .map(|(id, gathered)| FailingRule {
                summary: report.rules.get(&id),
                severity: gathered.findings.first().map_or(Severity::Info, |worst| worst.severity),
                failed: gathered.failed,
                failed_resources: gathered.failed_resources.count(),
                resources: gathered.resources.count(),
                findings: gathered.findings,
                id,
            })
            .collect();
        rules.sort_by(|left, right| {
            let key = |rule: &FailingRule<'_>| (Reverse(rule.severity), Reverse(rule.failed_resources));
            key(left).cmp(&key(right)).then_with(|| left.id.cmp(&right.id))
        });
        rules
    }
}
