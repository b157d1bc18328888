//! Plans: from the rules chosen, only the calls that they need.

use crate::expression::{Read, Root};
use crate::{AttributeDefinition, Call, Catalog, ListKind, Problem, ResourceTypeDefinition, Rule};
use std::collections::{BTreeMap, BTreeSet};

/// The types to list and the attributes to read.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Types to list; a parent stands before its children.
    pub types: Vec<PlannedType>,
}

/// A type to list and its attributes to read.
#[derive(Clone, Debug)]
pub struct PlannedType {
    /// The type; its `attributes` are only those to read.
    pub definition: ResourceTypeDefinition,
}

impl Plan {
    /// What the rules need.
    ///
    /// # Errors
    /// What is wrong with a rule's expressions.
    pub fn of<'r>(
        catalog: &Catalog,
        rules: impl IntoIterator<Item = &'r Rule>,
    ) -> Result<Self, Vec<Problem>> {
        let mut needs = Needs::default();
        let mut problems = Vec::new();
        for rule in rules {
            match rule.compiled() {
                Ok(compiled) => {
                    needs.add_type(catalog, rule.text.resource.as_str());
                    for read in compiled.reads() {
                        needs.add_read(catalog, rule, read);
                    }
                }
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(needs.plan(catalog)) } else { Err(problems) }
    }

    /// Every operation of the plan, `s3:GetBucketPolicy`, each once.
    pub fn operations(&self) -> BTreeSet<String> {
        self.calls().map(Call::name).collect()
    }

    /// Every call of the plan.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.types.iter().flat_map(|planned| {
            let definition = &planned.definition;
            let list = match &definition.list.kind {
                ListKind::Call { call, .. } => Some(call),
                ListKind::Account | ListKind::Region => None,
            };
            let prepare = definition.list.prepare.as_ref().map(|prepare| &prepare.call);
            let attributes = definition.attributes.iter().flat_map(|attribute| {
                attribute.prepare.as_ref().map(|prepare| &prepare.call).into_iter().chain([&attribute.call])
            });
            list.into_iter().chain(prepare).chain(attributes)
        })
    }

    /// The planned type of that name.
    pub fn planned(&self, name: &str) -> Option<&PlannedType> {
        self.types.iter().find(|planned| planned.definition.name.as_str() == name)
    }
}

#[derive(Default)]
struct Needs(BTreeMap<String, BTreeSet<String>>);

impl Needs {
    fn add_type(&mut self, catalog: &Catalog, name: &str) {
        if self.0.contains_key(name) {
            return;
        }
        let Some(definition) = catalog.resource_type(name) else { return };
        self.0.insert(name.to_owned(), BTreeSet::new());
        for template in [Some(&definition.id), Some(&definition.display_name), definition.region.as_ref()] {
            for place in template.into_iter().flat_map(crate::Template::names) {
                self.add_attribute_at(definition, place);
            }
        }
        if let ListKind::Call { parent, call, .. } = &definition.list.kind
            && let Some(parent) = parent
        {
            self.add_type(catalog, parent.as_str());
            if let Some(parent) = catalog.resource_type(parent.as_str()) {
                for input in call.with.values().filter_map(|value| value.as_str()?.strip_prefix("$parent.")) {
                    self.add_attribute_at(parent, input);
                }
            }
        }
    }

    fn add_read(&mut self, catalog: &Catalog, rule: &Rule, read: &Read) {
        let name = match &read.root {
            Root::Resource => rule.text.resource.as_str(),
            Root::Account => Catalog::ACCOUNT,
            Root::Region => Catalog::REGION,
            Root::Other(name) | Root::Lookup(name) => name,
            Root::Parameter => return,
        };
        self.add_type(catalog, name);
        if let (Some(definition), Some(head)) = (catalog.resource_type(name), read.path.head()) {
            self.add_attribute(definition, head);
        }
    }

    fn add_attribute_at(&mut self, definition: &ResourceTypeDefinition, path: &str) {
        let head = path.split('.').next().unwrap_or_default();
        self.add_attribute(definition, head);
    }

    /// Adds the attribute, and those that its call takes its input from.
    fn add_attribute(&mut self, definition: &ResourceTypeDefinition, name: &str) {
        let Some(attribute) = definition.attribute(name) else { return };
        let needed = self.0.entry(definition.name.as_str().to_owned()).or_default();
        if needed.insert(name.to_owned()) {
            for input in attribute.call.inputs() {
                if let Some(head) = input.head() {
                    self.add_attribute(definition, head);
                }
            }
        }
    }

    fn plan(self, catalog: &Catalog) -> Plan {
        let mut types: Vec<PlannedType> = self
            .0
            .into_iter()
            .filter_map(|(name, needed)| {
                let mut definition = catalog.resource_type(&name)?.clone();
                definition
                    .attributes
                    .retain(|attribute: &AttributeDefinition| needed.contains(&attribute.name));
                Some(PlannedType { definition })
            })
            .collect();
        types.sort_by_key(|planned| depth(catalog, planned.definition.name.as_str(), 0));
        Plan { types }
    }
}

/// How many parents stand above a type; a circle of parents ends at eight.
fn depth(catalog: &Catalog, name: &str, above: usize) -> usize {
    match catalog.resource_type(name).map(|definition| &definition.list.kind) {
        Some(ListKind::Call { parent: Some(parent), .. }) if above < 8 => {
            depth(catalog, parent.as_str(), above + 1)
        }
        _ => above,
    }
}
