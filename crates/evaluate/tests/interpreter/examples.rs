//! The rules' own examples, whole and harmed.

use crate::harm::Harm;
use crate::{ACCOUNT, Both, Words, failure, snapshot};
use serde_json::{Map, Value};
use stance_catalog::{
    Catalog, Example, ExampleResources, ExampleState, Part, Plan, ReadScope, ResourceTypeDefinition, Rule,
};
use stance_model::{
    Attribute, AttributeState, Listing, ListingState, Provider, Region, Resource, ResourceReference,
    Snapshot, Source,
};
use std::collections::BTreeMap;

/// How often each example is harmed anew.
const TIMES: u64 = 3;

#[test]
fn the_rules_say_of_their_examples_what_the_interpreter_says_whatever_is_missing() {
    let catalog = Catalog::built_in_with(&[Part::Examples]).unwrap();
    let rules: Vec<&Rule> = catalog.rules().collect();
    let (verdicts, differences) = std::thread::scope(|scope| {
        let shares: Vec<_> = rules
            .chunks(rules.len().div_ceil(2))
            .map(|share| scope.spawn(|| of_rules(&catalog, share)))
            .collect();
        shares.into_iter().map(|share| share.join().unwrap()).fold((0, Vec::new()), |mut all, share| {
            all.1.extend(share.1);
            (all.0 + share.0, all.1)
        })
    });
    let (count, first) = (differences.len(), differences.iter().take(10));
    assert!(count == 0, "{count} differences\n{}", first.cloned().collect::<Vec<_>>().join("\n\n"));
    assert!(verdicts > 10_000, "only {verdicts} verdicts");
}

/// How many verdicts the two agree on, and where they do not.
fn of_rules(catalog: &Catalog, rules: &[&Rule]) -> (usize, Vec<String>) {
    let (mut verdicts, mut differences) = (0, Vec::new());
    for (at, rule) in rules.iter().enumerate() {
        let both = Both::of(catalog, vec![rule], Words::Same);
        for (index, example) in rule.text.examples.iter().enumerate() {
            let whole = given(catalog, rule, &both.plan, example);
            for time in 0..=TIMES {
                let mut snapshot = whole.clone();
                if time > 0 {
                    let seed = [at, index].iter().fold(time, |seed, part| seed * 1_000 + *part as u64);
                    Harm::new(seed).snapshot(&mut snapshot);
                }
                match both.agree_on(&snapshot) {
                    Ok(agreed) => verdicts += agreed,
                    Err(difference) => {
                        let told = format!("rule {}, example {}, harm {time}", rule.id, example.name);
                        let resources = serde_json::to_string(&snapshot.resources).unwrap();
                        differences.push(format!("{told}\n{difference}\nof {resources}"));
                    }
                }
            }
        }
    }
    (verdicts, differences)
}

/// The snapshot that an example describes.
fn given(catalog: &Catalog, rule: &Rule, plan: &Plan, example: &Example) -> Snapshot {
    let mut resources = Vec::new();
    let mut listings = Vec::new();
    for planned in &plan.types {
        let definition = &planned.definition;
        let name = definition.name.as_str();
        let mut given: Vec<&Map<String, Value>> = Vec::new();
        if name == rule.text.resource.as_str() {
            given.push(&example.given);
        } else if name == Catalog::ACCOUNT {
            given.push(&example.account);
        } else if name == Catalog::REGION {
            given.push(&example.region);
        }
        let mut state = ListingState::Read { count: given.len() };
        match example.others.get(name) {
            Some(ExampleResources::Listed(others)) => given.extend(others),
            Some(ExampleResources::Unreadable { .. }) => {
                state = ListingState::Unreadable { failure: Box::new(failure("test:List")) };
            }
            None => {}
        }
        let whole = catalog.resource_type(name).unwrap();
        resources
            .extend(given.iter().enumerate().map(|(index, given)| resource(whole, given, example, index)));
        listings.push(Listing { resource_type: definition.name.clone(), region: Region::global(), state });
    }
    snapshot(resources, listings)
}

fn resource(
    definition: &ResourceTypeDefinition,
    given: &Map<String, Value>,
    example: &Example,
    index: usize,
) -> Resource {
    let source = Source { operation: "test:Read".into(), read_at: "2026-01-01T00:00:00Z".parse().unwrap() };
    let mut fields = Map::new();
    let mut attributes = BTreeMap::new();
    for (name, value) in given {
        if definition.attribute(name).is_none() {
            fields.insert(name.clone(), value.clone());
            continue;
        }
        let state = match ExampleState::of(value) {
            ExampleState::Known(value) => AttributeState::Known { value: value.clone() },
            ExampleState::Absent => AttributeState::Absent,
            ExampleState::Unreadable(code) => AttributeState::Unreadable { failure: failure(code) },
        };
        attributes.insert(name.clone(), Attribute { source: source.clone(), state });
    }
    let region = match definition.read {
        ReadScope::Global | ReadScope::In(_) => Region::GLOBAL,
        ReadScope::Regional => example.region_name.as_str(),
    };
    let name = definition.name.as_str();
    let id = format!("arn:aws:test:{region}:{ACCOUNT}:{name}/{index}");
    Resource {
        reference: ResourceReference {
            id: id.into(),
            resource_type: definition.name.clone(),
            name: format!("thing-{index}"),
            region: if name == Catalog::REGION { example.region_name.as_str() } else { region }.into(),
            scope: ACCOUNT.into(),
            provider: Provider::Aws,
        }
        .into(),
        tags: example.tags.clone(),
        fields,
        listed_by: source,
        attributes,
    }
}
