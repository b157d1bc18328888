//! The linter: everything about a catalog that can be told without running an example.

use crate::error::nearest;
use crate::expression::{Read, Root};
use crate::shape::{NoSuchField, Shape, Shapes};
use crate::{Call, Catalog, FieldPath, ListKind, Problem, ReadScope, ResourceTypeDefinition, Rule, Segment};
use stance_model::VerdictStatus;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Fields that every resource has beside its own.
const COMMON_FIELDS: [&str; 6] = ["id", "name", "region", "scope", "type", "tags"];

/// Themes that a rule may name.
const CATEGORIES: [&str; 13] = [
    "internet-exposure",
    "encryption",
    "logging",
    "monitoring",
    "identity",
    "least-privilege",
    "resilience",
    "secrets",
    "patching",
    "network",
    "data-protection",
    "cost",
    "governance",
];

/// Everything that is wrong with a catalog, in file order.
pub fn check(catalog: &Catalog) -> Vec<Problem> {
    let mut checker = Checker {
        catalog,
        shapes: Shapes::new(catalog.models().clone()),
        problems: Vec::new(),
        fields: HashMap::new(),
    };
    for definition in catalog.types() {
        checker.resource_type(definition);
    }
    for rule in catalog.rules() {
        checker.rule(rule);
    }
    for message in catalog.support().malformed() {
        checker.problem("aws/support-ends.yaml", &[], message);
    }
    checker.unique_ids();
    checker.benchmarks();
    checker.problems.sort();
    checker.problems.dedup();
    checker.problems
}

struct Checker<'c> {
    catalog: &'c Catalog,
    shapes: Shapes,
    problems: Vec<Problem>,
    fields: HashMap<String, BTreeMap<String, Shape>>,
}

impl Checker<'_> {
    fn problem(&mut self, file: &str, keys: &[&str], message: impl Into<String>) {
        let message = message.into();
        // in a rule it is the condition that reads fields, unless something nearer is named
        let keys = if file.contains("/rules/") { [keys, &["pass"]].concat() } else { keys.to_vec() };
        self.problems.push(self.catalog.problem(file, &keys, message));
    }

    fn resource_type(&mut self, definition: &ResourceTypeDefinition) {
        let file = self.catalog.file_of_type(definition.name.as_str()).to_owned();
        let name = definition.name.as_str();
        if let ListKind::Call { call, items, parent, conceal, .. } = &definition.list.kind {
            self.call(&file, name, call);
            match self.shapes.answer(&call.service, &call.operation) {
                // a table is the items itself; else the path leads to a list whose elements they are
                Some(answer) => {
                    if let Err(missing) = answer.at(items) {
                        self.no_such_field(&file, name, &format!("items of {}", call.name()), &missing);
                    }
                }
                None => self.no_such_operation(&file, name, call),
            }
            for path in conceal {
                self.path_through(&file, name, definition, path, Shape::at_through_lists);
            }
            if let Some(parent) = parent
                && self.catalog.resource_type(parent.as_str()).is_none()
            {
                self.problem(&file, &[name], format!("`{name}`: there is no parent type `{parent}`"));
            }
        }
        if let ReadScope::In(region) = &definition.read
            && !is_region(region)
        {
            let message = format!("`{name}`: `read` is `global`, `regional` or a region, not `{region}`");
            self.problem(&file, &[name], message);
        }
        if let Some(prepare) = &definition.list.prepare {
            self.call(&file, name, &prepare.call);
        }
        for attribute in &definition.attributes {
            let file = self.catalog.file_of_attribute(name, &attribute.name).to_owned();
            self.call(&file, &attribute.name, &attribute.call);
            if let Some(prepare) = &attribute.prepare {
                self.call(&file, &attribute.name, &prepare.call);
            }
            if let Some(answer) = self.shapes.answer(&attribute.call.service, &attribute.call.operation)
                && let Err(missing) = answer.at(&attribute.take)
            {
                let place = format!("take of {}", attribute.call.name());
                self.no_such_field(&file, &attribute.name, &place, &missing);
            }
            for path in &attribute.conceal {
                let mut whole = vec![Segment::Field(attribute.name.clone())];
                whole.extend(path.0.iter().cloned());
                let whole = FieldPath(whole);
                self.path_through(&file, &attribute.name, definition, &whole, Shape::at_through_lists);
            }
            for input in attribute.call.inputs() {
                self.path(&file, &attribute.name, definition, &input);
            }
        }
        let templates = [Some(&definition.id), Some(&definition.display_name), definition.region.as_ref()];
        let places: Vec<String> = templates
            .into_iter()
            .flatten()
            .flat_map(crate::Template::names)
            .filter(|place| !matches!(*place, "partition" | "account" | "region"))
            .filter(|place| !place.starts_with("tags.") && !place.starts_with("parent."))
            .map(str::to_owned)
            .collect();
        for place in places {
            self.path(&file, name, definition, &FieldPath::parse(&place));
        }
    }

    fn call(&mut self, file: &str, near: &str, call: &Call) {
        if self.shapes.answer(&call.service, &call.operation).is_none() {
            self.no_such_operation(file, near, call);
            return;
        }
        let known = self.shapes.inputs(&call.service, &call.operation);
        for input in call.with.keys() {
            if !known.contains(input) {
                let missing = NoSuchField { field: input.clone(), known: known.clone() };
                self.no_such_field(file, near, &format!("input of {}", call.name()), &missing);
            }
        }
    }

    fn no_such_operation(&mut self, file: &str, near: &str, call: &Call) {
        self.problem(
            file,
            &[near],
            format!(
                "`{near}`: the API model has no operation `{}`; check its name, then run `cargo xtask api-models`",
                call.name()
            ),
        );
    }

    fn no_such_field(&mut self, file: &str, near: &str, place: &str, missing: &NoSuchField) {
        let hint = match nearest(&missing.field, missing.known.iter().map(String::as_str)) {
            Some(near) => format!("; did you mean `{near}`?"),
            None if missing.known.is_empty() => String::new(),
            None => format!("; there are {}", missing.known.join(", ")),
        };
        self.problem(file, &[near], format!("`{near}`: {place} has no field `{}`{hint}", missing.field));
    }

    /// The fields of a type's resources with their shapes.
    fn fields_of(&mut self, definition: &ResourceTypeDefinition) -> BTreeMap<String, Shape> {
        if let Some(known) = self.fields.get(definition.name.as_str()) {
            return known.clone();
        }
        let mut fields = BTreeMap::new();
        for field in COMMON_FIELDS {
            fields.insert(field.to_owned(), if field == "tags" { Shape::Any } else { Shape::Scalar });
        }
        match &definition.list.kind {
            ListKind::Account => {
                fields.insert("Id".into(), Shape::Scalar);
                fields.insert("Partition".into(), Shape::Scalar);
            }
            ListKind::Region => {
                fields.insert("Name".into(), Shape::Scalar);
                fields.insert("Partition".into(), Shape::Scalar);
            }
            ListKind::Call { item: Some(item), .. } => {
                fields.insert(item.clone(), Shape::Scalar);
            }
            ListKind::Call { call, items, conversion, .. } => {
                let element = self
                    .shapes
                    .answer(&call.service, &call.operation)
                    .and_then(|answer| answer.at(items).ok())
                    .map(|list| list.converted(conversion.as_ref()))
                    .and_then(|list| list.step(&Segment::Each).ok().or(Some(list)));
                if let Some(element) = element {
                    for member in element.members() {
                        if let Ok(shape) = element.step(&Segment::Field(member.clone())) {
                            fields.insert(member, shape);
                        }
                    }
                }
            }
        }
        for attribute in &definition.attributes {
            let shape = self
                .shapes
                .answer(&attribute.call.service, &attribute.call.operation)
                .and_then(|answer| answer.taken(&attribute.take).ok())
                .map_or(Shape::Any, |shape| shape.converted(attribute.conversion.as_ref()));
            fields.insert(attribute.name.clone(), shape);
        }
        self.fields.insert(definition.name.as_str().to_owned(), fields.clone());
        fields
    }

    fn path(&mut self, file: &str, near: &str, definition: &ResourceTypeDefinition, path: &FieldPath) {
        self.path_through(file, near, definition, path, Shape::at);
    }

    fn path_through(
        &mut self,
        file: &str,
        near: &str,
        definition: &ResourceTypeDefinition,
        path: &FieldPath,
        at: fn(&Shape, &FieldPath) -> Result<Shape, NoSuchField>,
    ) {
        let Some((Segment::Field(head), rest)) = path.0.split_first() else { return };
        let fields = self.fields_of(definition);
        let missing = match fields.get(head) {
            Some(shape) => at(shape, &FieldPath(rest.to_vec())).err(),
            None => Some(NoSuchField { field: head.clone(), known: fields.into_keys().collect() }),
        };
        if let Some(missing) = missing {
            self.no_such_field(file, near, &format!("`{}` in {}", path, definition.name), &missing);
        }
    }

    fn rule(&mut self, rule: &Rule) {
        let id = rule.id.as_str();
        let file = rule.file.clone();
        let text = &rule.text;
        let catalog = self.catalog;
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            self.problem(&file, &["id"], format!("`{id}`: a rule id is kebab-case"));
        }
        if text.each.is_some() != text.key.is_some() {
            self.problem(&file, &["each", "key"], format!("`{id}`: `each` and `key` go together"));
        }
        for category in &text.categories {
            if !CATEGORIES.contains(&category.as_str()) {
                let known = CATEGORIES.join(", ");
                self.problem(
                    &file,
                    &["categories"],
                    format!("`{id}`: `{category}` is no category; use {known}"),
                );
            }
        }
        for (name, parameter) in &text.parameters {
            if let Err(message) = parameter.admit(&parameter.default) {
                self.problem(&file, &[name], format!("`{id}`: default of `{name}`: {message}"));
            }
        }
        for wanted in [VerdictStatus::Pass, VerdictStatus::Fail] {
            if !text.examples.iter().any(|example| example.verdict == wanted) {
                let message = format!("`{id}`: add an example whose verdict is `{wanted}`");
                self.problem(&file, &["examples"], message);
            }
        }
        let Some(definition) = catalog.resource_type(text.resource.as_str()) else {
            let hint = self.type_hint(text.resource.as_str());
            self.problem(
                &file,
                &["resource"],
                format!("`{id}`: there is no resource type `{}`{hint}", text.resource),
            );
            return;
        };
        match rule.compiled() {
            Err(problems) => {
                for found in problems {
                    self.problem(&file, &["pass"], found.message);
                }
            }
            Ok(compiled) => {
                let reads: BTreeSet<Read> = compiled.reads().cloned().collect();
                for read in reads {
                    self.read(rule, definition, &read);
                }
            }
        }
        for example in &text.examples {
            let fields = self.fields_of(definition);
            let unknown: Vec<&String> =
                example.given.keys().filter(|key| !fields.contains_key(*key)).collect();
            for key in unknown {
                let missing = NoSuchField { field: key.clone(), known: fields.keys().cloned().collect() };
                self.no_such_field(
                    &file,
                    &example.name,
                    &format!("`{id}`, given of {}", definition.name),
                    &missing,
                );
            }
            for other in example.others.keys() {
                if catalog.resource_type(other).is_none() {
                    let hint = self.type_hint(other);
                    self.problem(
                        &file,
                        &[&example.name],
                        format!("`{id}`: there is no resource type `{other}`{hint}"),
                    );
                }
            }
        }
    }

    fn type_hint(&self, name: &str) -> String {
        nearest(name, self.catalog.types().map(|known| known.name.as_str()))
            .map(|near| format!("; did you mean `{near}`?"))
            .unwrap_or_default()
    }

    fn read(&mut self, rule: &Rule, judged: &ResourceTypeDefinition, read: &Read) {
        let file = rule.file.clone();
        let id = rule.id.as_str().to_owned();
        let catalog = self.catalog;
        let type_name = match &read.root {
            Root::Resource => judged.name.as_str(),
            Root::Account => Catalog::ACCOUNT,
            Root::Region => Catalog::REGION,
            Root::Other(name) | Root::Lookup(name) => name,
            Root::Parameter => {
                if let Some(name) = read.path.head()
                    && !rule.text.parameters.contains_key(name)
                {
                    self.problem(&file, &["parameters"], format!("`{id}`: there is no parameter `{name}`"));
                }
                return;
            }
        };
        match catalog.resource_type(type_name) {
            Some(definition) if matches!(read.root, Root::Lookup(_)) => {
                self.path_through(&file, &id, definition, &read.path, Shape::at_through_lists);
            }
            Some(definition) => self.path(&file, &id, definition, &read.path),
            None => {
                let hint = self.type_hint(type_name);
                self.problem(
                    &file,
                    &["pass"],
                    format!("`{id}`: there is no resource type `{type_name}`{hint}"),
                );
            }
        }
    }

    fn unique_ids(&mut self) {
        let mut seen = HashSet::new();
        let doubled: Vec<(String, String)> = self
            .catalog
            .rules()
            .filter(|rule| !seen.insert(rule.id.as_str().to_owned()))
            .map(|rule| (rule.file.clone(), rule.id.to_string()))
            .collect();
        for (file, id) in doubled {
            self.problem(&file, &[&id], format!("there is another rule `{id}`; ids are unique"));
        }
    }

    fn benchmarks(&mut self) {
        let catalog = self.catalog;
        for benchmark in catalog.benchmarks() {
            let mut seen = HashSet::new();
            for control in benchmark.controls() {
                let id = control.id.as_str();
                if !seen.insert(id) {
                    self.problem(&benchmark.file, &[id], format!("control `{id}` stands twice"));
                }
                if control.rules.is_empty() && !control.manual && !control.unassessed {
                    let message = format!(
                        "control `{id}` has no rules; name some, or say `manual: true` or `unassessed: true`"
                    );
                    self.problem(&benchmark.file, &[id], message);
                }
                if control.unassessed && (control.manual || !control.rules.is_empty()) {
                    let message = format!("control `{id}` is `unassessed`, and yet manual or with rules");
                    self.problem(&benchmark.file, &[id], message);
                }
                for rule in &control.rules {
                    if catalog.rule(rule.as_str()).is_none() {
                        let hint = nearest(rule.as_str(), catalog.rules().map(|known| known.id.as_str()))
                            .map(|near| format!("; did you mean `{near}`?"))
                            .unwrap_or_default();
                        let message =
                            format!("control `{id}` names the rule `{rule}`, which is not there{hint}");
                        self.problem(&benchmark.file, &[id], message);
                    }
                }
            }
        }
    }
}

/// Whether a text looks like `us-west-2`.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let all = |part: &str, test: fn(char) -> bool| !part.is_empty() && part.chars().all(test);
    match parts.as_slice() {
        [middle @ .., number] => {
            middle.len() >= 2
                && middle.iter().all(|part| all(part, |c| c.is_ascii_lowercase()))
                && all(number, |c| c.is_ascii_digit())
        }
        [] => false,
    }
}
