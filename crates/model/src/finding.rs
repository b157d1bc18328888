//! A verdict that has identity.

use crate::run::is_unknown;
use crate::{
    ControlReference, ResourceReference, RuleId, ScopeDetails, Severity, UnknownCause, VerdictStatus,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Identity of a finding: the same rule on the same part of the same resource has the same id in
/// every run and on every machine. 32 hexadecimal digits of a SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FindingId([u8; 32]);

impl FindingId {
    /// The id of what `rule` says of `sub_key` of the resource with canonical id `resource` in `scope`. What several
    /// accounts share, such as a transit gateway, has an id of its own in each that does not own it.
    pub fn of(rule: &str, scope: &str, resource: &str, sub_key: Option<&str>) -> Self {
        let mut hash = Sha256::new();
        // each part is preceded by its length, so that no two lists share a byte sequence
        let mut part = |part: &str| {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        };
        part(rule);
        part(resource);
        part(sub_key.unwrap_or_default());
        if is_of_another(resource, scope) {
            part(scope);
        }
        hash.update([u8::from(sub_key.is_some())]);
        let digest = hash.finalize();
        let mut digits = [0; 32];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(digest) {
            pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 0xf)]);
        }
        Self(digits)
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        // they are ASCII
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// The hexadecimal digit of a number below 16.
fn digit(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'a' - 10 + value }
}

impl FromStr for FindingId {
    type Err = NotAFindingId;

    fn from_str(text: &str) -> Result<Self, NotAFindingId> {
        let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        match <[u8; 32]>::try_from(text.as_bytes()) {
            Ok(digits) if digits.iter().all(is_digit) => Ok(Self(digits)),
            _ => Err(NotAFindingId(text.to_owned())),
        }
    }
}

/// A text that is no id of a finding.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no id of a finding; it has 32 hexadecimal digits in lower case")]
pub struct NotAFindingId(String);

impl Serialize for FindingId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for FindingId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(Error::custom)
    }
}

impl fmt::Debug for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FindingId({self})")
    }
}

/// Whether a resource names an account that is not the scope, as an ARN does in its fifth part.
fn is_of_another(resource: &str, scope: &str) -> bool {
    let owner = resource.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(3));
    owner.is_some_and(|owner| !owner.is_empty() && owner != scope)
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A value that decided, and where it came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Path from the resource, `Policy.Statement`.
    pub path: String,
    /// What stood there; `null` where the provider said that there is nothing.
    pub value: Value,
    /// The operation that told it.
    pub operation: Arc<str>,
    /// When it was told.
    pub read_at: DateTime<Utc>,
}

/// A verdict of one rule about one resource, or about one item in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable identity.
    pub id: FindingId,
    /// The rule that speaks.
    pub rule: RuleId,
    /// What it says.
    pub status: VerdictStatus,
    /// How bad it is where `status` is fail.
    pub severity: Severity,
    /// Of what it speaks.
    pub resource: Arc<ResourceReference>,
    /// What is known of the resource's scope beside its id.
    #[serde(default, skip_serializing_if = "is_unknown")]
    pub scope_details: Arc<ScopeDetails>,
    /// The item in the resource, where the rule judges items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_key: Option<String>,
    /// One sentence for people.
    pub message: Arc<str>,
    /// Who accepts it, where an exception covers it; it then no longer counts as failing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<Arc<ExceptionMark>>,
    /// The values that decided.
    #[serde(default, skip_serializing_if = "no_evidence")]
    pub evidence: Arc<[Arc<Evidence>]>,
    /// Why the status is unknown; empty otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<UnknownCause>,
    /// The benchmark controls that it touches.
    #[serde(default, skip_serializing_if = "no_controls")]
    pub controls: Arc<[ControlReference]>,
}

/// An exception that covers a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionMark {
    /// What it is called, if it has a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Why the finding is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it holds; nothing where it has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}

/// How a finding counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standing {
    /// It fails, and nobody accepts that.
    Failing,
    /// It cannot be told, and nobody accepts that.
    Unknown,
    /// It fails or cannot be told, and an exception accepts that.
    Excepted,
    /// It holds, or does not concern the resource.
    Passing,
}

impl Finding {
    /// How it counts.
    pub fn standing(&self) -> Standing {
        match (self.status, &self.exception) {
            (VerdictStatus::Pass | VerdictStatus::NotApplicable, _) => Standing::Passing,
            (VerdictStatus::Fail | VerdictStatus::Unknown, Some(_)) => Standing::Excepted,
            (VerdictStatus::Fail, None) => Standing::Failing,
            (VerdictStatus::Unknown, None) => Standing::Unknown,
        }
    }
}

// what serde calls takes the field's own type
fn no_evidence(evidence: &Arc<[Arc<Evidence>]>) -> bool {
    evidence.is_empty()
}

// the same
fn no_controls(controls: &Arc<[ControlReference]>) -> bool {
    controls.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_the_same_in_every_version() {
        let id = FindingId::of("aws-s3-bucket-denies-plain-http", "111111111111", "arn:aws:s3:::logs", None);
        assert_eq!(id.as_str(), "d6b1e6ffea1e2322806ccac236879753");
    }

    #[test]
    fn an_id_is_read_as_it_was_written_and_nothing_else_is() {
        let id = FindingId::of("rule", "1", "resource", Some("key"));
        let written = serde_json::to_string(&id).unwrap();
        assert_eq!(written, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<FindingId>(&written).unwrap(), id);
        for wrong in ["", "d6b1", &id.as_str().to_uppercase(), &format!("{id}0"), &"ä".repeat(16)] {
            assert!(wrong.parse::<FindingId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_accounts_share_has_an_id_in_each_and_what_is_ones_own_has_none_of_the_account() {
        let of = |scope, resource| FindingId::of("rule", scope, resource, None);
        let shared = "arn:aws:ec2:eu-central-1:111111111111:transit-gateway/tgw-1";
        assert_ne!(of("111111111111", shared), of("222222222222", shared));
        assert_ne!(of("222222222222", shared), of("333333333333", shared));
        let bucket = "arn:aws:s3:::logs";
        assert_eq!(of("111111111111", bucket), of("222222222222", bucket));
    }

    #[test]
    fn parts_cannot_be_shifted_into_each_other() {
        let ids = [
            FindingId::of("ab", "1", "c", None),
            FindingId::of("a", "1", "bc", None),
            FindingId::of("a", "1", "b", Some("c")),
            FindingId::of("a", "1", "bc", Some("")),
        ];
        for (index, id) in ids.iter().enumerate() {
            assert!(!ids[index + 1..].contains(id));
        }
    }
}
