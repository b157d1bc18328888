//! Parts of a resource, each with how it was read.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// Which operation told a fact, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Service and operation, `s3:GetBucketPolicy`.
    pub operation: Arc<str>,
    /// When the answer arrived.
    pub read_at: DateTime<Utc>,
}

/// A part of a resource that took a call of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attribute {
    /// Who told it.
    #[serde(flatten)]
    pub source: Source,
    /// What was told.
    #[serde(flatten)]
    pub state: AttributeState,
}

/// What is known of an attribute. "Not read" is an attribute that a resource does not hold at all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum AttributeState {
    /// The provider's answer, in its own field names.
    Known {
        /// The answer, or the part of it that the catalog takes.
        value: Value,
    },
    /// The provider said that there is none.
    Absent,
    /// It could not be read.
    Unreadable {
        /// Why not.
        failure: ReadFailure,
    },
}

/// Why something could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ReadFailure {
    /// Service and operation, `s3:GetBucketPolicy`.
    pub operation: Arc<str>,
    /// The provider's error code, or one of ours: `Timeout`, `Unreachable`, `MalformedAnswer`,
    /// `Interrupted`, `SignInFailed`.
    pub code: String,
    /// The provider's message; hostile text, to be escaped wherever it is shown.
    pub message: String,
    /// The permissions to grant, where the code says that one was missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<String>,
}
