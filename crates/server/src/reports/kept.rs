//! The report of what the store holds: of each account what the last run about it has found.

use super::Asked;
use crate::Console;
use crate::api::kept_findings::{KeptFindings, by, nothing, summaries};
use crate::error::PageError;
use crate::facts::Facts;
use crate::filter::Sort;
use crate::pages::overview::{rule_scores, total};
use crate::viewer::Visible;
use chrono::{DateTime, Utc};
use stance_model::{
    Completion, KeptRun, REPORT_VERSION, Report, RuleId, Run, Scan, ScopeId, Traffic, UnscannedScope,
};
use stance_store::{Cell, Census, Outline, RunId, Scope, Store};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

impl Asked {
    /// The report; its findings are read when it is written.
    pub(crate) fn report(
        &self,
        console: &Console,
        census: &Arc<Census>,
        visible: &Visible,
        now: DateTime<Utc>,
    ) -> Result<Report<KeptFindings>, PageError> {
        let (store, facts) = (console.store(), console.facts());
        let scopes = self.scopes(census, visible)?;
        let numbers: HashSet<i64> = scopes.iter().map(|scope| scope.number).collect();
        let wanted = self.rules(facts);
        let is_wanted = |rule: &RuleId| wanted.as_ref().is_none_or(|wanted| wanted.contains(rule));
        let mut cells: Vec<&Cell> = census
            .cells
            .iter()
            .filter(|cell| numbers.contains(&cell.scope) && is_wanted(&cell.rule))
            .collect();
        Sort::Severity.apply(&mut cells, census);
        let scores = rule_scores(census, &cells);
        let benchmarks = facts.benchmarks().into_iter().filter(|benchmark| match &self.benchmark {
            Some(id) => benchmark.id == *id,
            None => benchmark.featured,
        });
        let judged: Vec<RuleId> = census.judged.iter().filter(|rule| is_wanted(rule)).cloned().collect();
        let collected = store.collections(census, |scope| numbers.contains(&scope.number))?;
        let sources = Sources::of(store, census, &scopes)?;
        let listed: Vec<&Cell> =
            cells.iter().copied().filter(|cell| self.status.holds(cell.standing)).collect();
        Ok(Report {
            version: REPORT_VERSION,
            scan: sources.scan(&collected, *visible == Visible::All && self.accounts.is_empty(), now),
            runs: collected,
            taken_from: sources.runs.clone(),
            unscanned: sources.unscanned(census, |scope| {
                visible.holds(scope) && (self.accounts.is_empty() || self.accounts.contains(scope.as_str()))
            }),
            score: total(&cells),
            scopes: by(&cells, |cell| census.scope(cell.scope).map(|scope| scope.id.clone())),
            services: by(&cells, |cell| facts.rule(cell.rule.as_str()).map(|rule| rule.service.clone())),
            benchmarks: benchmarks
                .filter_map(|benchmark| benchmark.result(|rule| scores.get(rule).copied()))
                .collect(),
            rules: summaries(&judged, &scores, facts),
            exception_notices: Vec::new(),
            findings: KeptFindings::of(console, census, &listed),
        })
    }

    /// The rules behind the benchmark; nothing where all are wanted.
    fn rules(&self, facts: &Facts) -> Option<HashSet<RuleId>> {
        let benchmark = facts.benchmark(self.benchmark.as_deref()?)?;
        Some(benchmark.controls().flat_map(|control| &control.rules).cloned().collect())
    }
}

/// The last run about each account, with what it tells as a whole.
struct Sources {
    /// The latest first.
    runs: Vec<KeptRun>,
    outlines: Vec<(RunId, Outline)>,
}

impl Sources {
    fn of(store: &Store, census: &Census, scopes: &[&Scope]) -> Result<Self, PageError> {
        let mut scopes_of_run: BTreeMap<i64, u64> = BTreeMap::new();
        for run in scopes.iter().filter_map(|scope| scope.last_run) {
            *scopes_of_run.entry(run).or_default() += 1;
        }
        let (mut runs, mut outlines) = (Vec::new(), Vec::new());
        for (number, scopes) in scopes_of_run.into_iter().rev() {
            let id = RunId::from(number);
            let summary = store.summary(id)?;
            let seen = census.runs.get(&number).copied().unwrap_or(summary.started_at);
            runs.push(KeptRun {
                number,
                name: summary.uid,
                ended_at: summary.ended_at.unwrap_or(seen),
                scopes,
            });
            outlines.extend(store.outline(id)?.map(|outline| (id, outline)));
        }
        Ok(Self { runs, outlines })
    }

    /// All scans as one. `is_all` tells whether it is about the whole estate: nothing of a part says whose it is.
    fn scan(&self, collected: &[Run], is_all: bool, now: DateTime<Utc>) -> Scan {
        let Some((_, last)) = self.outlines.first() else { return nothing(now) };
        let is_whole = |(_, outline): &(RunId, Outline)| outline.scan.completion == Completion::Complete;
        let completion = self.outlines.iter().find(|outline| !is_whole(outline));
        let completion = completion.map_or(Completion::Complete, |(_, outline)| outline.scan.completion);
        let scan = last.scan.clone();
        Scan {
            started_at: collected.iter().map(|run| run.started_at).min().unwrap_or(scan.started_at),
            ended_at: collected.iter().map(|run| run.ended_at).max().unwrap_or(scan.ended_at),
            as_of: collected.iter().map(|run| run.as_of).max().unwrap_or(scan.as_of),
            // a part that was cut short is told by the runs of its accounts
            completion: if is_all { completion } else { Completion::Complete },
            organization: scan.organization.filter(|_| is_all),
            traffic: Traffic::default(),
            ..scan
        }
    }

    /// Accounts that a run was to scan and did not, unless a later one did.
    fn unscanned(&self, census: &Census, is_meant: impl Fn(&ScopeId) -> bool) -> Vec<UnscannedScope> {
        let mut met = BTreeSet::new();
        let mut unscanned = Vec::new();
        for (run, outline) in &self.outlines {
            for scope in outline.unscanned.iter().filter(|scope| is_meant(&scope.scope)) {
                let last = census.scope_of(scope.scope.as_str()).and_then(|known| known.last_run);
                if last.is_none_or(|last| last < run.number()) && met.insert(scope.scope.clone()) {
                    unscanned.push(scope.clone());
                }
            }
        }
        unscanned
    }
}
