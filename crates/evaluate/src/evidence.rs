//! Evidence and messages: the values that decided, in words that people read.

use crate::document::{in_order, to_json};
use crate::touched::Touched;
use crate::value::{Json, Value};
use serde_json::Value as JsonValue;
use stance_catalog::{FieldPath, Template};
use stance_model::{AttributeState, Evidence, Resource, Source};
use std::borrow::Cow;
use std::sync::Arc;

/// The longest value that is kept whole, in bytes of JSON; evidence is for eyes, and a finding must
/// not carry a megabyte.
const LONGEST: usize = 4096;

/// A path whose value is evidence.
#[derive(Debug)]
struct EvidencePath {
    text: String,
    head: String,
    rest: FieldPath,
}

impl EvidencePath {
    /// Reads a path; nothing for one that leads nowhere.
    fn of(text: &str) -> Option<Self> {
        let (head, rest) = split(FieldPath::parse(text))?;
        Some(Self { text: text.to_owned(), head, rest })
    }
}

fn split(path: FieldPath) -> Option<(String, FieldPath)> {
    let head = path.head()?.to_owned();
    Some((head, FieldPath(path.0.into_iter().skip(1).collect())))
}

/// The paths that rules of a type show, and which of them each shows.
#[derive(Debug, Default)]
pub(crate) struct EvidencePaths {
    paths: Vec<EvidencePath>,
    /// The places of paths that rules show together; rules that show the same share them.
    together: Vec<Vec<usize>>,
}

/// Which paths a rule shows, among those of its type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShownTogether(usize);

impl EvidencePaths {
    /// Takes in what a rule shows.
    pub fn shown<'t>(&mut self, texts: impl IntoIterator<Item = &'t str>) -> ShownTogether {
        let places: Vec<usize> = texts.into_iter().filter_map(|text| self.place_of(text)).collect();
        let known = self.together.iter().position(|together| *together == places);
        ShownTogether(known.unwrap_or_else(|| {
            self.together.push(places);
            self.together.len() - 1
        }))
    }

    /// The place of a path; nothing for one that leads nowhere.
    fn place_of(&mut self, text: &str) -> Option<usize> {
        if let Some(place) = self.paths.iter().position(|path| path.text == text) {
            return Some(place);
        }
        self.paths.push(EvidencePath::of(text)?);
        Some(self.paths.len() - 1)
    }
}

/// What stands at a path.
#[derive(Clone)]
enum Known {
    /// Nobody asked yet.
    NotYet,
    /// Nothing that can be shown.
    Nothing,
    /// This.
    Evidence(Arc<Evidence>),
}

/// The evidence of one resource, shared between all findings about it.
pub(crate) struct EvidenceOf<'r> {
    resource: &'r Resource,
    paths: &'r EvidencePaths,
    /// What stands at each of the paths, once somebody asked.
    known: Vec<Known>,
    /// What rules show together, once one of them did.
    together: Vec<Option<Arc<[Arc<Evidence>]>>>,
}

impl<'r> EvidenceOf<'r> {
    /// The evidence of a resource at these paths.
    pub fn new(resource: &'r Resource, paths: &'r EvidencePaths) -> Self {
        let known = vec![Known::NotYet; paths.paths.len()];
        Self { resource, paths, known, together: vec![None; paths.together.len()] }
    }

    /// The values that decided: those at the paths that a rule shows, and the item.
    pub fn at(&mut self, shown: ShownTogether, item: Option<&Json>) -> Arc<[Arc<Evidence>]> {
        let shared = match self.together.get(shown.0) {
            Some(Some(shared)) => Arc::clone(shared),
            _ => self.together_at(shown),
        };
        let Some(item) = item else { return shared };
        let of_item = Arc::new(Evidence {
            path: "item".into(),
            value: shortened(item),
            operation: self.resource.listed_by.operation.clone(),
            read_at: self.resource.listed_by.read_at,
        });
        shared.iter().cloned().chain([of_item]).collect()
    }

    fn together_at(&mut self, shown: ShownTogether) -> Arc<[Arc<Evidence>]> {
        let paths = self.paths;
        let places = paths.together.get(shown.0).map_or(&[][..], Vec::as_slice);
        let evidence: Arc<[_]> = places.iter().filter_map(|place| self.at_place(*place)).collect();
        if let Some(together) = self.together.get_mut(shown.0) {
            *together = Some(Arc::clone(&evidence));
        }
        evidence
    }

    fn at_place(&mut self, place: usize) -> Option<Arc<Evidence>> {
        let (path, known) = (self.paths.paths.get(place)?, self.known.get_mut(place)?);
        if matches!(known, Known::NotYet) {
            *known = at(self.resource, path).map_or(Known::Nothing, Known::Evidence);
        }
        match known {
            Known::Evidence(shared) => Some(Arc::clone(shared)),
            Known::NotYet | Known::Nothing => None,
        }
    }
}

fn at(resource: &Resource, path: &EvidencePath) -> Option<Arc<Evidence>> {
    let (source, value) = value_at(resource, &path.head, &path.rest)?;
    Some(Arc::new(Evidence {
        path: path.text.clone(),
        value: value.map_or(Json::Null, shortened),
        operation: source.operation.clone(),
        read_at: source.read_at,
    }))
}

/// The value at a path with who told it; a missing value is told too, an unreadable one is not.
fn value_at<'r>(
    resource: &'r Resource,
    head: &str,
    rest: &FieldPath,
) -> Option<(&'r Source, Option<&'r Json>)> {
    match resource.attributes.get(head) {
        Some(attribute) => match &attribute.state {
            AttributeState::Known { value } => Some((&attribute.source, rest.get(value))),
            AttributeState::Absent => Some((&attribute.source, None)),
            AttributeState::Unreadable { .. } => None,
        },
        None => match crate::value::member(&resource.fields, head) {
            Some(value) => Some((&resource.listed_by, rest.get(value))),
            // `name` or `region` in lower case are the resource's own, and no evidence
            None if head.starts_with(|c: char| c.is_ascii_lowercase()) => None,
            None => Some((&resource.listed_by, None)),
        },
    }
}

fn shortened(value: &Json) -> Json {
    // what is surely short need not be written to be measured
    if most_bytes(value, LONGEST).is_some() {
        return value.clone();
    }
    let text = value.to_string();
    if text.len() <= LONGEST {
        return value.clone();
    }
    let end = (0..=LONGEST).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    Json::String(format!("{}…", text.get(..end).unwrap_or_default()))
}

/// What remains of so many bytes when the value is written; nothing if it may take more.
fn most_bytes(value: &Json, remaining: usize) -> Option<usize> {
    // a number takes 24 bytes at most; of a text, each byte six, as an escape does
    let text = |text: &str| 2 + 6 * text.len();
    match value {
        JsonValue::Null | JsonValue::Bool(_) => remaining.checked_sub(5),
        JsonValue::Number(_) => remaining.checked_sub(24),
        JsonValue::String(value) => remaining.checked_sub(text(value)),
        JsonValue::Array(items) => items
            .iter()
            .try_fold(remaining.checked_sub(2)?, |left, item| most_bytes(item, left)?.checked_sub(1)),
        JsonValue::Object(members) => {
            members.iter().try_fold(remaining.checked_sub(2)?, |left, (name, value)| {
                most_bytes(value, left.checked_sub(text(name) + 2)?)
            })
        }
    }
}

/// An item as people see it; nothing if a part of it could not be read.
pub(crate) fn shown(item: &Value<'_>) -> Option<Json> {
    let json: Cow<'_, Json> = to_json(item, &mut Touched::default()).ok()?;
    Some(in_order(&json))
}

/// Fills a message's places with the resource's values.
pub(crate) fn message(template: &Template, resource: &Resource, item: Option<&Json>) -> String {
    template.fill_known(|name| place(name, resource, item))
}

fn place(name: &str, resource: &Resource, item: Option<&Json>) -> Option<String> {
    let reference = &resource.reference;
    if let Some(path) = name.strip_prefix("item.") {
        return FieldPath::parse(path).get(item?).map(written);
    }
    if let Some(tag) = name.strip_prefix("tags.") {
        return resource.tags.get(tag).cloned();
    }
    let found = match name.find(['.', '[']) {
        None => value_at(resource, name, &FieldPath::default()),
        Some(_) => split(FieldPath::parse(name)).and_then(|(head, rest)| value_at(resource, &head, &rest)),
    };
    found.and_then(|(_, value)| value).map(written).or_else(|| {
        Some(
            match name {
                "id" => reference.id.as_str(),
                "name" | "Name" => &reference.name,
                "region" => reference.region.as_str(),
                "account" => reference.scope.as_str(),
                "item" => return item.map(written),
                _ => return None,
            }
            .to_owned(),
        )
    })
}

fn written(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_long_value_is_cut_and_a_short_one_is_whole() {
        let long = json!({ "text": "ä".repeat(LONGEST) });
        let Json::String(cut) = shortened(&long) else { panic!("it is not cut") };
        assert!(cut.ends_with("ä…") && cut.len() <= LONGEST + '…'.len_utf8());
        let just = json!("x".repeat(LONGEST - 2));
        assert_eq!(shortened(&just), just);
    }

    proptest! {
        #[test]
        fn what_counts_as_short_is_short(text in any::<String>(), number in any::<f64>(), whole in any::<i64>()) {
            let value = json!([{ text.as_str(): [text, number, whole, null, true] }, []]);
            if let Some(left) = most_bytes(&value, LONGEST) {
                prop_assert!(value.to_string().len() + left <= LONGEST);
            }
        }
    }
}
