//! Reports: findings counted, by rule, service, scope and benchmark.

use crate::evaluator::{Evaluator, Options};
use stance_catalog::{Catalog, Problem, Rule};
use stance_model::{
    Finding, REPORT_VERSION, RegionChoice, Report, RuleId, RuleSummary, Run, Scan, ScopeId, Score, Snapshot,
    Traffic, UnscannedScope,
};
use std::collections::{BTreeMap, HashMap};

/// Judges everything in the snapshot by the rules.
///
/// # Errors
/// What is wrong with the rules' expressions.
pub fn evaluate(
    catalog: &Catalog,
    rules: &[&Rule],
    snapshot: &Snapshot,
    options: &Options,
) -> Result<Report, Vec<Problem>> {
    let evaluator = Evaluator::new(catalog, rules, options)?;
    let findings = evaluator.judge(snapshot);
    let mut totals = Totals::default();
    totals.add(&snapshot.run.scope, &findings);
    let mut run = snapshot.run.clone();
    run.as_of = options.as_of.unwrap_or(run.as_of);
    let scan = Scan {
        provider: run.provider,
        started_at: run.started_at,
        ended_at: run.ended_at,
        as_of: run.as_of,
        completion: run.completion,
        organization: None,
        regions: RegionChoice::Some,
        traffic: Traffic::default(),
        stance_version: run.stance_version.clone(),
    };
    Ok(evaluator.report(scan, vec![run], Vec::new(), totals, findings))
}

/// Verdicts counted while findings go by.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    by_rule: HashMap<RuleId, Score>,
    scopes: BTreeMap<ScopeId, Score>,
}

impl Totals {
    /// Counts the findings of a scope.
    pub fn add(&mut self, scope: &ScopeId, findings: &[Finding]) {
        let mut of_scope = Score::default();
        // in the order of a report, the findings of a rule stand together
        for of_rule in findings.chunk_by(|left, right| left.rule == right.rule) {
            let Some(first) = of_rule.first() else { continue };
            let score = self.by_rule.entry(first.rule.clone()).or_default();
            for finding in of_rule {
                score.add(finding);
                of_scope.add(finding);
            }
        }
        *self.scopes.entry(scope.clone()).or_default() += of_scope;
    }
}

impl Evaluator<'_> {
    /// The report of findings that were counted in `totals`.
    pub fn report<F>(
        &self,
        scan: Scan,
        runs: Vec<Run>,
        unscanned: Vec<UnscannedScope>,
        totals: Totals,
        findings: F,
    ) -> Report<F> {
        let Totals { by_rule, scopes } = totals;
        let rules: BTreeMap<RuleId, RuleSummary> = self
            .rules()
            .map(|ready| {
                let score = by_rule.get(&ready.rule.id).map(|score| score.verdicts).unwrap_or_default();
                (ready.rule.id.clone(), ready.rule.summary(score))
            })
            .collect();
        let mut score = Score::default();
        let mut services: BTreeMap<String, Score> = BTreeMap::new();
        for (rule, of_rule) in &by_rule {
            score += *of_rule;
            if let Some(rule) = rules.get(rule) {
                *services.entry(rule.service.clone()).or_default() += *of_rule;
            }
        }
        let benchmarks = self
            .benchmarks
            .iter()
            .filter_map(|benchmark| {
                benchmark.result(|rule| {
                    // a rule that met nothing to judge has judged all the same
                    rules.contains_key(rule).then(|| by_rule.get(rule).copied().unwrap_or_default())
                })
            })
            .collect();
        let exception_notices = self.exception_notices(&scan, &runs);
        Report {
            version: REPORT_VERSION,
            scan,
            runs,
            taken_from: Vec::new(),
            unscanned,
            score,
            scopes,
            services,
            benchmarks,
            rules,
            exception_notices,
            findings,
        }
    }
}
