//! The marker that stands in a secret's place.

use regex::Regex;
use serde_json::Value;
use std::sync::LazyLock;

/// Stands in the place of a value that the provider marks as sensitive, in which no secret was recognised.
pub const SENSITIVE: &str = "[sensitive]";

#[allow(clippy::expect_used, reason = "the pattern is fixed and a test uses it")]
static MARKER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\[secret: ([a-z0-9-]+)\]").expect("a valid pattern"));

pub(crate) fn marker(kind: &str) -> String {
    format!("[secret: {kind}]")
}

/// A secret that was found and concealed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// What kind of secret: `aws-access-key`, `password`.
    pub kind: String,
    /// The name that it was given, or the field where it stood; empty for a plain text.
    pub place: String,
}

/// The secrets that were concealed in a value, each kind and place once, in order.
pub fn found(value: &Value) -> Vec<Found> {
    let mut all = Vec::new();
    walk(value, "", &mut all);
    all.sort();
    all.dedup();
    all
}

fn walk(value: &Value, place: &str, all: &mut Vec<Found>) {
    match value {
        Value::String(text) => all.extend(
            MARKER
                .captures_iter(text)
                .filter_map(|captures| captures.get(1))
                .map(|kind| Found { kind: kind.as_str().to_owned(), place: place.to_owned() }),
        ),
        Value::Array(items) => items.iter().for_each(|item| walk(item, place, all)),
        Value::Object(members) => {
            let name = crate::conceal::name_in_pair(members);
            for (key, member) in members {
                walk(member, name.unwrap_or(key), all);
            }
        }
        _ => {}
    }
}
