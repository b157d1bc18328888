//! What functions found out about documents: many rules ask the same of one resource.

use crate::value::{Json, List, Map, Text, Value};
use stance_policy::{Policy, network};
use std::rc::Rc;

/// What functions found out about the documents of one resource, by the place in memory where each
/// stands; what an expression made by itself has no place that lasts.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    from_internet: Vec<(usize, bool)>,
    policies: Vec<(usize, Rc<Policy>)>,
}

impl Memory {
    /// Whether a network permission that lasts admits the internet.
    pub fn admits_internet(&mut self, document: &Json) -> bool {
        let place = std::ptr::from_ref(document).addr();
        if let Some((_, known)) = self.from_internet.iter().find(|(known, _)| *known == place) {
            return *known;
        }
        let found = network::from_internet(document);
        self.from_internet.push((place, found));
        found
    }

    /// Where a document stands, if it stands there for as long as this memory.
    pub fn place_of(document: &Value<'_>) -> Option<usize> {
        match document {
            Value::Optional(Some(inner)) => Self::place_of(inner),
            Value::Text(Text::Borrowed(text)) => Some(text.as_ptr().addr()),
            Value::List(List::Document(json)) | Value::Map(Map::Document(json)) => {
                Some(std::ptr::from_ref(*json).addr())
            }
            _ => None,
        }
    }

    /// The policy that was read at a place.
    pub fn policy_at(&self, place: Option<usize>) -> Option<Rc<Policy>> {
        let place = place?;
        self.policies.iter().find(|(known, _)| *known == place).map(|(_, policy)| Rc::clone(policy))
    }

    /// Keeps the policy that was read at a place.
    pub fn keep_policy(&mut self, place: Option<usize>, policy: &Rc<Policy>) {
        self.policies.extend(place.map(|place| (place, Rc::clone(policy))));
    }
}
