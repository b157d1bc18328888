//! A call's input: what the catalog says, with `$…` looked up.

use serde_json::{Map, Value};
use stance_catalog::{Call, FieldPath};

/// What `$…` may refer to.
pub(crate) struct Known<'k> {
    /// The item with its attributes so far.
    pub item: Option<&'k Value>,
    /// The item's parent.
    pub parent: Option<&'k Value>,
    pub account: &'k str,
    pub region: &'k str,
    pub partition: &'k str,
}

impl Known<'_> {
    /// What a place in a template stands for.
    pub fn place(&self, name: &str, tags: &std::collections::BTreeMap<String, String>) -> Option<String> {
        match name {
            "partition" => Some(self.partition.to_owned()),
            "account" => Some(self.account.to_owned()),
            "region" => Some(self.region.to_owned()),
            _ => {
                if let Some(tag) = name.strip_prefix("tags.") {
                    return tags.get(tag).cloned();
                }
                let (document, path) = match name.strip_prefix("parent.") {
                    Some(path) => (self.parent, path),
                    None => (self.item, name),
                };
                match FieldPath::parse(path).get(document?)? {
                    Value::String(text) => Some(text.clone()),
                    Value::Number(number) => Some(number.to_string()),
                    _ => None,
                }
            }
        }
    }

    fn value(&self, reference: &str) -> Option<Value> {
        let found = match reference {
            "account" => return Some(self.account.into()),
            "region" => return Some(self.region.into()),
            "partition" => return Some(self.partition.into()),
            _ => match (reference.strip_prefix("parent."), reference.strip_prefix('.')) {
                (Some(path), _) => FieldPath::parse(path).get(self.parent?),
                (None, Some(path)) => FieldPath::parse(path).get(self.item?),
                (None, None) => None,
            },
        };
        found.filter(|value| !value.is_null() && value.as_str() != Some("")).cloned()
    }
}

/// The input of a call; nothing where a value that it needs is missing.
pub(crate) fn input_of(call: &Call, known: &Known<'_>) -> Option<Value> {
    fill_members(&call.with, known).map(Value::Object)
}

fn fill_members(members: &Map<String, Value>, known: &Known<'_>) -> Option<Map<String, Value>> {
    members.iter().map(|(name, value)| Some((name.clone(), fill(value, known)?))).collect()
}

fn fill(value: &Value, known: &Known<'_>) -> Option<Value> {
    match value {
        Value::String(text) => match text.strip_prefix('$') {
            Some(reference) => known.value(reference),
            None => Some(value.clone()),
        },
        Value::Array(items) => {
            items.iter().map(|item| fill(item, known)).collect::<Option<_>>().map(Value::Array)
        }
        Value::Object(members) => fill_members(members, known).map(Value::Object),
        other => Some(other.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn call(with: Value) -> Call {
        let Value::Object(with) = with else { panic!("with is a map") };
        Call { service: "s".into(), operation: "O".into(), with }
    }

    #[test]
    fn references_are_looked_up_and_the_rest_is_taken_as_it_is() {
        let item = json!({"Name": "b", "Owner": {"Id": "o"}});
        let parent = json!({"Arn": "p"});
        let known =
            Known { item: Some(&item), parent: Some(&parent), account: "1", region: "r", partition: "aws" };
        let filled = input_of(
            &call(
                json!({"A": "$.Name", "B": ["$account", 3], "C": {"D": "$parent.Arn"}, "E": "text", "F": "$.Owner.Id"}),
            ),
            &known,
        );
        assert_eq!(filled, Some(json!({"A": "b", "B": ["1", 3], "C": {"D": "p"}, "E": "text", "F": "o"})));
        assert_eq!(input_of(&call(json!({"A": "$.Missing"})), &known), None);
    }
}
