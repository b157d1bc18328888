//! Takes out of answers what the provider's model marks as sensitive.

use crate::model::{Kind, Operation, Service};
use serde_json::{Map, Value};

/// What is kept of a sensitive text; the first argument is what the text is called, if it has a name.
pub type Conceal = fn(Option<&str>, &str) -> String;

/// Keeps nothing of a sensitive text.
pub(crate) fn nothing(_: Option<&str>, _: &str) -> String {
    "[sensitive]".to_owned()
}

/// Conceals the sensitive texts of an operation's answer. Names of fields and keys of maps stay.
pub(crate) fn conceal(service: &'static Service, operation: &Operation, answer: &mut Value, by: Conceal) {
    if service.has_sensitive() {
        walk(service, operation.output, None, false, answer, by);
    }
}

fn walk(
    service: &'static Service,
    at: usize,
    name: Option<&str>,
    within: bool,
    value: &mut Value,
    by: Conceal,
) {
    let node = service.node(at);
    let hidden = within || node.sensitive;
    match (&node.kind, value) {
        (Kind::Structure(members), Value::Object(fields)) => {
            let pair = if hidden { name_in_pair(fields) } else { None };
            for member in members {
                let Some(field) = fields.get_mut(member.name) else { continue };
                match &pair {
                    // the name is what tells a secret, and none itself
                    Some((name_field, _)) if name_field == member.name => {}
                    Some((_, name)) if is_value(member.name) => {
                        walk(service, member.target, Some(name), hidden, field, by);
                    }
                    _ => walk(service, member.target, Some(member.name), hidden, field, by),
                }
            }
        }
        (Kind::List(element), Value::Array(items)) => {
            for item in items {
                walk(service, *element, name, hidden, item, by);
            }
        }
        (Kind::Map(target), Value::Object(fields)) => {
            for (key, field) in fields {
                walk(service, *target, Some(key), hidden, field, by);
            }
        }
        (_, value) if hidden => conceal_texts(name, value, by),
        _ => {}
    }
}

/// The field that holds the name, and the name, where a structure is a pair of a name and a value.
fn name_in_pair(fields: &Map<String, Value>) -> Option<(String, String)> {
    if !fields.keys().any(|field| is_value(field)) {
        return None;
    }
    fields
        .iter()
        .find(|(field, _)| matches!(field.to_ascii_lowercase().as_str(), "name" | "key"))
        .and_then(|(field, name)| Some((field.clone(), name.as_str()?.to_owned())))
}

fn is_value(field: &str) -> bool {
    field.eq_ignore_ascii_case("value")
}

/// Free-form values may hold texts at any depth.
fn conceal_texts(name: Option<&str>, value: &mut Value, by: Conceal) {
    match value {
        Value::String(text) => *text = by(name, text),
        Value::Array(items) => {
            for item in items {
                conceal_texts(name, item, by);
            }
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                conceal_texts(Some(key), field, by);
            }
        }
        // a number or truth value tells no secret, and rules count on its type
        Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::ApiModels;
    use serde_json::json;
    use std::borrow::Cow;

    const MODEL: &[u8] = br#"{"meta":{"id":"Things","proto":"json","jv":"1.1","version":"1","prefix":"things","sign":"things","target":"T"},
        "ops":{"List":{"method":"POST","uri":"/","out":"Out"}},
        "shapes":{
            "Out":{"k":"structure","m":{"Name":{"t":"Plain"},"Password":{"t":"Secret"},"Variables":{"t":"Variables"},"Count":{"t":"Number"},"Texts":{"t":"Texts"},"Environment":{"t":"Pairs"}}},
            "Pairs":{"k":"list","sens":true,"e":{"t":"Pair"}},"Pair":{"k":"structure","m":{"name":{"t":"Plain"},"value":{"t":"Plain"}}},
            "Plain":{"k":"string"},"Secret":{"k":"string","sens":true},"Number":{"k":"integer","sens":true},
            "Texts":{"k":"list","e":{"t":"Secret"}},
            "Variables":{"k":"map","sens":true,"key":{"t":"Plain"},"v":{"t":"Plain"}}}}"#;

    #[test]
    fn what_is_marked_is_concealed_with_all_within_it_and_nothing_else() {
        let endpoints = include_bytes!("testing/endpoints.json");
        let models = ApiModels::new(|_| Some(Cow::Borrowed(MODEL)), endpoints).unwrap();
        let service = models.service("things").unwrap();
        let mut answer = json!({
            "Name": "a", "Password": "p", "Variables": { "X": "1", "Y": "2" }, "Count": 3, "Texts": ["t"],
            "Environment": [{ "name": "PASSWORD", "value": "secret" }],
        });
        super::conceal(service, service.operation("List").unwrap(), &mut answer, |name, text| {
            format!("<{} of {}>", text.len(), name.unwrap_or_default())
        });
        assert_eq!(
            answer,
            json!({
                "Name": "a", "Password": "<1 of Password>", "Variables": { "X": "<1 of X>", "Y": "<1 of Y>" },
                "Count": 3, "Texts": ["<1 of Texts>"],
                "Environment": [{ "name": "PASSWORD", "value": "<6 of PASSWORD>" }],
            })
        );
    }
}
