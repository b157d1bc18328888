//! Maps.

use super::{Json, Text, Value};
use crate::touched::Cause;
use crate::view::View;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A map.
#[derive(Clone, Debug)]
pub(crate) enum Map<'v> {
    /// A map of a document.
    Document(&'v Json),
    /// A resource.
    Resource(&'v View<'v>),
    /// Tags of a resource.
    Tags(&'v BTreeMap<String, String>),
    /// A map that an expression made.
    Made(Rc<[(Key<'v>, Value<'v>)]>),
}

/// The key of a map that an expression made; those of documents are all texts.
#[derive(Clone, Debug)]
pub(crate) enum Key<'v> {
    Bool(bool),
    Int(i64),
    UInt(u64),
    Text(Text<'v>),
}

/// As many members as are quicker compared one by one than hashed.
const FEW: usize = 16;

/// The member of that name.
pub(crate) fn member<'v>(members: &'v serde_json::Map<String, Json>, name: &str) -> Option<&'v Json> {
    if members.len() > FEW {
        return members.get(name);
    }
    members.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}

fn members_of(json: &Json) -> Option<&serde_json::Map<String, Json>> {
    match json {
        Json::Object(members) => Some(members),
        _ => None,
    }
}

impl<'v> Map<'v> {
    /// A map of these members, each key once.
    pub fn made(mut members: Vec<(Key<'v>, Value<'v>)>) -> Self {
        // documents are gone through in the order of their names, whatever the provider's order
        members.sort_by(|(left, _), (right, _)| left.name().cmp(&right.name()));
        Self::Made(members.into())
    }

    /// The member of that name; nothing where there is none.
    ///
    /// # Errors
    /// Why it could not be read.
    pub fn get(&self, name: &str) -> Result<Option<Value<'v>>, Cause<'v>> {
        Ok(match self {
            Self::Document(json) => members_of(json).and_then(|members| member(members, name)).map(Value::of),
            Self::Resource(view) => view.get(name)?,
            Self::Tags(tags) => tags.get(name).map(|text| Value::text(text)),
            Self::Made(members) => {
                members.iter().find(|(key, _)| key.is_text(name)).map(|(_, value)| value.clone())
            }
        })
    }

    /// The member at a key of any type: numbers are found by their value.
    ///
    /// # Errors
    /// Why it could not be read.
    pub fn at(&self, key: &Value<'v>) -> Result<Option<Value<'v>>, Cause<'v>> {
        match (self, key) {
            (_, Value::Text(text)) => self.get(text.as_str()),
            (Self::Made(members), _) => {
                Ok(members.iter().find(|(known, _)| known.is(key)).map(|(_, value)| value.clone()))
            }
            _ => Ok(None),
        }
    }

    /// How many members it has.
    pub fn len(&self) -> usize {
        match self {
            Self::Document(json) => members_of(json).map_or(0, serde_json::Map::len),
            Self::Resource(view) => view.names().len(),
            Self::Tags(tags) => tags.len(),
            Self::Made(members) => members.len(),
        }
    }

    /// The keys, in their order.
    pub fn keys(&self) -> Vec<Value<'v>> {
        let texts = |names: Vec<&'v str>| names.into_iter().map(Value::text).collect();
        match self {
            Self::Document(json) => {
                let mut names: Vec<&str> = members_of(json)
                    .map(|members| members.keys().map(String::as_str).collect())
                    .unwrap_or_default();
                names.sort_unstable();
                texts(names)
            }
            Self::Resource(view) => texts(view.names()),
            Self::Tags(tags) => texts(tags.keys().map(String::as_str).collect()),
            Self::Made(members) => members.iter().map(|(key, _)| key.value()).collect(),
        }
    }
}

impl<'v> Key<'v> {
    /// The value as a key; a key is a text, a whole number or a truth.
    pub fn of(value: &Value<'v>) -> Option<Self> {
        Some(match value {
            Value::Bool(value) => Self::Bool(*value),
            Value::Int(value) => Self::Int(*value),
            Value::UInt(value) => Self::UInt(*value),
            Value::Text(text) => Self::Text(text.clone()),
            _ => return None,
        })
    }

    /// The key as a value.
    pub fn value(&self) -> Value<'v> {
        match self {
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::Int(*value),
            Self::UInt(value) => Value::UInt(*value),
            Self::Text(text) => Value::Text(text.clone()),
        }
    }

    /// The key as JSON writes it.
    pub fn name(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Self::Bool(value) => value.to_string().into(),
            Self::Int(value) => value.to_string().into(),
            Self::UInt(value) => value.to_string().into(),
            Self::Text(text) => text.as_str().into(),
        }
    }

    fn is_text(&self, name: &str) -> bool {
        matches!(self, Self::Text(text) if text.as_str() == name)
    }

    /// Whether a value finds this key.
    pub fn is(&self, value: &Value<'v>) -> bool {
        crate::operators::same(&self.value(), value)
    }
}
