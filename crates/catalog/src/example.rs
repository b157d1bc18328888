//! Examples: small estates with the verdict that a rule must reach on them.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A small estate and the verdict that the rule must reach on it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// Fields and attributes of the resource.
    pub given: Map<String, Value>,
    /// Fields and attributes of the account.
    #[serde(default)]
    pub account: Map<String, Value>,
    /// Fields and attributes of the resource's region.
    #[serde(default)]
    pub region: Map<String, Value>,
    /// Other resources of the scope by type.
    #[serde(default)]
    pub others: BTreeMap<String, ExampleResources>,
    /// Parameters that differ from their defaults.
    #[serde(default)]
    pub parameters: BTreeMap<String, Value>,
    /// The moment.
    #[serde(default = "default_now")]
    pub now: String,
    /// Of which item the verdict speaks.
    #[serde(default)]
    pub key: Option<String>,
    /// Tags of the resource.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// The resource's id.
    #[serde(default)]
    pub id: Option<String>,
    /// Where the resource lives.
    #[serde(default = "default_region")]
    pub region_name: String,
    /// The account that holds it.
    #[serde(default = "default_account")]
    pub account_id: String,
    /// The verdict.
    pub verdict: stance_model::VerdictStatus,
}

/// Other resources in an example.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum ExampleResources {
    /// They were listed.
    Listed(Vec<Map<String, Value>>),
    /// They could not be listed.
    Unreadable {
        /// The error code.
        unreadable: String,
    },
}

/// How a value of `given` is meant.
#[derive(Clone, Debug, PartialEq)]
pub enum ExampleState<'a> {
    /// As it stands.
    Known(&'a Value),
    /// The provider said that there is none.
    Absent,
    /// It could not be read, with this error code.
    Unreadable(&'a str),
}

impl<'a> ExampleState<'a> {
    /// How an attribute's value in an example is meant.
    pub fn of(value: &'a Value) -> Self {
        if value.as_str() == Some("absent") {
            return Self::Absent;
        }
        match value
            .as_object()
            .filter(|members| members.len() == 1)
            .and_then(|members| members.get("unreadable"))
        {
            Some(Value::String(code)) => Self::Unreadable(code),
            _ => Self::Known(value),
        }
    }
}

fn default_now() -> String {
    "2026-01-01T00:00:00Z".into()
}

fn default_region() -> String {
    "us-east-1".into()
}

fn default_account() -> String {
    "123456789012".into()
}
