//! Reports: findings counted, by rule, service, scope and benchmark.

use crate::evaluator::{Evaluator, Options};
use stance_catalog::{Benchmark, Catalog, Problem, Rule};
use stance_model::{
    Assessment, BenchmarkResult, ControlResult, Finding, REPORT_VERSION, RegionChoice, Report, RuleId,
    RuleSummary, Run, Scan, ScopeId, Score, ScoreBreakdown, Snapshot, Traffic, UnscannedScope,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

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
        for finding in findings {
            self.by_rule.entry(finding.rule.clone()).or_default().add(finding);
            of_scope.add(finding);
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
            .ready
            .iter()
            .map(|ready| {
                let score = by_rule.get(&ready.rule.id).map(|score| score.verdicts).unwrap_or_default();
                (ready.rule.id.clone(), summary(ready.rule, score))
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
            .filter_map(|benchmark| benchmark_result(benchmark, &rules, &by_rule))
            .collect();
        let exception_notices = self.exception_notices(&scan, &runs);
        Report {
            version: REPORT_VERSION,
            scan,
            runs,
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

fn summary(rule: &Rule, score: ScoreBreakdown) -> RuleSummary {
    let text = &rule.text;
    RuleSummary {
        title: text.title.clone(),
        service: rule.service.clone(),
        resource: text.resource.clone(),
        severity: text.severity,
        rationale: text.rationale.trim().to_owned(),
        remediation: text.remediation.clone(),
        references: text.references.clone(),
        categories: text.categories.clone(),
        score,
    }
}

/// How a benchmark stands; nothing where none of its rules was evaluated.
fn benchmark_result(
    benchmark: &Benchmark,
    rules: &BTreeMap<RuleId, RuleSummary>,
    by_rule: &HashMap<RuleId, Score>,
) -> Option<BenchmarkResult> {
    if !benchmark.controls().flat_map(|control| &control.rules).any(|rule| rules.contains_key(rule)) {
        return None;
    }
    let behind: BTreeSet<&RuleId> = benchmark.controls().flat_map(|control| &control.rules).collect();
    let mut score = Score::default();
    for of_rule in behind.into_iter().filter_map(|rule| by_rule.get(rule)) {
        score += *of_rule;
    }
    let controls = benchmark
        .sections
        .iter()
        .flat_map(|section| section.controls.iter().map(move |control| (section, control)))
        .map(|(section, control)| {
            let mut score = ScoreBreakdown::default();
            let evaluated: Vec<&RuleSummary> =
                control.rules.iter().filter_map(|rule| rules.get(rule)).collect();
            for rule in &evaluated {
                score += rule.score;
            }
            let assessment = if control.manual {
                Assessment::Manual
            } else if evaluated.is_empty() {
                Assessment::NotAssessed
            } else if score.failed > 0 {
                Assessment::Fail
            } else if score.unknown > 0 {
                Assessment::Unknown
            } else if score.excepted > 0 {
                Assessment::Excepted
            } else if evaluated.len() < control.rules.len() {
                // passing half of a control's rules says nothing of the other half
                Assessment::NotAssessed
            } else if score.passed > 0 {
                Assessment::Pass
            } else {
                Assessment::NothingToAssess
            };
            ControlResult {
                id: control.id.clone(),
                title: control.title.clone(),
                section: section.title.clone(),
                assessment,
                rules: control.rules.clone(),
                score,
            }
        })
        .collect();
    Some(BenchmarkResult { id: benchmark.id.clone(), title: benchmark.title.clone(), score, controls })
}
