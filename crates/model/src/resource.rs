//! One thing in a scope.

use crate::{Attribute, Provider, Region, ResourceId, ResourceType, ScopeId, Source};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One thing in a scope, as far as it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// What it is and where; its findings share it.
    #[serde(flatten)]
    pub reference: Arc<ResourceReference>,
    /// Tags by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// What the listing told of it, in the provider's field names.
    pub fields: Map<String, Value>,
    /// The listing that told it.
    pub listed_by: Source,
    /// What took calls of its own, by the catalog's attribute name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Attribute>,
}

/// What a resource is and where, enough to find it again.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ResourceReference {
    /// Canonical id, unique within the provider.
    pub id: ResourceId,
    /// Type in the provider's words.
    #[serde(rename = "type")]
    pub resource_type: ResourceType,
    /// The name that people know it by.
    pub name: String,
    /// Where it lives; `global` where that has no meaning.
    pub region: Region,
    /// The account (or project, subscription, organization) that holds it.
    pub scope: ScopeId,
    /// Whose estate it is.
    pub provider: Provider,
}
