//! A run on its way into a store: compressed JSON lines, written while a scan goes on, read account by account.
//!
//! The same form serves as a scan's own file before it is imported, for pushing a run to a server, and for
//! agents. The first line is the head; then for each scope its run, its resources and its findings; the last
//! line counts all of it, so that what was cut short is never taken for a whole.

mod reader;
mod writer;

pub use reader::BundleReader;
pub use writer::BundleWriter;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stance_model::{
    Attribute, Evidence, ExceptionMark, Finding, Region, Resource, ResourceType, RuleId, Run, Scan, Severity,
    UnknownCause, UnscannedScope, VerdictStatus,
};
use std::sync::Arc;
use thiserror::Error;

const FORMAT: &str = "stance-bundle";
/// Raised when a reader of the old one would go wrong.
const VERSION: u32 = 1;

/// A run that cannot be read or written.
#[derive(Debug, Error)]
pub enum BundleError {
    /// Reading or writing fails.
    #[error(transparent)]
    File(#[from] std::io::Error),
    /// A line is not what it should be.
    #[error("line {line}: {message}")]
    Line {
        /// Counted from 1.
        line: u64,
        /// What is wrong.
        message: String,
    },
    /// It is something else.
    #[error("it does not begin as a run does")]
    Foreign,
    /// A newer Stance has written it.
    #[error("it has form `{0}`, and this Stance knows forms up to `{VERSION}`; bring this Stance up to date")]
    Newer(u32),
    /// The end is missing.
    #[error("it was cut short; send it again")]
    Cut,
    /// The end counts something else than was there.
    #[error("it tells of {told} {what} and holds {held}; send it again")]
    Count {
        /// Of what.
        what: &'static str,
        /// As the end says.
        told: u64,
        /// As they were met.
        held: u64,
    },
}

/// A line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line<R = Box<Resource>, F = Box<BundledFinding>, S = Box<Run>> {
    Bundle(Head),
    Scope(S),
    Resource(R),
    Finding(F),
    End(Box<End>),
}

#[derive(Serialize, Deserialize)]
struct Head {
    format: String,
    version: u32,
    /// Every rule that judged; a finding of another one was not looked at.
    rules: Vec<RuleId>,
}

/// What is known when all is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct End {
    /// The scan as a whole.
    pub scan: Scan,
    /// Scopes that were not scanned.
    pub unscanned: Vec<UnscannedScope>,
    counts: Counts,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Counts {
    scopes: u64,
    resources: u64,
    findings: u64,
}

/// What a run says of one scope.
#[derive(Clone, Debug, PartialEq)]
pub struct ScopeBundle {
    /// How the collection went.
    pub run: Run,
    /// What was read.
    pub resources: Vec<Resource>,
    /// Every verdict but those that are not applicable.
    pub findings: Vec<BundledFinding>,
}

/// A finding without what the run, the rule and the catalog say of all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BundledFinding {
    /// The rule that speaks.
    pub rule: RuleId,
    /// What it says.
    pub status: VerdictStatus,
    /// How bad it is where it fails.
    pub severity: Severity,
    /// Canonical id of the resource.
    pub resource: stance_model::ResourceId,
    /// Its type.
    #[serde(rename = "type")]
    pub resource_type: ResourceType,
    /// The name that people know it by.
    pub name: String,
    /// Where it lives.
    pub region: Region,
    /// The item in the resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_key: Option<String>,
    /// One sentence for people.
    pub message: Arc<str>,
    /// Who accepts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<Arc<ExceptionMark>>,
    /// The values that decided.
    #[serde(default, skip_serializing_if = "no_evidence")]
    pub evidence: Arc<[Arc<Evidence>]>,
    /// Why the status is unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<UnknownCause>,
}

// what serde calls takes the field's own type
fn no_evidence(evidence: &Arc<[Arc<Evidence>]>) -> bool {
    evidence.is_empty()
}

impl From<&Finding> for BundledFinding {
    fn from(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.clone(),
            status: finding.status,
            severity: finding.severity,
            resource: finding.resource.id.clone(),
            resource_type: finding.resource.resource_type.clone(),
            name: finding.resource.name.clone(),
            region: finding.resource.region.clone(),
            sub_key: finding.sub_key.clone(),
            message: Arc::clone(&finding.message),
            exception: finding.exception.clone(),
            evidence: Arc::clone(&finding.evidence),
            causes: finding.causes.clone(),
        }
    }
}

/// A resource's configuration as it is kept: without the times of reading, which change with each run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Configuration {
    /// What the listing told.
    pub fields: serde_json::Map<String, Value>,
    /// The operation that listed it.
    pub listed_by: Arc<str>,
    /// What took calls of its own: the operation, and what it told.
    pub attributes: std::collections::BTreeMap<String, KeptAttribute>,
}

/// An attribute without the time of reading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptAttribute {
    /// Service and operation.
    pub operation: Arc<str>,
    /// What was told.
    #[serde(flatten)]
    pub state: stance_model::AttributeState,
}

impl From<&Resource> for Configuration {
    fn from(resource: &Resource) -> Self {
        let kept = |attribute: &Attribute| KeptAttribute {
            operation: Arc::clone(&attribute.source.operation),
            state: attribute.state.clone(),
        };
        Self {
            fields: resource.fields.clone(),
            listed_by: Arc::clone(&resource.listed_by.operation),
            attributes: resource.attributes.iter().map(|(name, value)| (name.clone(), kept(value))).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
