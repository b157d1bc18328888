//! One finding as a document of its own, for those who receive findings one by one.

use crate::{jsonl, ocsf, safe_json};
use serde::Serialize;
use serde_json::Value;
use stance_model::{Finding, Findings, Report};

/// The finding as its line of a report in JSON lines, with what the report says of its rule.
///
/// # Errors
/// Part of the finding has no form in JSON.
pub fn stance(report: &Report<dyn Findings>, finding: &Finding) -> serde_json::Result<Value> {
    serde_json::to_value(jsonl::finding_line(report, finding))
}

/// The finding as an OCSF Compliance Finding (class 2003).
pub fn ocsf(report: &Report<dyn Findings>, finding: &Finding) -> Value {
    let run = report.run_of(&finding.resource.scope);
    ocsf::event(report, finding, run.map_or("", |run| &run.partition))
}

/// The document on one line, in which nothing moves a cursor or turns a line.
///
/// # Errors
/// Part of the document has no form in JSON.
pub fn line<T: Serialize + ?Sized>(document: &T) -> serde_json::Result<String> {
    let mut line = Vec::new();
    safe_json::compact(document, &mut line)?;
    // JSON is written as UTF-8
    Ok(String::from_utf8_lossy(&line).into_owned())
}
