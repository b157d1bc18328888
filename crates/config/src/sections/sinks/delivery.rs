//! What goes to a sink, and how; the same keys for every kind.

use crate::{AccountId, Count, Period, Rate, SinkName};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stance_model::{Severity, VerdictStatus};
use std::path::PathBuf;

/// What goes to a sink, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
pub struct Delivery {
    /// What the sink is called in messages, and the name of its folder. Its type unless given; sinks of
    /// one type need a name each.
    #[schemars(extend("examples" = ["security-team"]))]
    pub name: Option<SinkName>,
    /// Whether all findings of a run are sent, or only those that changed since the run before.
    pub what: What,
    /// Only findings that match all of this.
    pub filter: SinkFilter,
    /// Most documents in one request. What the receiver bears unless given.
    #[schemars(extend("examples" = [500]))]
    pub batch_documents: Option<Count>,
    /// Most bytes in one request. What the receiver bears unless given.
    #[schemars(extend("examples" = [1_000_000]))]
    pub batch_bytes: Option<Count>,
    /// Most requests a second. No limit unless given.
    #[schemars(extend("examples" = [10]))]
    pub max_rate: Option<Rate>,
    /// How often a request is tried before its batch is kept for the next run.
    pub attempts: Count,
    /// How long a batch is tried before it is kept for the next run.
    pub patience: Period,
    /// Folder for batches that are not delivered yet and for documents that were refused for good. The
    /// sink's own below `stance/sinks` in the state folder unless given.
    #[schemars(extend("examples" = ["/var/lib/stance/sinks/security-team"]))]
    pub folder: Option<PathBuf>,
    /// Most megabytes of batches in that folder; more are refused, and that is an error.
    pub spool_megabytes: Count,
    /// Whether to tell what would be sent, and send nothing.
    pub dry_run: bool,
}

impl Default for Delivery {
    fn default() -> Self {
        Self {
            name: None,
            what: What::All,
            filter: SinkFilter::default(),
            batch_documents: None,
            batch_bytes: None,
            max_rate: None,
            attempts: Count::new(5),
            patience: Period::from_secs(120),
            folder: None,
            spool_megabytes: Count::new(1024),
            dry_run: false,
        }
    }
}

/// Which findings of a run are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "what")]
pub enum What {
    /// All of them.
    #[default]
    All,
    /// Those that are new, have another status, or are gone.
    Changes,
}

/// Which findings go to a sink: those that match every key that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SinkFilter {
    /// Only findings of this severity or worse.
    #[schemars(schema_with = "severities", extend("examples" = ["high"]))]
    pub severity: Option<Severity>,
    /// Only findings of these statuses.
    #[schemars(schema_with = "statuses", extend("examples" = [["fail", "unknown"]]))]
    pub statuses: Vec<VerdictStatus>,
    /// Only findings in these accounts.
    #[schemars(extend("examples" = [["111122223333"]]))]
    pub accounts: Vec<AccountId>,
    /// Only findings of these rules, by id.
    #[schemars(extend("examples" = [["aws-s3-bucket-denies-plain-http"]]))]
    pub rules: Vec<String>,
    /// Only findings of rules of these services.
    #[schemars(extend("examples" = [["s3", "iam"]]))]
    pub services: Vec<String>,
}

fn severities(_: &mut SchemaGenerator) -> Schema {
    let mut words: Vec<Value> =
        Severity::WORST_FIRST.iter().map(|severity| severity.as_str().into()).collect();
    words.push(Value::Null);
    json_schema!({ "title": "severity", "type": ["string", "null"], "enum": words })
}

fn statuses(_: &mut SchemaGenerator) -> Schema {
    let words = [VerdictStatus::Fail, VerdictStatus::Unknown, VerdictStatus::Pass];
    json_schema!({
        "type": "array", "default": [],
        "items": { "title": "status", "type": "string", "enum": words.map(VerdictStatus::as_str) },
    })
}
