//! Understanding answers: conversions, items, tags.

use crate::CallFailure;
use base64::Engine;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use stance_catalog::{Conversion, FieldPath};
use std::collections::BTreeMap;

/// The part of an answer that the catalog takes; nothing where the answer does not have it.
pub(crate) fn taken(
    answer: &Value,
    take: &FieldPath,
    conversion: Option<&Conversion>,
) -> Result<Option<Value>, CallFailure> {
    if take.0.contains(&stance_catalog::Segment::Each) {
        return Ok(Some(Value::Array(take.all(answer).into_iter().cloned().collect())));
    }
    match take.get(answer).filter(|value| !value.is_null()) {
        Some(value) => converted(value, conversion).map(Some),
        None => Ok(None),
    }
}

/// The items of an answer, each with its fields.
pub(crate) fn items(
    answer: &Value,
    path: &FieldPath,
    conversion: Option<&Conversion>,
    text_field: Option<&str>,
) -> Result<Vec<Map<String, Value>>, CallFailure> {
    let mut found: Vec<Value> = Vec::new();
    for value in path.all(answer) {
        match converted(value, conversion)? {
            Value::Array(items) => found.extend(items),
            single => found.push(single),
        }
    }
    found
        .into_iter()
        .map(|item| match (item, text_field) {
            (Value::Object(fields), _) => Ok(fields),
            (text @ Value::String(_), Some(field)) => Ok(Map::from_iter([(field.to_owned(), text)])),
            (other, _) => {
                let kind = if other.is_string() { "a text" } else { "neither a map nor a text" };
                Err(CallFailure::ours(CallFailure::MALFORMED, format!("an item of the answer is {kind}")))
            }
        })
        .collect()
}

fn converted(value: &Value, conversion: Option<&Conversion>) -> Result<Value, CallFailure> {
    match (conversion, value) {
        (Some(Conversion::Json), Value::String(text)) => json(text),
        // some operations answer with the document itself
        (None | Some(Conversion::Json), value) => Ok(value.clone()),
        (Some(Conversion::Csv { .. }), Value::String(text)) => table(text),
        (Some(Conversion::Csv { .. }), _) => Err(malformed("a table was expected")),
    }
}

fn malformed(message: impl Into<String>) -> CallFailure {
    CallFailure::ours(CallFailure::MALFORMED, message)
}

fn json(text: &str) -> Result<Value, CallFailure> {
    let decoded;
    let text = if text.trim_start().starts_with('%') {
        decoded =
            percent_decode_str(text).decode_utf8().map_err(|_| malformed("a document that is no UTF-8"))?;
        decoded.as_ref()
    } else {
        text
    };
    serde_json::from_str(text).map_err(|error| malformed(format!("a document that is no JSON: {error}")))
}

/// A table, in base64 as binary members arrive, as a list of maps.
fn table(text: &str) -> Result<Value, CallFailure> {
    let bytes =
        base64::engine::general_purpose::STANDARD.decode(text).unwrap_or_else(|_| text.as_bytes().to_vec());
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes.as_slice());
    let wrong = |error: csv::Error| malformed(format!("a table that cannot be read: {error}"));
    let headers = reader.headers().map_err(wrong)?.clone();
    reader
        .records()
        .map(|record| {
            let record = record.map_err(wrong)?;
            let row = headers.iter().zip(&record).map(|(name, value)| (name.to_owned(), Value::from(value)));
            Ok(Value::Object(row.collect()))
        })
        .collect::<Result<Vec<_>, CallFailure>>()
        .map(Value::Array)
}

/// The tags at a path: a list of pairs in any of the provider's spellings, or a map.
pub(crate) fn tags(item: &Value, path: Option<&FieldPath>) -> BTreeMap<String, String> {
    let Some(found) = path.and_then(|path| path.get(item)) else { return BTreeMap::new() };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match found {
        Value::Object(members) => {
            members.iter().filter_map(|(key, value)| Some((key.clone(), text(value)?))).collect()
        }
        Value::Array(pairs) => pairs
            .iter()
            .filter_map(|pair| {
                let member = |names: [&str; 3]| names.iter().find_map(|name| pair.get(name)).and_then(text);
                Some((
                    member(["Key", "key", "TagKey"])?,
                    member(["Value", "value", "TagValue"]).unwrap_or_default(),
                ))
            })
            .collect(),
        _ => BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn documents_are_decoded_where_needed() {
        let take = FieldPath::parse("Policy");
        let plain = json!({"Policy": "{\"Version\":\"1\"}"});
        let encoded = json!({"Policy": "%7B%22Version%22%3A%221%22%7D"});
        for answer in [plain, encoded] {
            assert_eq!(taken(&answer, &take, Some(&Conversion::Json)), Ok(Some(json!({"Version": "1"}))));
        }
        let cut = json!({"Policy": "{\"Version\":"});
        assert_eq!(taken(&cut, &take, Some(&Conversion::Json)).unwrap_err().code, CallFailure::MALFORMED);
        assert_eq!(taken(&json!({}), &take, Some(&Conversion::Json)), Ok(None));
    }

    #[test]
    fn a_table_becomes_rows() {
        let text = base64::engine::general_purpose::STANDARD.encode("user,arn\nroot,a\n\"x,y\",b\n");
        let conversion = Conversion::Csv { columns: vec![] };
        let rows =
            items(&json!({"Content": text}), &FieldPath::parse("Content"), Some(&conversion), None).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[1]["user"], "x,y");
    }

    #[test]
    fn lists_of_lists_and_plain_texts_become_items() {
        let answer = json!({"R": [{"I": [{"a": 1}]}, {"I": [{"a": 2}]}], "U": ["x", "y"]});
        assert_eq!(items(&answer, &FieldPath::parse("R[].I"), None, None).unwrap().len(), 2);
        let texts = items(&answer, &FieldPath::parse("U"), None, Some("Url")).unwrap();
        assert_eq!(texts[1]["Url"], "y");
        assert!(items(&answer, &FieldPath::parse("U"), None, None).is_err());
    }

    #[test]
    fn tags_are_read_in_every_spelling() {
        let expected = BTreeMap::from([("a".to_owned(), "1".to_owned())]);
        for item in [
            json!({"T": [{"Key": "a", "Value": "1"}]}),
            json!({"T": [{"key": "a", "value": "1"}]}),
            json!({"T": [{"TagKey": "a", "TagValue": "1"}]}),
            json!({"T": {"a": "1"}}),
        ] {
            assert_eq!(tags(&item, Some(&FieldPath::parse("T"))), expected);
        }
    }
}
