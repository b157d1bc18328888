//! The schema of a sink: one section for each kind, with the keys that all share.

use super::{Delivery, NAME, Sink, SinkKind, TYPE};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

impl JsonSchema for Sink {
    fn schema_name() -> Cow<'static, str> {
        NAME.into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let shared = Delivery::json_schema(generator).to_value();
        let kinds = SinkKind::json_schema(generator).to_value();
        let kinds = kinds.get("oneOf").and_then(Value::as_array).into_iter().flatten();
        let sections: Vec<Value> = kinds.filter_map(|kind| section(kind, &shared)).collect();
        json_schema!({ "oneOf": sections })
    }
}

/// One kind's section. What came in is `{ properties: { webhook: { … } } }`.
fn section(kind: &Value, shared: &Value) -> Option<Value> {
    let (name, own) = kind.get("properties")?.as_object()?.iter().next()?;
    let text = kind.get("description").cloned().unwrap_or_default();
    let mut properties = Map::new();
    properties.insert(TYPE.to_owned(), json!({ "const": name, "description": text }));
    let mut required = vec![json!(TYPE)];
    let mut section = Map::new();
    // what the kind needs comes first
    for part in [own, shared] {
        properties.extend(part.get("properties").and_then(Value::as_object).cloned().unwrap_or_default());
        required.extend(part.get("required").and_then(Value::as_array).cloned().unwrap_or_default());
        if let Some(needs) = part.get("dependentRequired") {
            section.insert("dependentRequired".to_owned(), needs.clone());
        }
    }
    section.insert("type".to_owned(), json!("object"));
    section.insert("description".to_owned(), text);
    section.insert("properties".to_owned(), Value::Object(properties));
    section.insert("required".to_owned(), Value::Array(required));
    section.insert("additionalProperties".to_owned(), json!(false));
    Some(Value::Object(section))
}
