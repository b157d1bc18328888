//! Runs the rules' own examples.

use crate::estate::Estate;
use crate::evaluator::parameters;
use crate::judge::Conditions;
use crate::program::{Patterns, Run};
use crate::view::View;
use chrono::{DateTime, Utc};
use serde_json::{Map as Members, Value};
use stance_catalog::{
    Catalog, Example, ExampleResources, ExampleState, FieldPath, ListKind, Plan, Problem,
    ResourceTypeDefinition, Rule,
};
use stance_model::{
    Attribute, AttributeState, Listing, ListingState, Provider, ReadFailure, Region, Resource,
    ResourceReference, Source, Verdict, VerdictStatus,
};
use std::collections::BTreeMap;

/// Runs every example of the rules; a problem for each that has another verdict than it says.
pub fn verify<'r>(catalog: &Catalog, rules: impl IntoIterator<Item = &'r Rule>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for rule in rules {
        for example in &rule.text.examples {
            if let Err(message) = run(catalog, rule, example) {
                problems.push(Problem {
                    file: rule.file.clone(),
                    line: None,
                    message: format!("rule `{}`, example `{}`: {message}", rule.id, example.name),
                });
            }
        }
    }
    problems
}

fn run(catalog: &Catalog, rule: &Rule, example: &Example) -> Result<(), String> {
    let compiled = rule.compiled().map_err(|_| "the rule's expressions are wrong".to_owned())?;
    let conditions =
        Conditions::of(rule, &compiled, parameters(rule, &example.parameters), &mut Patterns::new())
            .map_err(|_| "the rule's expressions are wrong".to_owned())?;
    let plan = Plan::of(catalog, [rule]).map_err(|_| "the rule's expressions are wrong".to_owned())?;
    let now: DateTime<Utc> = example
        .now
        .parse()
        .map_err(|_| format!("`{}` is not a time like 2026-01-01T00:00:00Z", example.now))?;
    let place = Place { example, now };
    let definition = |name: &str| plan.planned(name).map(|planned| &planned.definition);
    let judged = definition(rule.text.resource.as_str()).ok_or("the resource type is unknown")?;
    let snapshot = Given::of(&place, judged, &plan, catalog);
    let mut estate = Estate::new(catalog.support());
    for (of_type, resources, listing) in &snapshot.types {
        estate.add(of_type, resources, &[listing]);
    }
    let subject = estate.views(judged.name.as_str()).first().ok_or("the resource type is unknown")?;
    let region =
        snapshot.region.as_ref().map(|(definition, region)| View::of(region, &definition.attributes));
    let account =
        snapshot.account.as_ref().map(|(definition, account)| View::of(account, &definition.attributes));
    let mut run = Run::about(subject, region.as_ref(), account.as_ref(), &estate, now);
    let mut judgements = Vec::new();
    conditions.judge(&mut run, |judgement| judgements.push(judgement));
    let judgement = match (&example.key, judgements.as_slice()) {
        (Some(key), all) => all
            .iter()
            .find(|judgement| judgement.key.as_ref() == Some(key))
            .ok_or_else(|| format!("there is no item `{key}`"))?,
        (None, [one]) => one,
        (None, []) => return Err("the rule says nothing, since its list is empty".to_owned()),
        (None, _) => return Err("there are several items; say of which it speaks with `key`".to_owned()),
    };
    let reached = judgement.verdict.status();
    if reached == example.verdict {
        return match &judgement.verdict {
            // an example that meant "unreadable" must not pass for a mistake in the expression
            Verdict::Unknown(causes) if example.verdict == VerdictStatus::Unknown => {
                match causes.iter().find(|cause| matches!(cause, stance_model::UnknownCause::NotRead { .. }))
                {
                    Some(cause) => Err(format!("{cause}: say in `given` what it is")),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        };
    }
    let why = match &judgement.verdict {
        Verdict::Unknown(causes) => {
            format!(" ({})", causes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        }
        _ => String::new(),
    };
    Err(format!("the verdict is `{reached}`{why}, not `{}`", example.verdict))
}

/// What an example gives.
struct Given<'e> {
    /// Types with their resources and how they were listed; of the judged type, the judged one is first.
    types: Vec<(&'e ResourceTypeDefinition, Vec<Resource>, Listing)>,
    account: Option<(&'e ResourceTypeDefinition, Resource)>,
    region: Option<(&'e ResourceTypeDefinition, Resource)>,
}

impl<'e> Given<'e> {
    fn of(place: &Place<'_>, judged: &ResourceTypeDefinition, plan: &'e Plan, catalog: &'e Catalog) -> Self {
        let example = place.example;
        let mut types = Vec::new();
        for planned in &plan.types {
            let of_type = &planned.definition;
            let name = of_type.name.as_str();
            let mut resources: Vec<Resource> = Vec::new();
            let mut failure = None;
            if name == judged.name.as_str() {
                resources.push(place.resource(judged, &example.given, &example.tags, 0));
            }
            match example.others.get(name) {
                Some(ExampleResources::Listed(given)) => resources.extend(
                    given
                        .iter()
                        .enumerate()
                        .map(|(index, given)| place.resource(of_type, given, &BTreeMap::new(), index + 1)),
                ),
                Some(ExampleResources::Unreadable { unreadable }) => {
                    failure = Some(self::failure(unreadable));
                }
                None => {}
            }
            let listing = Listing {
                resource_type: of_type.name.clone(),
                region: Region::global(),
                state: failure.map_or(ListingState::Read { count: resources.len() }, |failure| {
                    ListingState::Unreadable { failure: Box::new(failure) }
                }),
            };
            types.push((of_type, resources, listing));
        }
        let definition = |name: &str| plan.planned(name).map(|planned| &planned.definition);
        let surrounding = |name: &str, definition: Option<&'e ResourceTypeDefinition>, given| {
            let given = if judged.name.as_str() == name { &example.given } else { given };
            definition.map(|definition| (definition, place.resource(definition, given, &BTreeMap::new(), 0)))
        };
        let account = definition(Catalog::ACCOUNT).or_else(|| catalog.resource_type(Catalog::ACCOUNT));
        Self {
            types,
            account: surrounding(Catalog::ACCOUNT, account, &example.account),
            region: surrounding(Catalog::REGION, definition(Catalog::REGION), &example.region),
        }
    }
}

/// The value as it would have been read: without the secrets at those paths.
fn concealed(mut value: Value, paths: &[FieldPath]) -> Value {
    for path in paths {
        path.each_mut(&mut value, &mut |name, found| stance_secrets::conceal(name, found));
    }
    value
}

fn failure(code: &str) -> ReadFailure {
    ReadFailure {
        operation: "example:Read".into(),
        code: code.to_owned(),
        message: String::new(),
        permissions: Vec::new(),
    }
}

/// Where and when an example plays.
struct Place<'e> {
    example: &'e Example,
    now: DateTime<Utc>,
}

impl Place<'_> {
    /// A resource as an example gives it; `index` tells several of one type apart.
    fn resource(
        &self,
        definition: &ResourceTypeDefinition,
        given: &Members<String, Value>,
        tags: &BTreeMap<String, String>,
        index: usize,
    ) -> Resource {
        let source = Source { operation: "example:Read".into(), read_at: self.now };
        let mut fields = Members::new();
        let mut attributes = BTreeMap::new();
        for (name, value) in given {
            let Some(attribute) = definition.attribute(name) else {
                fields.insert(name.clone(), value.clone());
                continue;
            };
            let state = match ExampleState::of(value) {
                ExampleState::Known(value) => {
                    AttributeState::Known { value: concealed(value.clone(), &attribute.conceal) }
                }
                ExampleState::Absent => AttributeState::Absent,
                ExampleState::Unreadable(code) => AttributeState::Unreadable { failure: failure(code) },
            };
            attributes.insert(name.clone(), Attribute { source: source.clone(), state });
        }
        if let ListKind::Call { conceal, .. } = &definition.list.kind
            && let Value::Object(members) = concealed(Value::Object(fields.clone()), conceal)
        {
            fields = members;
        }
        let example = self.example;
        let region_name = &example.region_name;
        let defaults: &[(&str, &str)] = match definition.name.as_str() {
            Catalog::ACCOUNT => &[("Id", &example.account_id), ("Partition", "aws")],
            Catalog::REGION => &[("Name", region_name), ("Partition", "aws")],
            _ => &[],
        };
        for (name, value) in defaults {
            fields.entry((*name).to_owned()).or_insert_with(|| Value::from(*value));
        }
        let known = Value::Object(fields.clone());
        let lookup = |name: &str| match name {
            "partition" => Some("aws".to_owned()),
            "account" => Some(example.account_id.clone()),
            "region" => Some(region_name.clone()),
            _ => name.strip_prefix("tags.").map_or_else(
                || stance_catalog::FieldPath::parse(name).get(&known)?.as_str().map(str::to_owned),
                |tag| tags.get(tag).cloned(),
            ),
        };
        let id = match (&example.id, index) {
            (Some(id), 0) => id.clone(),
            _ => definition.id.fill(lookup).unwrap_or_else(|_| format!("example-{index}")),
        };
        let region =
            definition.region.as_ref().and_then(|region| region.fill(lookup).ok()).unwrap_or_else(|| {
                match definition.read {
                    stance_catalog::ReadScope::Global | stance_catalog::ReadScope::In(_) => {
                        Region::GLOBAL.to_owned()
                    }
                    stance_catalog::ReadScope::Regional => region_name.clone(),
                }
            });
        Resource {
            reference: ResourceReference {
                name: definition.display_name.fill(lookup).unwrap_or_else(|_| id.clone()),
                id: id.into(),
                resource_type: definition.name.clone(),
                region: region.into(),
                scope: example.account_id.as_str().into(),
                provider: Provider::Aws,
            }
            .into(),
            tags: tags.clone(),
            fields,
            listed_by: source,
            attributes,
        }
    }
}
