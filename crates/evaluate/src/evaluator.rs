//! All rules over all resources of a scope.

use crate::evidence::{EvidenceOf, EvidencePaths, ShownTogether};
use crate::finding::{finding, put_in_order, unlisted};
use crate::judge::Conditions;
use crate::program::Patterns;
use crate::view::View;
use crate::world::{Surroundings, World};
use chrono::{DateTime, Utc};
use serde_json::{Map as Members, Value};
use stance_catalog::{Benchmark, Catalog, Plan, PlannedType, Problem, Rule};
use stance_exceptions::Exceptions;
use stance_model::{
    ControlReference, Finding, Listing, ListingState, Region, RuleId, ScopeDetails, Snapshot, UnknownCause,
    VerdictStatus,
};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// How to evaluate.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Parameters that differ from their defaults, by name; `rule.name` is about that rule alone and comes first.
    pub parameters: BTreeMap<String, Value>,
    /// Benchmarks to show; empty for every one that the rules touch.
    pub benchmarks: Vec<String>,
    /// The moment that rules take for "now"; the run's own if not given.
    pub as_of: Option<DateTime<Utc>>,
    /// What people accept, if there is anything.
    pub exceptions: Option<Arc<Exceptions>>,
}

/// As many resources as are worth a thread.
const SMALLEST_SHARE: usize = 256;

/// A rule made ready.
pub(crate) struct Ready<'c> {
    pub rule: &'c Rule,
    conditions: Conditions<'c>,
    /// What it says where it holds.
    pub title: Arc<str>,
    /// Which of its type's paths are evidence.
    pub evidence: ShownTogether,
    pub controls: Arc<[ControlReference]>,
}

/// The rules about a type.
struct OfType<'c> {
    rules: Vec<Ready<'c>>,
    /// The paths that the rules show as evidence.
    paths: EvidencePaths,
}

/// Rules made ready to judge one snapshot after the other.
pub struct Evaluator<'c> {
    catalog: &'c Catalog,
    plan: Plan,
    types: BTreeMap<&'c str, OfType<'c>>,
    pub(crate) benchmarks: Vec<&'c Benchmark>,
    as_of: Option<DateTime<Utc>>,
    pub(crate) exceptions: Option<Arc<Exceptions>>,
    /// The service of each rule.
    pub(crate) services: HashMap<RuleId, &'c str>,
}

impl<'c> Evaluator<'c> {
    /// Makes rules ready.
    ///
    /// # Errors
    /// What is wrong with the rules' expressions.
    pub fn new(catalog: &'c Catalog, rules: &[&'c Rule], options: &Options) -> Result<Self, Vec<Problem>> {
        let plan = Plan::of(catalog, rules.iter().copied())?;
        let benchmarks: Vec<&Benchmark> = catalog
            .benchmarks()
            .filter(|benchmark| match options.benchmarks.as_slice() {
                [] => benchmark.featured,
                chosen => chosen.contains(&benchmark.id),
            })
            .collect();
        let types = make_ready(rules, &benchmarks, options)?;
        let exceptions = options.exceptions.clone();
        let services = rules.iter().map(|rule| (rule.id.clone(), rule.service.as_str())).collect();
        Ok(Self { catalog, plan, types, benchmarks, as_of: options.as_of, exceptions, services })
    }

    /// The rules, made ready.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &Ready<'c>> {
        self.types.values().flat_map(|of_type| &of_type.rules)
    }

    /// Judges everything in a snapshot: each verdict but those that are not applicable, in the
    /// [order](crate::order) of a report.
    pub fn judge(&self, snapshot: &Snapshot) -> Vec<Finding> {
        let world = World::of(&self.plan, snapshot, self.catalog.support(), self.as_of);
        let surroundings = world.surroundings();
        let mut subjects: Vec<(&OfType<'_>, &View<'_>)> = Vec::new();
        let mut unlisted = Vec::new();
        for planned in &self.plan.types {
            let name = planned.definition.name.as_str();
            let Some(of_type) = self.types.get(name) else { continue };
            let mut views: Vec<&View<'_>> = world.estate.views(name).iter().collect();
            views.sort_by(|left, right| left.resource.reference.id.cmp(&right.resource.reference.id));
            subjects.extend(views.into_iter().map(|view| (of_type, view)));
            let mut missing = of_missing_listings(&of_type.rules, planned, &world, snapshot);
            self.mark(&mut missing, &BTreeMap::new(), world.now);
            unlisted.extend(missing);
        }
        let mut judged = on_all_cores(&subjects, |(of_type, view), findings| {
            let before = findings.len();
            judge_by(of_type, view, &surroundings, &snapshot.run.scope_details, findings);
            let own = findings.get_mut(before..).unwrap_or_default();
            self.mark(own, &view.resource.tags, world.now);
        });
        judged.extend(unlisted);
        put_in_order(&mut judged);
        judged
    }
}

/// What the rules say of resources that may be there and could not be listed.
fn of_missing_listings(
    rules: &[Ready<'_>],
    planned: &PlannedType,
    world: &World<'_>,
    snapshot: &Snapshot,
) -> Vec<Finding> {
    let definition = &planned.definition;
    let listings = world.listings_of(definition.name.as_str());
    let what = || definition.title.clone();
    let mut findings = Vec::new();
    for listing in listings {
        if let ListingState::Unreadable { failure } = &listing.state {
            findings.extend(rules.iter().map(|rule| {
                let cause = UnknownCause::Unreadable { what: what(), failure: (**failure).clone() };
                unlisted(rule, definition, listing, snapshot, cause)
            }));
        }
    }
    if listings.is_empty() {
        let listing = Listing {
            resource_type: definition.name.clone(),
            region: Region::global(),
            state: ListingState::Unsupported,
        };
        findings.extend(rules.iter().map(|rule| {
            unlisted(rule, definition, &listing, snapshot, UnknownCause::NotRead { what: what() })
        }));
    }
    findings
}

/// What the rules say of a resource, in their order.
fn judge_by<'v>(
    of_type: &'v OfType<'_>,
    view: &'v View<'v>,
    surroundings: &Surroundings<'v>,
    scope_details: &Arc<ScopeDetails>,
    findings: &mut Vec<Finding>,
) {
    let mut run = surroundings.about(view);
    let mut evidence = EvidenceOf::new(view.resource, &of_type.paths);
    for rule in &of_type.rules {
        rule.conditions.judge(&mut run, |judgement| {
            if judgement.verdict.status() != VerdictStatus::NotApplicable {
                findings.push(finding(rule, view.resource, scope_details, &mut evidence, judgement));
            }
        });
    }
}

/// All that `work` makes of the items, in their order; each core takes a run of neighbours.
fn on_all_cores<I: Sync, O: Send>(items: &[I], work: impl Fn(&I, &mut Vec<O>) + Sync) -> Vec<O> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = items.len().div_ceil(cores).max(SMALLEST_SHARE);
    let work = &work;
    let made_of = move |share: &[I]| {
        let mut made = Vec::new();
        for item in share {
            work(item, &mut made);
        }
        made
    };
    std::thread::scope(|scope| {
        let mut shares = items.chunks(share);
        let own = shares.next().unwrap_or_default();
        let others: Vec<_> = shares.map(|share| scope.spawn(move || made_of(share))).collect();
        let mut made = made_of(own);
        for other in others {
            match other.join() {
                Ok(more) => made.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        made
    })
}

fn make_ready<'c>(
    rules: &[&'c Rule],
    benchmarks: &[&Benchmark],
    options: &Options,
) -> Result<BTreeMap<&'c str, OfType<'c>>, Vec<Problem>> {
    let mut controls: HashMap<&str, Vec<ControlReference>> = HashMap::new();
    for benchmark in benchmarks {
        for control in benchmark.controls() {
            for rule in &control.rules {
                controls
                    .entry(rule.as_str())
                    .or_default()
                    .push(ControlReference { benchmark: benchmark.id.clone(), control: control.id.clone() });
            }
        }
    }
    let mut types: BTreeMap<&str, OfType<'_>> = BTreeMap::new();
    let mut patterns = Patterns::new();
    for rule in rules {
        let compiled = rule.compiled()?;
        let conditions =
            Conditions::of(rule, &compiled, parameters(rule, &options.parameters), &mut patterns)?;
        let of_type = types
            .entry(rule.text.resource.as_str())
            .or_insert_with(|| OfType { rules: Vec::new(), paths: EvidencePaths::default() });
        let evidence = of_type.paths.shown(compiled.evidence_paths().iter().map(AsRef::as_ref));
        of_type.rules.push(Ready {
            rule,
            conditions,
            title: rule.text.title.as_str().into(),
            evidence,
            controls: controls.remove(rule.id.as_str()).unwrap_or_default().into(),
        });
    }
    Ok(types)
}

/// The rule's parameters: defaults, and what was set instead.
pub(crate) fn parameters(rule: &Rule, set: &BTreeMap<String, Value>) -> Members<String, Value> {
    let value = |name: &str, default: &Value| {
        let own = set.get(&format!("{}.{name}", rule.id)).or_else(|| set.get(name));
        own.unwrap_or(default).clone()
    };
    rule.text
        .parameters
        .iter()
        .map(|(name, parameter)| (name.clone(), value(name, &parameter.default)))
        .collect()
}
