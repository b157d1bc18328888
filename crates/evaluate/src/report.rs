//! All rules over all resources: findings, scores, benchmarks.

use crate::estate::{Estate, to_map};
use crate::evidence::{EvidenceOf, message};
use crate::judge::{Judgement, Subject, Surroundings, judge};
use crate::value::{Map, Node};
use chrono::{DateTime, Utc};
use serde_json::Value;
use stance_catalog::{
    Benchmark, Catalog, Compiled, Plan, PlannedType, Problem, ResourceTypeDefinition, Rule, SupportDates,
};
use stance_model::{
    Assessment, BenchmarkResult, ControlReference, ControlResult, Finding, FindingId, Listing, ListingState,
    REPORT_VERSION, Report, Resource, ResourceReference, RuleId, RuleSummary, Score, ScoreBreakdown,
    Snapshot, UnknownCause, Verdict, VerdictStatus,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// How to evaluate.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Parameters that differ from their defaults, by name.
    pub parameters: BTreeMap<String, Value>,
    /// Benchmarks to show; empty for every one that the rules touch.
    pub benchmarks: Vec<String>,
    /// The moment that rules take for "now"; the run's own if not given.
    pub as_of: Option<DateTime<Utc>>,
}

/// As many resources as are worth a thread.
const SMALLEST_SHARE: usize = 256;

/// A rule made ready.
struct Ready<'c> {
    rule: &'c Rule,
    compiled: Arc<Compiled>,
    parameters: Map,
    evidence_paths: Vec<String>,
    controls: Arc<[ControlReference]>,
}

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
    let plan = Plan::of(catalog, rules.iter().copied())?;
    let benchmarks: Vec<&Benchmark> = catalog
        .benchmarks()
        .filter(|benchmark| match options.benchmarks.as_slice() {
            [] => benchmark.featured,
            chosen => chosen.contains(&benchmark.id),
        })
        .collect();
    let ready = make_ready(rules, &benchmarks, options)?;
    let mut by_type: HashMap<&str, Vec<&Ready<'_>>> = HashMap::new();
    for rule in &ready {
        by_type.entry(rule.rule.text.resource.as_str()).or_default().push(rule);
    }
    let world = World::of(&plan, snapshot, catalog.support(), options.as_of);
    let mut subjects: Vec<(&PlannedType, &Resource)> = Vec::new();
    for planned in &plan.types {
        let name = planned.definition.name.as_str();
        if by_type.contains_key(name) {
            subjects.extend(world.resources_of(name).iter().map(|resource| (planned, *resource)));
        }
    }
    let mut findings = on_all_cores(&subjects, |(planned, resource)| {
        let rules = by_type.get(planned.definition.name.as_str()).map_or(&[][..], Vec::as_slice);
        findings_of(rules, planned, resource, &world)
    });
    for planned in &plan.types {
        let Some(rules) = by_type.get(planned.definition.name.as_str()) else { continue };
        for listing in world.listings_of(planned.definition.name.as_str()) {
            if let ListingState::Unreadable { failure } = &listing.state {
                for rule in rules {
                    let what = planned.definition.title.clone();
                    let cause = UnknownCause::Unreadable { what, failure: failure.clone() };
                    findings.push(unlisted(rule, &planned.definition, listing, snapshot, cause));
                }
            }
        }
        if world.listings_of(planned.definition.name.as_str()).is_empty() {
            for rule in rules {
                let listing = Listing {
                    resource_type: planned.definition.name.clone(),
                    region: stance_model::Region::global(),
                    state: ListingState::Unsupported,
                };
                let cause = UnknownCause::NotRead { what: planned.definition.title.clone() };
                findings.push(unlisted(rule, &planned.definition, &listing, snapshot, cause));
            }
        }
    }
    Ok(assemble(&ready, &benchmarks, findings, snapshot, options))
}

/// What the rules say of a resource, in their order.
fn findings_of(
    rules: &[&Ready<'_>],
    planned: &PlannedType,
    resource: &Resource,
    world: &World<'_>,
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
                findings.push(finding(rule, resource, &mut evidence, judgement));
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
        Some((name.as_str(), Node::of(set.get(name).unwrap_or(&parameter.default))?))
    }))
}

/// A snapshot, arranged for evaluation.
struct World<'s> {
    surroundings: Surroundings,
    regions: HashMap<String, Map>,
    resources: HashMap<&'s str, Vec<&'s Resource>>,
    listings: HashMap<&'s str, Vec<&'s Listing>>,
}

impl<'s> World<'s> {
    fn of(
        plan: &Plan,
        snapshot: &'s Snapshot,
        support: &Arc<SupportDates>,
        as_of: Option<DateTime<Utc>>,
    ) -> Self {
        let mut resources: HashMap<&str, Vec<&Resource>> = HashMap::new();
        for resource in &snapshot.resources {
            resources.entry(resource.reference.resource_type.as_str()).or_default().push(resource);
        }
        let mut listings: HashMap<&str, Vec<&Listing>> = HashMap::new();
        for listing in &snapshot.run.listings {
            listings.entry(listing.resource_type.as_str()).or_default().push(listing);
        }
        let mut estate = Estate::new(Arc::clone(support));
        let mut account = Map::of([]);
        let mut regions = HashMap::new();
        for planned in &plan.types {
            let definition = &planned.definition;
            let name = definition.name.as_str();
            let of_type = resources.get(name).map_or(&[][..], Vec::as_slice);
            match name {
                Catalog::ACCOUNT => {
                    if let Some(resource) = of_type.first() {
                        account = to_map(resource, &definition.attributes);
                    }
                }
                Catalog::REGION => {
                    regions = of_type
                        .iter()
                        .map(|resource| {
                            let region = resource.reference.region.as_str().to_owned();
                            (region, to_map(resource, &definition.attributes))
                        })
                        .collect();
                }
                _ => {}
            }
            estate.add(definition, of_type, listings.get(name).map_or(&[][..], Vec::as_slice));
        }
        let now = as_of.unwrap_or(snapshot.run.as_of);
        Self {
            surroundings: Surroundings { estate: Arc::new(estate), account, now },
            regions,
            resources,
            listings,
        }
    }

    fn resources_of(&self, name: &str) -> &[&'s Resource] {
        self.resources.get(name).map_or(&[], Vec::as_slice)
    }

    fn listings_of(&self, name: &str) -> &[&'s Listing] {
        self.listings.get(name).map_or(&[], Vec::as_slice)
    }
}

fn finding<'r>(
    ready: &'r Ready<'_>,
    resource: &Resource,
    evidence: &mut EvidenceOf<'r>,
    judgement: Judgement,
) -> Finding {
    let rule = ready.rule;
    let item = judgement.item.as_ref();
    let (causes, text) = match &judgement.verdict {
        Verdict::Fail => {
            let text = rule.text.fail_message.as_ref().map_or_else(
                || format!("not so: {}", rule.text.title),
                |template| message(template, resource, item),
            );
            let because = judgement
                .escalated
                .as_ref()
                .map(|(severity, because)| format!(" ({severity} because {because})"));
            (Vec::new(), text + because.as_deref().unwrap_or_default())
        }
        Verdict::Unknown(causes) => (causes.clone(), told(causes)),
        Verdict::Pass | Verdict::NotApplicable => (Vec::new(), rule.text.title.clone()),
    };
    Finding {
        id: FindingId::of(rule.id.as_str(), resource.reference.id.as_str(), judgement.key.as_deref()),
        rule: rule.id.clone(),
        status: judgement.verdict.status(),
        severity: judgement.escalated.map_or(rule.text.severity, |(severity, _)| severity),
        resource: resource.reference.clone(),
        evidence: evidence.at(&ready.evidence_paths, item),
        sub_key: judgement.key,
        message: text,
        causes,
        controls: Arc::clone(&ready.controls),
    }
}

fn told(causes: &[UnknownCause]) -> String {
    causes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// A finding about a type that could not be listed: it stands for the resources that may be there.
fn unlisted(
    ready: &Ready<'_>,
    definition: &ResourceTypeDefinition,
    listing: &Listing,
    snapshot: &Snapshot,
    cause: UnknownCause,
) -> Finding {
    let run = &snapshot.run;
    let id = format!("{}/{}/{}/*", run.scope, listing.region, definition.name);
    Finding {
        id: FindingId::of(ready.rule.id.as_str(), &id, None),
        rule: ready.rule.id.clone(),
        status: VerdictStatus::Unknown,
        severity: ready.rule.text.severity,
        resource: ResourceReference {
            id: id.into(),
            resource_type: definition.name.clone(),
            name: "*".into(),
            region: listing.region.clone(),
            scope: run.scope.clone(),
            provider: run.provider,
        },
        sub_key: None,
        message: cause.to_string(),
        evidence: Vec::new(),
        causes: vec![cause],
        controls: Arc::clone(&ready.controls),
    }
}

fn assemble(
    ready: &[Ready<'_>],
    benchmarks: &[&Benchmark],
    mut findings: Vec<Finding>,
    snapshot: &Snapshot,
    options: &Options,
) -> Report {
    findings.sort_by(|left, right| {
        left.status
            .cmp(&right.status)
            .then_with(|| right.severity.cmp(&left.severity))
            .then_with(|| left.rule.cmp(&right.rule))
            .then_with(|| left.resource.id.cmp(&right.resource.id))
            .then_with(|| left.sub_key.cmp(&right.sub_key))
    });
    let mut by_rule: HashMap<&RuleId, Score> = HashMap::new();
    for finding in &findings {
        by_rule.entry(&finding.rule).or_default().add(finding.status, finding.severity);
    }
    let rules: BTreeMap<RuleId, RuleSummary> = ready
        .iter()
        .map(|ready| {
            let (rule, text) = (ready.rule, &ready.rule.text);
            let summary = RuleSummary {
                title: text.title.clone(),
                service: rule.service.clone(),
                resource: text.resource.clone(),
                severity: text.severity,
                rationale: text.rationale.trim().to_owned(),
                remediation: text.remediation.clone(),
                references: text.references.clone(),
                categories: text.categories.clone(),
                score: by_rule.get(&rule.id).map(|score| score.verdicts).unwrap_or_default(),
            };
            (rule.id.clone(), summary)
        })
        .collect();
    let mut score = Score::default();
    let mut services: BTreeMap<String, Score> = BTreeMap::new();
    for (rule, of_rule) in &by_rule {
        score += *of_rule;
        if let Some(rule) = rules.get(*rule) {
            *services.entry(rule.service.clone()).or_default() += *of_rule;
        }
    }
    let benchmarks =
        benchmarks.iter().filter_map(|benchmark| benchmark_result(benchmark, &rules, &by_rule)).collect();
    let mut run = snapshot.run.clone();
    run.as_of = options.as_of.unwrap_or(run.as_of);
    Report { version: REPORT_VERSION, benchmarks, run, score, services, rules, findings }
}

/// How a benchmark stands; nothing where none of its rules was evaluated.
fn benchmark_result(
    benchmark: &Benchmark,
    rules: &BTreeMap<RuleId, RuleSummary>,
    by_rule: &HashMap<&RuleId, Score>,
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
