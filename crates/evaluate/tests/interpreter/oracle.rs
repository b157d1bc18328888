//! The rules by the interpreter of the expression language: slow, by other hands, and over values of
//! its own, it says what the compiled rules must say.

mod document;
mod estate;
mod evidence;
mod functions;
mod judge;
mod rewrite;
mod touched;
mod value;

use estate::{Estate, to_map};
use judge::{Interpreted, Judgement, Subject, Surroundings, judge};
use stance_catalog::{Catalog, Plan, Rule};
use stance_model::{Evidence, Listing, Resource, Snapshot, UnknownCause, Verdict};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use value::{Map, Node};

/// What is said of a resource, or of an item in it.
#[derive(Debug)]
pub struct Said {
    pub rule: String,
    pub resource: String,
    pub key: Option<String>,
    pub verdict: Verdict,
    pub escalated: Option<String>,
    pub evidence: Vec<Arc<Evidence>>,
    pub message: Option<String>,
}

/// All that the rules say of a snapshot, but for what is not applicable.
pub fn judged(catalog: &Catalog, rules: &[&Rule], plan: &Plan, snapshot: &Snapshot) -> Vec<Said> {
    let mut resources: HashMap<&str, Vec<&Resource>> = HashMap::new();
    for resource in &snapshot.resources {
        resources.entry(resource.reference.resource_type.as_str()).or_default().push(resource);
    }
    let mut listings: HashMap<&str, Vec<&Listing>> = HashMap::new();
    for listing in &snapshot.run.listings {
        listings.entry(listing.resource_type.as_str()).or_default().push(listing);
    }
    let of = |name: &str| resources.get(name).map_or(&[][..], Vec::as_slice);
    let maps = |name: &str| -> Vec<(String, Map)> {
        let Some(planned) = plan.planned(name) else { return Vec::new() };
        let map = |resource: &&Resource| {
            let region = resource.reference.region.as_str().to_owned();
            (region, to_map(resource, &planned.definition.attributes))
        };
        of(name).iter().map(map).collect()
    };
    let mut estate = Estate::new(Arc::clone(catalog.support()));
    for planned in &plan.types {
        let name = planned.definition.name.as_str();
        estate.add(&planned.definition, of(name), listings.get(name).map_or(&[], Vec::as_slice));
    }
    let account = maps(Catalog::ACCOUNT).into_iter().next().map_or_else(|| Map::of([]), |(_, map)| map);
    let regions: HashMap<String, Map> = maps(Catalog::REGION).into_iter().collect();
    let surroundings = Surroundings { estate: Arc::new(estate), account, now: snapshot.run.as_of };
    let mut said = Vec::new();
    for rule in rules {
        let compiled = rule.compiled().unwrap();
        let interpreted = Interpreted::of(&compiled);
        let paths = compiled.evidence_paths();
        let parameters = Map::of(
            rule.text
                .parameters
                .iter()
                .filter_map(|(name, parameter)| Some((name.as_str(), Node::of(&parameter.default)?))),
        );
        let planned = plan.planned(rule.text.resource.as_str()).unwrap();
        for resource in of(rule.text.resource.as_str()) {
            let region_name = resource.reference.region.as_str();
            let subject = Subject {
                resource: to_map(resource, &planned.definition.attributes),
                region: regions.get(region_name).cloned(),
                region_name,
            };
            let context = surroundings.context(&subject);
            let mut evidence = evidence::EvidenceOf::new(resource);
            for judgement in judge(&interpreted, &parameters, &context) {
                let Judgement { key, item, verdict, escalated } = judgement;
                if verdict == Verdict::NotApplicable {
                    continue;
                }
                let message = match (&verdict, &rule.text.fail_message) {
                    (Verdict::Fail, Some(template)) => {
                        Some(evidence::message(template, resource, item.as_ref()))
                    }
                    _ => None,
                };
                said.push(Said {
                    rule: rule.id.to_string(),
                    resource: resource.reference.id.as_str().to_owned(),
                    key,
                    verdict: once(verdict),
                    escalated: escalated.map(|(severity, because)| format!("{severity} because {because}")),
                    evidence: evidence.at(&paths, item.as_ref()),
                    message,
                });
            }
        }
    }
    said
}

/// The verdict with each cause once: a resource has values of its own for itself and for others.
fn once(verdict: Verdict) -> Verdict {
    let Verdict::Unknown(causes) = verdict else { return verdict };
    let mut seen: BTreeMap<String, UnknownCause> = BTreeMap::new();
    for cause in causes {
        seen.entry(cause.to_string()).or_insert(cause);
    }
    Verdict::Unknown(seen.into_values().collect())
}
