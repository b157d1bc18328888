//! The part of JSON Schema that `report.schema.json` uses: small enough to be read at a glance, and
//! strict, so that a keyword that it does not know is an error and not a check that never happens.

use serde_json::Value;

const KNOWN: &[&str] = &[
    "$schema",
    "$id",
    "$defs",
    "$ref",
    "title",
    "description",
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "const",
    "oneOf",
    "minimum",
    "format",
    "pattern",
];

/// What is wrong with a value, each with its place.
pub fn problems(root: &Value, schema: &Value, value: &Value, place: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut wrong = |text: String| found.push(format!("{place}: {text}"));
    for keyword in schema.as_object().unwrap().keys() {
        assert!(KNOWN.contains(&keyword.as_str()), "unknown keyword `{keyword}`");
    }
    if let Some(kind) = schema.get("type") {
        let fits = match kind.as_str().unwrap() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "integer" => value.is_i64() || value.is_u64(),
            other => panic!("unknown type `{other}`"),
        };
        if !fits {
            wrong(format!("`{value}` is not of type {kind}"));
        }
    }
    if schema.get("const").is_some_and(|only| only != value) {
        wrong(format!("`{value}` is not the constant"));
    }
    if let Some(allowed) = schema.get("enum")
        && !allowed.as_array().unwrap().contains(value)
    {
        wrong(format!("`{value}` is none of {allowed}"));
    }
    if let Some(minimum) = schema.get("minimum")
        && value.as_i64() < minimum.as_i64()
    {
        wrong(format!("`{value}` is below {minimum}"));
    }
    if let Some(format) = schema.get("format") {
        let text = value.as_str().unwrap_or_default();
        let is_so = match format.as_str() {
            Some("date-time") => chrono::DateTime::parse_from_rfc3339(text).is_ok(),
            Some("date") => text.parse::<chrono::NaiveDate>().is_ok(),
            other => panic!("a format that this checker does not know: {other:?}"),
        };
        if !is_so {
            wrong(format!("`{value}` is no time"));
        }
    }
    match schema.get("pattern").map(|pattern| pattern.as_str().unwrap()) {
        Some("^[0-9a-f]{32}$") => {
            let text = value.as_str().unwrap_or_default();
            if text.len() != 32 || !text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')) {
                wrong(format!("`{value}` does not match"));
            }
        }
        Some(other) => panic!("unknown pattern `{other}`"),
        None => {}
    }
    if let Some(reference) = schema.get("$ref") {
        let pointer = reference.as_str().unwrap().trim_start_matches('#');
        let target = root.pointer(pointer).unwrap_or_else(|| panic!("`{pointer}` leads nowhere"));
        found.extend(problems(root, target, value, place));
    }
    if let Some(choices) = schema.get("oneOf") {
        let fitting = choices
            .as_array()
            .unwrap()
            .iter()
            .filter(|choice| problems(root, choice, value, place).is_empty())
            .count();
        if fitting != 1 {
            found.push(format!("{place}: fits {fitting} of the choices"));
        }
    }
    if let (Some(items), Some(elements)) = (schema.get("items"), value.as_array()) {
        for (index, element) in elements.iter().enumerate() {
            found.extend(problems(root, items, element, &format!("{place}/{index}")));
        }
    }
    if let Some(object) = value.as_object() {
        let properties = schema.get("properties").and_then(Value::as_object);
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            if !object.contains_key(name.as_str().unwrap()) {
                found.push(format!("{place}: {name} is missing"));
            }
        }
        for (name, part) in object {
            let place = format!("{place}/{name}");
            match (properties.and_then(|it| it.get(name)), schema.get("additionalProperties")) {
                (Some(schema), _) => found.extend(problems(root, schema, part, &place)),
                (None, Some(Value::Bool(false))) => found.push(format!("{place}: is not foreseen")),
                (None, Some(others)) if others.is_object() => {
                    found.extend(problems(root, others, part, &place));
                }
                _ => {}
            }
        }
    }
    found
}
