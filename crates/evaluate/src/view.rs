//! A resource as expressions see it.

use crate::document::{holds_null, without_nulls};
use crate::touched::Cause;
use crate::value::{Json, Map, Value};
use stance_catalog::AttributeDefinition;
use stance_model::{AttributeState, Resource};

/// A resource as expressions see it: a map of its attributes, its fields and what is common to all
/// resources. Its own fields win over the common ones.
#[derive(Debug)]
pub(crate) struct View<'v> {
    /// The resource as it was read.
    pub resource: &'v Resource,
    attributes: &'v [AttributeDefinition],
    /// The resource without nulls, where it had some: a member that is null is a member that is missing.
    cleaned: Option<Box<Resource>>,
}

impl<'v> View<'v> {
    /// The resource with the attributes that rules may ask for.
    pub fn of(resource: &'v Resource, attributes: &'v [AttributeDefinition]) -> Self {
        let known = |state: &AttributeState| match state {
            AttributeState::Known { value } => holds_null(value),
            AttributeState::Absent | AttributeState::Unreadable { .. } => false,
        };
        let has_nulls = resource.fields.values().any(holds_null)
            || resource.attributes.values().any(|attribute| known(&attribute.state));
        Self { resource, attributes, cleaned: has_nulls.then(|| Box::new(cleaned(resource))) }
    }

    fn read(&self) -> &Resource {
        self.cleaned.as_deref().unwrap_or(self.resource)
    }

    /// The member of that name; nothing where there is none.
    ///
    /// # Errors
    /// Why it could not be read.
    pub fn get(&'v self, name: &str) -> Result<Option<Value<'v>>, Cause<'v>> {
        let read = self.read();
        if let Some(definition) = self.attributes.iter().find(|definition| definition.name == name) {
            let unreadable =
                |failure| Err(Cause::Attribute { name: &definition.name, failure, of: self.resource });
            match read.attributes.get(name).map(|attribute| &attribute.state) {
                Some(AttributeState::Known { value: Json::Null } | AttributeState::Absent) => {}
                Some(AttributeState::Known { value }) => return Ok(Some(Value::of(value))),
                Some(AttributeState::Unreadable { failure }) => return unreadable(Some(failure)),
                None => return unreadable(None),
            }
        }
        Ok(crate::value::member(&read.fields, name).map(Value::of).or_else(|| self.common(name)))
    }

    fn common(&self, name: &str) -> Option<Value<'_>> {
        let reference = &self.resource.reference;
        Some(match name {
            "id" => Value::text(reference.id.as_str()),
            "name" => Value::text(&reference.name),
            "region" => Value::text(reference.region.as_str()),
            "scope" => Value::text(reference.scope.as_str()),
            "type" => Value::text(reference.resource_type.as_str()),
            "tags" => Value::Map(Map::Tags(&self.resource.tags)),
            _ => return None,
        })
    }

    /// The names of all members, in their order.
    pub fn names(&'v self) -> Vec<&'v str> {
        let of_attributes = self.attributes.iter().map(|definition| definition.name.as_str());
        let mut names: Vec<&str> = ["id", "name", "region", "scope", "tags", "type"]
            .into_iter()
            .chain(self.read().fields.keys().map(String::as_str))
            .chain(of_attributes.filter(|name| !matches!(self.get(name), Ok(None))))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

fn cleaned(resource: &Resource) -> Resource {
    let mut cleaned = resource.clone();
    cleaned.fields =
        cleaned.fields.into_iter().filter_map(|(name, value)| Some((name, without_nulls(value)?))).collect();
    for attribute in cleaned.attributes.values_mut() {
        if let AttributeState::Known { value } = &mut attribute.state {
            *value = without_nulls(std::mem::take(value)).unwrap_or_default();
        }
    }
    cleaned
}
