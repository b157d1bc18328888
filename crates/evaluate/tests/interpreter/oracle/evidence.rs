//! Evidence and messages: the values that decided, in words that people read.

use crate::oracle::value::Node;
use serde_json::Value;
use stance_catalog::{FieldPath, Template};
use stance_model::{AttributeState, Evidence, Resource, Source};
use std::collections::HashMap;
use std::sync::Arc;

/// The longest value that is kept whole, in bytes of JSON; evidence is for eyes, and a finding must
/// not carry a megabyte.
const LONGEST: usize = 4096;

/// The evidence of one resource, shared between all findings about it.
pub(crate) struct EvidenceOf<'r> {
    resource: &'r Resource,
    known: HashMap<&'r str, Option<Arc<Evidence>>>,
}

impl<'r> EvidenceOf<'r> {
    pub fn new(resource: &'r Resource) -> Self {
        Self { resource, known: HashMap::new() }
    }

    /// The values at the paths that decided.
    pub fn at(&mut self, paths: &'r [String], item: Option<&Node>) -> Vec<Arc<Evidence>> {
        let resource = self.resource;
        let of_path = |path: &'r String| self.known.entry(path).or_insert_with(|| at(resource, path)).clone();
        let mut evidence: Vec<Arc<Evidence>> = paths.iter().filter_map(of_path).collect();
        if let Some(value) = item.and_then(|item| crate::oracle::document::to_json(item.val()).ok()) {
            evidence.push(Arc::new(Evidence {
                path: "item".into(),
                value: shortened(value),
                operation: resource.listed_by.operation.clone(),
                read_at: resource.listed_by.read_at,
            }));
        }
        evidence
    }
}

fn at(resource: &Resource, path: &str) -> Option<Arc<Evidence>> {
    let (source, value) = value_at(resource, &FieldPath::parse(path))?;
    Some(Arc::new(Evidence {
        path: path.to_owned(),
        value: shortened(value.cloned().unwrap_or(Value::Null)),
        operation: source.operation.clone(),
        read_at: source.read_at,
    }))
}

/// The value at a path with who told it; a missing value is told too, an unreadable one is not.
fn value_at<'r>(resource: &'r Resource, path: &FieldPath) -> Option<(&'r Source, Option<&'r Value>)> {
    let head = path.head()?;
    let rest = FieldPath(path.0.iter().skip(1).cloned().collect());
    match resource.attributes.get(head) {
        Some(attribute) => match &attribute.state {
            AttributeState::Known { value } => Some((&attribute.source, rest.get(value))),
            AttributeState::Absent => Some((&attribute.source, None)),
            AttributeState::Unreadable { .. } => None,
        },
        // `name` or `region` in lower case are the resource's own, and no evidence
        None if head.starts_with(|c: char| c.is_ascii_lowercase()) && !resource.fields.contains_key(head) => {
            None
        }
        None => Some((&resource.listed_by, resource.fields.get(head).and_then(|value| rest.get(value)))),
    }
}

fn shortened(value: Value) -> Value {
    let text = value.to_string();
    if text.len() <= LONGEST {
        return value;
    }
    let end = (0..=LONGEST).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    Value::String(format!("{}…", text.get(..end).unwrap_or_default()))
}

/// Fills a message's places with the resource's values.
pub(crate) fn message(template: &Template, resource: &Resource, item: Option<&Node>) -> String {
    let item = item.and_then(|item| crate::oracle::document::to_json(item.val()).ok());
    template.fill_known(|name| place(name, resource, item.as_ref()))
}

fn place(name: &str, resource: &Resource, item: Option<&Value>) -> Option<String> {
    let reference = &resource.reference;
    if let Some(path) = name.strip_prefix("item.") {
        return FieldPath::parse(path).get(item?).map(written);
    }
    if let Some(tag) = name.strip_prefix("tags.") {
        return resource.tags.get(tag).cloned();
    }
    value_at(resource, &FieldPath::parse(name)).and_then(|(_, value)| value).map(written).or_else(|| {
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

fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
