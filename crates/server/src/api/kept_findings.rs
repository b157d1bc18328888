//! Findings of the store as reports take them: read a part at a time while they are written.

use super::seen::Seen;
use crate::facts::Facts;
use crate::filter::{Filter, Sort};
use crate::pages::finding::as_finding;
use crate::pages::overview::{benchmark_result, rule_scores, total};
use crate::query::Query;
use crate::{Console, Visible};
use chrono::{DateTime, Utc};
use stance_model::{
    Completion, ControlReference, Evidence, Finding, Findings, Provider, REPORT_VERSION, Region,
    RegionChoice, Report, RuleId, RuleSummary, Scan, Score, Traffic,
};
use stance_store::{Cell, Census, Constraints, FullFinding, Result, Store, StoreError};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::Arc;

/// Findings of the store, chosen and in order.
pub(crate) struct KeptFindings {
    console: Console,
    census: Arc<Census>,
    /// Places among the census's cells, in order.
    cells: Vec<usize>,
    constraints: Constraints,
}

impl KeptFindings {
    /// Every finding of some cells, in their order.
    pub(crate) fn of(console: &Console, census: &Arc<Census>, cells: &[&Cell]) -> Self {
        let places: HashMap<i64, usize> =
            census.cells.iter().enumerate().map(|(place, cell)| (cell.number, place)).collect();
        Self {
            console: console.clone(),
            census: Arc::clone(census),
            cells: cells.iter().filter_map(|cell| places.get(&cell.number).copied()).collect(),
            constraints: Constraints::default(),
        }
    }
}

impl Findings for KeptFindings {
    /// At least as many as there are; what a search keeps of them is known when all were read.
    fn count(&self) -> usize {
        let all: u64 = self.chosen().iter().map(|cell| cell.findings).sum();
        // one more than none: a list that is said to be empty is closed before it begins
        usize::try_from(all).unwrap_or(usize::MAX).max(1)
    }

    fn each(&self, visit: &mut dyn FnMut(&Finding) -> io::Result<()>) -> io::Result<()> {
        let controls = RefCell::new(HashMap::new());
        let stop = |error: StoreError| io::Error::other(error.to_string());
        let shown = self.console.store().each_finding::<Stop>(
            &self.census,
            &self.chosen(),
            &self.constraints,
            |finding| {
                let Some(finding) = self.finding(finding, &mut controls.borrow_mut()) else { return Ok(()) };
                visit(&finding).map_err(Stop::Written)
            },
        );
        shown.map_err(|stopped| match stopped {
            Stop::Written(error) => error,
            Stop::Store(error) => stop(error),
        })
    }
}

/// Why the findings are not read to the end.
enum Stop {
    Store(StoreError),
    Written(io::Error),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

type Controls = HashMap<RuleId, Arc<[ControlReference]>>;

impl KeptFindings {
    fn chosen(&self) -> Vec<&Cell> {
        self.cells.iter().filter_map(|place| self.census.cells.get(*place)).collect()
    }

    /// The finding as reports know it; nothing where its scope came into the store a moment ago.
    fn finding(&self, full: FullFinding, controls: &mut Controls) -> Option<Finding> {
        let FullFinding { row, said } = full;
        let mut finding = as_finding(&row, self.census.scope(row.scope)?);
        finding.controls = Arc::clone(
            controls.entry(row.rule.clone()).or_insert_with(|| references(&row.rule, self.console.facts())),
        );
        if let Some(said) = said {
            let evidence = |kept: stance_store::KeptEvidence| {
                let stance_store::KeptEvidence { path, value, operation } = kept;
                Arc::new(Evidence { path, value, operation, read_at: row.last_seen })
            };
            finding.message = said.message.into();
            finding.evidence = said.evidence.into_iter().map(evidence).collect();
            finding.causes = said.causes;
            finding.exception = said.exception;
        }
        Some(finding)
    }
}

fn references(rule: &RuleId, facts: &Facts) -> Arc<[ControlReference]> {
    let reference = |place: &crate::facts::Place| ControlReference {
        benchmark: place.benchmark.clone(),
        control: place.control.clone(),
    };
    facts.places(rule.as_str()).iter().map(reference).collect()
}

/// A report of the findings that a query asks for.
pub(crate) struct Chosen {
    pub(crate) filter: Filter,
    pub(crate) query: Query,
    pub(crate) visible: Visible,
    pub(crate) now: DateTime<Utc>,
    /// Whether the form tells scores.
    pub(crate) has_scores: bool,
}

impl Chosen {
    /// The report; its findings are read when it is written.
    pub(crate) fn report(self, console: &Console, census: &Arc<Census>) -> Result<Report<KeptFindings>> {
        let (store, facts) = (console.store(), console.facts());
        let ready = self.filter.ready(census, facts, &self.visible);
        let mut cells: Vec<&Cell> = census.cells.iter().filter(|cell| ready.takes(cell)).collect();
        Sort::of(&self.query).apply(&mut cells, census);
        let counted = self.counted(store, census, &cells)?;
        let met: Vec<&Cell> = counted.as_ref().map_or_else(|| cells.clone(), |met| met.iter().collect());
        let scores = rule_scores(census, &met);
        let (scan, rules) = self.scan(store, census)?;
        let benchmarks = facts.benchmarks().into_iter().filter(|benchmark| benchmark.featured);
        Ok(Report {
            version: REPORT_VERSION,
            scan,
            runs: store.collections(census, |scope| self.visible.holds(&scope.id))?,
            taken_from: Vec::new(),
            unscanned: Vec::new(),
            score: total(&met),
            scopes: by(&met, |cell| census.scope(cell.scope).map(|scope| scope.id.clone())),
            services: by(&met, |cell| facts.rule(cell.rule.as_str()).map(|rule| rule.service.clone())),
            benchmarks: benchmarks
                .filter_map(|benchmark| benchmark_result(benchmark, census, &scores))
                .collect(),
            rules: summaries(&rules, &scores, facts),
            exception_notices: Vec::new(),
            findings: KeptFindings {
                constraints: self.filter.constraints,
                ..KeptFindings::of(console, census, &cells)
            },
        })
    }

    /// Cells that count what a search keeps of them, where somebody asks for what no cell tells.
    fn counted(&self, store: &Store, census: &Census, cells: &[&Cell]) -> Result<Option<Vec<Cell>>> {
        if !self.has_scores || self.filter.constraints == Constraints::default() {
            return Ok(None);
        }
        let key = |scope, region: &Region, rule: &RuleId, standing, severity| {
            (scope, region.clone(), rule.clone(), standing, severity)
        };
        let mut met: HashMap<_, Cell> = HashMap::new();
        for cell in cells {
            let empty = Cell { findings: 0, ..(*cell).clone() };
            met.insert(key(cell.scope, &cell.region, &cell.rule, cell.standing, cell.severity), empty);
        }
        store.each_finding::<StoreError>(
            census,
            cells,
            &self.filter.constraints,
            |FullFinding { row, .. }| {
                let cell = met.get_mut(&key(row.scope, &row.region, &row.rule, row.standing, row.severity));
                if let Some(cell) = cell {
                    cell.findings += 1;
                }
                Ok(())
            },
        )?;
        Ok(Some(met.into_values().filter(|cell| cell.findings > 0).collect()))
    }

    /// The last scan, and the rules that judged in it.
    fn scan(&self, store: &Store, census: &Census) -> Result<(Scan, Vec<RuleId>)> {
        let judged = || census.judged.iter().cloned().collect();
        let last = Seen::of(census, &self.visible).last_done(store)?;
        let outline = match last {
            Some(last) => store.outline(last.id)?,
            None => None,
        };
        Ok(match outline {
            Some(outline) if self.visible == Visible::All => (outline.scan, judged()),
            // whom the others are is not told
            Some(outline) => {
                (Scan { organization: None, traffic: Traffic::default(), ..outline.scan }, judged())
            }
            None => (nothing(self.now), judged()),
        })
    }
}

/// A scan that never was: the store is empty.
pub(crate) fn nothing(now: DateTime<Utc>) -> Scan {
    Scan {
        provider: Provider::Aws,
        started_at: now,
        ended_at: now,
        as_of: now,
        completion: Completion::Complete,
        organization: None,
        regions: RegionChoice::Some,
        traffic: Traffic::default(),
        stance_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

pub(crate) fn by<K: Ord>(cells: &[&Cell], key: impl Fn(&Cell) -> Option<K>) -> BTreeMap<K, Score> {
    let mut scores: BTreeMap<K, Score> = BTreeMap::new();
    for cell in cells {
        if let Some(key) = key(cell) {
            cell.add_to(scores.entry(key).or_default());
        }
    }
    scores
}

pub(crate) fn summaries(
    judged: &[RuleId],
    scores: &HashMap<RuleId, Score>,
    facts: &Facts,
) -> BTreeMap<RuleId, RuleSummary> {
    let summary = |id: &RuleId| {
        let score = scores.get(id).map(|score| score.verdicts).unwrap_or_default();
        Some((id.clone(), facts.rule(id.as_str())?.summary(score)))
    };
    judged.iter().filter_map(summary).collect()
}
