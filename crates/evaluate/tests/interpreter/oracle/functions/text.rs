//! Functions on texts and lists.

use super::{Answer, Entry, function, json_of, node, take, text_of, truth};
use crate::oracle::document::{as_list, to_json};
use cel::ExecutionError;
use cel::common::types::CelOptional;
use cel::common::value::CowVal;
use std::cmp::Ordering;

pub(super) const ENTRIES: &[Entry] = &[
    function("asList", 1, list_of),
    function("parseJson", 1, parse_json),
    function("glob", 2, glob),
    function("versionAtLeast", 2, version_at_least),
    function("secrets", 1, secrets),
];

fn list_of<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [value] = take(args)?;
    as_list(value.as_ref()).map(CowVal::owned)
}

fn parse_json<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [text] = take(args)?;
    let value = json_of(&text)?;
    let serde_json::Value::String(text) = &*value else { return node(&value) };
    serde_json::from_str(text)
        .map_err(|error| ExecutionError::function_error("parseJson", error))
        .and_then(|value| node(&value))
}

/// The secrets that were concealed in a value, as texts like `password in DB_PASSWORD`.
fn secrets<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [value] = take(args)?;
    let value = match value.downcast_ref::<CelOptional>() {
        Some(optional) => optional.inner().map_or(Ok(serde_json::Value::Null), to_json),
        None => to_json(value.as_ref()),
    };
    let found = stance_secrets::found(&value?).into_iter().map(|secret| {
        if secret.place.is_empty() { secret.kind } else { format!("{} in {}", secret.kind, secret.place) }
    });
    node(&found.collect())
}

fn glob<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [text, pattern] = take(args)?;
    truth(stance_policy::glob(&text_of(&text, "glob")?, &text_of(&pattern, "glob")?))
}

fn version_at_least<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [version, least] = take(args)?;
    let (version, least) = (text_of(&version, "versionAtLeast")?, text_of(&least, "versionAtLeast")?);
    let (Some(parts), Some(least_parts)) = (parts(&version), parts(&least)) else {
        return Err(ExecutionError::function_error(
            "versionAtLeast",
            format!("`{version}` and `{least}` cannot be compared as versions"),
        ));
    };
    truth(compare(&parts, &least_parts) != Ordering::Less)
}

/// The numbers at the start of a version, `8.0.mysql_aurora` as 8 and 0; nothing if it starts with none.
fn parts(version: &str) -> Option<Vec<u64>> {
    let numbers: Vec<u64> = version
        .trim_start_matches('v')
        .split(['.', '-', '_', '+'])
        .map_while(|part| {
            let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        })
        .collect();
    (!numbers.is_empty()).then_some(numbers)
}

fn compare(left: &[u64], right: &[u64]) -> Ordering {
    (0..left.len().max(right.len()))
        .map(|index| left.get(index).unwrap_or(&0).cmp(right.get(index).unwrap_or(&0)))
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
}
