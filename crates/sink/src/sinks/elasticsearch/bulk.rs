//! The bulk API: what goes there, and what it says of each document.

use super::{FINDINGS, SCORES};
use crate::answer::{Answer, ItemAnswer};
use crate::document::Document;
use crate::http::{Client, Response};
use serde::Deserialize;
use serde_json::json;
use stance_model::printable;
use std::collections::BTreeMap;

/// An action and a source on a line each. `create` never overwrites: what is sent twice is there once.
pub(super) fn body(batch: &[Document], namespace: &str) -> String {
    let mut body = String::new();
    for document in batch {
        let set = if document.id.starts_with("scores-") { SCORES } else { FINDINGS };
        let action = json!({ "create": { "_index": format!("logs-{set}-{namespace}"), "_id": document.id } });
        body.push_str(&action.to_string());
        body.push('\n');
        body.push_str(document.text());
        body.push('\n');
    }
    body
}

/// Errors under the status 400 that speak of the index or the cluster: another document would fare no better.
const NOT_THE_DOCUMENT: [&str; 5] = [
    "cluster_block_exception",
    "index_closed_exception",
    "invalid_index_name_exception",
    "security_exception",
    "unsupported_operation_exception",
];

#[derive(Deserialize)]
struct Bulk {
    items: Vec<BTreeMap<String, Item>>,
}

#[derive(Deserialize)]
struct Item {
    status: u16,
    #[serde(default)]
    error: Option<ItemError>,
}

#[derive(Deserialize)]
struct ItemError {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    reason: String,
}

/// What is said of each document.
pub(super) fn answer(client: &Client, response: &Response) -> Answer {
    let Ok(bulk) = serde_json::from_slice::<Bulk>(&response.body) else {
        return Answer::later(format!("{} gave an answer that is not one of the bulk API", client.address()));
    };
    let items = bulk.items.iter().filter_map(|item| item.values().next());
    Answer::Each(items.map(|item| item_answer(client, item)).collect())
}

fn item_answer(client: &Client, item: &Item) -> ItemAnswer {
    let reason = || {
        let words = item.error.as_ref().map(|error| format!(": {}: {}", error.kind, error.reason));
        let words = client.conceal(&words.unwrap_or_default());
        format!("{} answered {}{}", client.address(), item.status, printable(&words))
    };
    let kind = item.error.as_ref().map_or("", |error| &error.kind);
    match item.status {
        200..=299 => ItemAnswer::Taken,
        409 => ItemAnswer::AlreadyThere,
        400 if NOT_THE_DOCUMENT.contains(&kind) => ItemAnswer::Later(reason()),
        400 | 413 | 422 => ItemAnswer::Refused(reason()),
        // too many, a shard that is away, a privilege that is missing: nothing that the document could help
        _ => ItemAnswer::Later(reason()),
    }
}
