//! A scan as a whole: one scope or many.

use crate::{Completion, Provider, ScopeId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A scan as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scan {
    /// Whose estate it is.
    pub provider: Provider,
    /// When the first collection began.
    pub started_at: DateTime<Utc>,
    /// When the last collection ended.
    pub ended_at: DateTime<Utc>,
    /// The moment that rules take for "now".
    pub as_of: DateTime<Utc>,
    /// Whether every scope was tried.
    pub completion: Completion,
    /// The organization whose scopes these are, where it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// Whether all regions were to be scanned.
    pub regions: RegionChoice,
    /// How the provider was asked, where this process did it.
    #[serde(default, skip_serializing_if = "Traffic::is_none")]
    pub traffic: Traffic,
    /// Version of Stance that scanned.
    pub stance_version: String,
}

/// Which regions were to be scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegionChoice {
    /// All that are enabled.
    All,
    /// Those that somebody chose, as far as is known.
    Some,
}

/// How a provider was asked: every attempt counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// Requests that were sent, those tried again counted each time.
    pub requests: u64,
    /// Requests to which the provider answered that it is asked too often.
    pub throttled: u64,
    /// Requests that were tried again.
    pub repeated: u64,
    /// How long requests waited for the limits of rate and number, in milliseconds, all added up.
    pub waited_milliseconds: u64,
}

impl Traffic {
    /// Whether nothing was asked.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// What is known of a scope beside its id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeDetails {
    /// The name that people gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What holds it, from the root down to the nearest: organizational units, folders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<ScopeUnit>,
    /// Its tags by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl ScopeDetails {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The names of what holds it, `Root/Workloads/Production`.
    pub fn path_text(&self) -> String {
        self.path.iter().map(|unit| unit.name.as_str()).collect::<Vec<_>>().join("/")
    }
}

/// A unit that holds scopes: an organizational unit or the root above them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeUnit {
    /// Its id, `ou-abcd-12345678`.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A scope that was not scanned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnscannedScope {
    /// Which.
    pub scope: ScopeId,
    /// What is known of it.
    #[serde(default, skip_serializing_if = "ScopeDetails::is_empty")]
    pub scope_details: ScopeDetails,
    /// Why not.
    #[serde(flatten)]
    pub reason: UnscannedReason,
}

/// Why a scope was not scanned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "why")]
pub enum UnscannedReason {
    /// Whoever set up the scan left it out.
    LeftOut {
        /// By which setting.
        setting: String,
    },
    /// It was to be scanned and could not be.
    Failed {
        /// What went wrong, for people.
        message: String,
    },
    /// The scan was stopped before its turn came.
    NotReached,
}

impl UnscannedScope {
    /// Whether it was to be scanned.
    pub fn is_failure(&self) -> bool {
        !matches!(self.reason, UnscannedReason::LeftOut { .. })
    }
}
