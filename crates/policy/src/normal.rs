//! The normal form of statements, for rules that look at them directly.

use serde_json::{Map, Value, json};

use crate::document::Policy;
use crate::principal::{Named, Principals};
use crate::statement::{Effect, Selection, Statement};

impl Policy {
    /// The statements as a list of maps that all have the same keys: `Sid` and
    /// `Effect` are texts; `Action`, `NotAction`, `Resource` and `NotResource`
    /// lists; `Principal` and `NotPrincipal` maps of lists; `Condition` a map of
    /// operator to map of key to list of texts. What the document does not say is
    /// an empty text, list or map.
    pub fn statements(&self) -> Value {
        Value::Array(self.statements.iter().map(normal).collect())
    }
}

fn normal(statement: &Statement) -> Value {
    let (action, not_action) = lists(Some(&statement.written_actions));
    let (resource, not_resource) = lists(statement.resources.as_ref());
    let (principal, not_principal) = match &statement.principals {
        Some(Principals::Only(named)) => (principals(named), json!({})),
        Some(Principals::Except(named)) => (json!({}), principals(named)),
        None => (json!({}), json!({})),
    };
    let mut condition: Map<String, Value> = Map::new();
    for test in &statement.conditions {
        let keys = condition.entry(test.written_operator.clone()).or_insert_with(|| json!({}));
        if let Value::Object(keys) = keys {
            keys.insert(test.written_key.clone(), json!(test.values));
        }
    }
    json!({
        "Sid": statement.sid,
        "Effect": match statement.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        },
        "Principal": principal,
        "NotPrincipal": not_principal,
        "Action": action,
        "NotAction": not_action,
        "Resource": resource,
        "NotResource": not_resource,
        "Condition": condition,
    })
}

fn lists(selection: Option<&Selection>) -> (Value, Value) {
    match selection {
        Some(Selection::Only(patterns)) => (json!(patterns), json!([])),
        Some(Selection::Except(patterns)) => (json!([]), json!(patterns)),
        None => (json!([]), json!([])),
    }
}

fn principals(named: &Named) -> Value {
    let mut kinds: Map<String, Value> = Map::new();
    for (kind, ids) in &named.0 {
        if let Value::Array(list) = kinds.entry(kind.clone()).or_insert_with(|| json!([])) {
            list.extend(ids.iter().map(|id| json!(id)));
        }
    }
    Value::Object(kinds)
}
