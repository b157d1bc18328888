//! Which rules are evaluated.

use crate::InputPath;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stance_model::Severity;
use std::collections::BTreeMap;

/// Which rules are evaluated, and with which parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Scan {
    /// Only rules of these services.
    #[schemars(extend("examples" = [["s3", "iam"]]))]
    pub services: Vec<String>,
    /// Only these rules, by id, by Prowler's or by Security Hub's name.
    #[schemars(extend("examples" = [["aws-s3-bucket-denies-plain-http"]]))]
    pub rules: Vec<String>,
    /// Not these rules.
    #[schemars(extend("examples" = [["aws-ec2-instance-uses-imdsv2"]]))]
    pub exclude_rules: Vec<String>,
    /// Only rules of these benchmarks; a name that ends with .yaml is a file of your own.
    #[schemars(extend("examples" = [["aws-cis-3.0"]]))]
    pub benchmarks: Vec<String>,
    /// Only rules of this severity or worse.
    #[schemars(schema_with = "severities", extend("examples" = ["medium"]))]
    pub severity: Option<Severity>,
    /// Parameters of rules, by name; `stance rules show ID` lists them.
    #[schemars(extend("examples" = [{ "max_unused_access_keys_days": 30 }]))]
    pub parameters: BTreeMap<String, Value>,
    /// Folder whose files add to the built-in catalog or replace parts of it.
    #[schemars(extend("examples" = ["catalog"]))]
    pub catalog: Option<InputPath>,
}

fn severities(_: &mut SchemaGenerator) -> Schema {
    let mut words: Vec<Value> =
        Severity::WORST_FIRST.iter().map(|severity| severity.as_str().into()).collect();
    words.push(Value::Null);
    json_schema!({ "title": "severity", "type": ["string", "null"], "enum": words })
}
