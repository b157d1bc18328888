//! One scan: what was planned, what was read, what could not be.

use crate::{Provider, ReadFailure, Region, ResourceType, ScopeDetails, ScopeId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One scan of a scope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// When collection began.
    pub started_at: DateTime<Utc>,
    /// When collection ended.
    pub ended_at: DateTime<Utc>,
    /// When a collection that had been cut short was taken up again; calls are counted from then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumed_at: Option<DateTime<Utc>>,
    /// The moment that rules take for "now".
    pub as_of: DateTime<Utc>,
    /// Whose estate it is.
    pub provider: Provider,
    /// What was scanned.
    pub scope: ScopeId,
    /// What is known of it beside its id.
    #[serde(default, skip_serializing_if = "is_unknown")]
    pub scope_details: Arc<ScopeDetails>,
    /// The provider's partition, as `aws` or `aws-us-gov`.
    pub partition: String,
    /// Who scanned, in the provider's words (an ARN).
    pub identity: String,
    /// Regions that were scanned.
    pub regions: Vec<Region>,
    /// Regions that were not, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped_regions: Vec<SkippedRegion>,
    /// Whether everything planned was tried.
    pub completion: Completion,
    /// What was listed, and how that went.
    pub listings: Vec<Listing>,
    /// Calls by operation.
    pub calls: BTreeMap<String, CallCount>,
    /// Version of Stance that scanned.
    pub stance_version: String,
}

// what serde calls takes the field's own type
pub(crate) fn is_unknown(details: &Arc<ScopeDetails>) -> bool {
    details.is_empty()
}

/// Whether everything planned was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Completion {
    /// Everything planned was tried.
    Complete,
    /// The run was interrupted; what is missing is unknown.
    Interrupted,
    /// The credentials ended while the run went on and could not be renewed; what is missing is unknown.
    CredentialsExpired,
}

/// A region that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedRegion {
    /// Its name.
    pub region: Region,
    /// Why, for people.
    pub reason: String,
}

/// One listing of a resource type in a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// What was listed.
    #[serde(rename = "type")]
    pub resource_type: ResourceType,
    /// Where; `global` where the type is read once for the scope.
    pub region: Region,
    /// How it went.
    #[serde(flatten)]
    pub state: ListingState,
}

/// How a listing went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum ListingState {
    /// All was listed.
    Read {
        /// How many resources there are.
        count: usize,
    },
    /// Some or all of it is missing.
    Unreadable {
        /// Why. In a box, since most listings have none, and an organization's runs have a million listings.
        failure: Box<ReadFailure>,
    },
    /// The provider does not offer the service there.
    Unsupported,
}

/// How often an operation was called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallCount {
    /// Requests that were answered well, pages counted singly.
    pub succeeded: u64,
    /// Requests that failed after all retries.
    pub failed: u64,
}
