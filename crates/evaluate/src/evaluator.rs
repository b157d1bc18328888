//! All rules over all resources of a scope.

use crate::estate::to_map;
use crate::evidence::EvidenceOf;
use crate::finding::{finding, order, unlisted};
use crate::judge::{Subject, judge};
use crate::value::{Map, Node};
use crate::world::World;
use chrono::{DateTime, Utc};
use serde_json::Value;
use stance_catalog::{Benchmark, Catalog, Compiled, Plan, PlannedType, Problem, Rule};
use stance_exceptions::Exceptions;
use stance_model::{
    ControlReference, Finding, Listing, ListingState, Region, Resource, RuleId, ScopeDetails, Snapshot,
    UnknownCause, VerdictStatus,
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
    compiled: Arc<Compiled>,
    parameters: Map,
    pub evidence_paths: Vec<String>,
    pub controls: Arc<[ControlReference]>,
}

/// Rules made ready to judge one snapshot after the other.
pub struct Evaluator<'c> {
    catalog: &'c Catalog,
    plan: Plan,
    pub(crate) ready: Vec<Ready<'c>>,
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
        let ready = make_ready(rules, &benchmarks, options)?;
        let exceptions = options.exceptions.clone();
        let services = rules.iter().map(|rule| (rule.id.clone(), rule.service.as_str())).collect();
        Ok(Self { catalog, plan, ready, benchmarks, as_of: options.as_of, exceptions, services })
    }

    /// Judges everything in a snapshot: each verdict but those that are not applicable, in the
    /// [order](crate::order) of a report.
    pub fn judge(&self, snapshot: &Snapshot) -> Vec<Finding> {
        let mut by_type: HashMap<&str, Vec<&Ready<'_>>> = HashMap::new();
        for rule in &self.ready {
            by_type.entry(rule.rule.text.resource.as_str()).or_default().push(rule);
        }
        let world = World::of(&self.plan, snapshot, self.catalog.support(), self.as_of);
        let mut subjects: Vec<(&PlannedType, &Resource)> = Vec::new();
        for planned in &self.plan.types {
            let name = planned.definition.name.as_str();
            if by_type.contains_key(name) {
                subjects.extend(world.resources_of(name).iter().map(|resource| (planned, *resource)));
            }
        }
        let mut findings = on_all_cores(&subjects, |(planned, resource)| {
            let rules = by_type.get(planned.definition.name.as_str()).map_or(&[][..], Vec::as_slice);
            let mut findings = findings_of(rules, planned, resource, &world, &snapshot.run.scope_details);
            self.mark(&mut findings, &resource.tags, world.surroundings.now);
            findings
        });
        for planned in &self.plan.types {
            let Some(rules) = by_type.get(planned.definition.name.as_str()) else { continue };
            let mut missing = of_missing_listings(rules, planned, &world, snapshot);
            self.mark(&mut missing, &BTreeMap::new(), world.surroundings.now);
            findings.extend(missing);
        }
        findings.sort_by(order);
        findings
    }
}

/// What the rules say of resources that may be there and could not be listed.
fn of_missing_listings(
    rules: &[&Ready<'_>],
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
fn findings_of(
    rules: &[&Ready<'_>],
    planned: &PlannedType,
    resource: &Resource,
    world: &World<'_>,
    scope_details: &Arc<ScopeDetails>,
) -> Vec<Finding> {
    let region_name = resource.reference.region.as_str();
    let subject = Subject {
        resource: to_map(resource, &planned.definition.attributes),
        region: world.regions.get(region_name).cloned(),
        region_name,
    };
    let context = world.surroundings.context(&subject);
    let mut evidence = EvidenceOf::new(resource);
    let mut findings = Vec::with_capacity(rules.len());
    for rule in rules {
        for judgement in judge(&rule.compiled, &rule.parameters, &context) {
            if judgement.verdict.status() != VerdictStatus::NotApplicable {
                findings.push(finding(rule, resource, scope_details, &mut evidence, judgement));
            }
        }
    }
    findings
}

/// All that `work` makes of the items, in their order; each core takes a run of neighbours.
fn on_all_cores<I: Sync, O: Send>(items: &[I], work: impl Fn(&I) -> Vec<O> + Sync) -> Vec<O> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = items.len().div_ceil(cores).max(SMALLEST_SHARE);
    std::thread::scope(|scope| {
        let work = &work;
        let mut shares = items.chunks(share);
        let own = shares.next().unwrap_or_default();
        let others: Vec<_> = shares
            .map(|share| scope.spawn(move || share.iter().flat_map(work).collect::<Vec<O>>()))
            .collect();
        let mut made: Vec<O> = own.iter().flat_map(work).collect();
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
) -> Result<Vec<Ready<'c>>, Vec<Problem>> {
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
    rules
        .iter()
        .map(|rule| {
            let compiled = rule.compiled()?;
            Ok(Ready {
                rule,
                evidence_paths: compiled.evidence_paths(),
                parameters: parameters(rule, &options.parameters),
                controls: controls.remove(rule.id.as_str()).unwrap_or_default().into(),
                compiled,
            })
        })
        .collect()
}

/// The rule's parameters: defaults, and what was set instead.
pub(crate) fn parameters(rule: &Rule, set: &BTreeMap<String, Value>) -> Map {
    Map::of(rule.text.parameters.iter().filter_map(|(name, parameter)| {
        let own = set.get(&format!("{}.{name}", rule.id)).or_else(|| set.get(name));
        Some((name.as_str(), Node::of(own.unwrap_or(&parameter.default))?))
    }))
}
