//! What the findings of a resource say, kept in one place: they share their evidence.

use crate::bundle::BundledFinding;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stance_model::{ExceptionMark, RuleId, UnknownCause};
use std::sync::Arc;

/// What a finding says beside its verdict; without the times of reading, which change with each run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// The rule that speaks.
    pub rule: RuleId,
    /// The item in the resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_key: Option<String>,
    /// One sentence for people.
    pub message: String,
    /// The values that decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<KeptEvidence>,
    /// Why the status is unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<UnknownCause>,
    /// Who accepts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<Arc<ExceptionMark>>,
}

/// A value that decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptEvidence {
    /// Path from the resource.
    pub path: String,
    /// What stood there.
    pub value: Value,
    /// The operation that told it.
    pub operation: Arc<str>,
}

/// What findings of one resource say, in an order that does not depend on theirs.
pub(crate) fn evidence_of(findings: &[&BundledFinding]) -> Vec<Said> {
    let mut said: Vec<Said> = findings
        .iter()
        .map(|finding| Said {
            rule: finding.rule.clone(),
            sub_key: finding.sub_key.clone(),
            message: finding.message.to_string(),
            evidence: finding
                .evidence
                .iter()
                .map(|evidence| KeptEvidence {
                    path: evidence.path.clone(),
                    value: evidence.value.clone(),
                    operation: Arc::clone(&evidence.operation),
                })
                .collect(),
            causes: finding.causes.clone(),
            exception: finding.exception.clone(),
        })
        .collect();
    said.sort_by(|left, right| (&left.rule, &left.sub_key).cmp(&(&right.rule, &right.sub_key)));
    said
}
