//! Index templates, for where Elastic's own integration is not installed.

use super::{FINDINGS, SCORES};
use serde_json::{Value, json};

/// Above the templates that every cluster has for logs (100), below those of Elastic's integration (200).
const PRIORITY: u32 = 150;

/// The templates, by name.
pub(super) fn all() -> [(&'static str, Value); 2] {
    let keyword = json!({ "type": "keyword", "ignore_above": 1024 });
    let text = json!({ "type": "text" });
    let findings = json!({
        "dynamic_templates": [
            { "texts": { "match_mapping_type": "string", "mapping": keyword } },
        ],
        "properties": {
            "@timestamp": { "type": "date" },
            "message": text,
            "event": { "properties": {
                "created": { "type": "date" }, "sequence": { "type": "long" },
            } },
            "result": { "properties": { "evidence": { "type": "object", "enabled": false } } },
            "rule": { "properties": {
                "description": text, "rationale": text, "remediation": text, "references": text,
            } },
        },
    });
    let scores = json!({ "properties": {
        "@timestamp": { "type": "date" },
        // read as they were sent; a field for each account would be too many
        "score_by_cluster_id": { "type": "object", "enabled": false },
        "score_by_benchmark_id": { "type": "object", "enabled": false },
    } });
    [("stance-findings", template(FINDINGS, &findings)), ("stance-scores", template(SCORES, &scores))]
}

fn template(set: &str, mappings: &Value) -> Value {
    json!({
        "index_patterns": [format!("logs-{set}-*")],
        "priority": PRIORITY,
        "data_stream": {},
        "template": { "mappings": mappings },
        "_meta": { "description": "installed by Stance" },
    })
}
