//! The scores of a run, in the form that Kibana's trend reads.

use super::SCORES;
use super::ecs::name_and_version;
use crate::describe::About;
use serde_json::{Map, Value, json};
use stance_model::Score;

/// The scores as one document.
pub(super) fn document(about: &About<'_>, namespace: &str) -> Value {
    let report = about.report;
    let mut accounts = Map::new();
    for (scope, score) in &report.scopes {
        accounts.insert(scope.to_string(), counts(*score));
    }
    let mut benchmarks = Map::new();
    for benchmark in &report.benchmarks {
        let (name, version) = name_and_version(&benchmark.id);
        // a full stop in a key would make an object of it
        let version = version.replace('.', "_");
        if let Value::Object(versions) = benchmarks.entry(name).or_insert_with(|| json!({})) {
            versions.insert(version, counts(benchmark.score));
        }
    }
    let mut document = json!({
        "@timestamp": report.scan.ended_at.to_rfc3339(),
        "data_stream": { "type": "logs", "dataset": SCORES, "namespace": namespace },
        "event": { "id": format!("scores-{}", about.run), "kind": "metric", "dataset": SCORES },
        "policy_template": "cspm",
        "namespace": namespace,
        "is_enabled_rules_score": true,
        "score_by_cluster_id": accounts,
        "score_by_benchmark_id": benchmarks,
        "stance": { "run_id": about.run.as_str() },
    });
    if let (Some(members), Value::Object(counts)) = (document.as_object_mut(), counts(report.score)) {
        members.extend(counts);
    }
    document
}

/// Counts as theirs: what could not be told, or is accepted, is in none of them.
fn counts(score: Score) -> Value {
    let verdicts = score.verdicts;
    json!({
        "total_findings": verdicts.passed + verdicts.failed,
        "passed_findings": verdicts.passed,
        "failed_findings": verdicts.failed,
    })
}
