//! One self-contained page for a browser.
//!
//! The summary is markup and needs no script. The table of all findings is drawn page by page from
//! JSON inside the page, by a script that only ever sets text.

mod benchmarks;
mod data;
mod policy;
mod rules;
mod summary;

use crate::{WriteError, digest::Digest, safe_json, xml::Xml};
use serde_json::Value;
use stance_model::{Findings, Report, printable};
use std::io::{self, Write};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The longest value that is shown as evidence, in characters.
const LONGEST_VALUE: usize = 1_500;

pub(crate) fn write(report: &Report<dyn Findings>, out: &mut dyn Write) -> Result<(), WriteError> {
    let Digest { failing, gaps, .. } = Digest::of(report)?;
    let mut rest = PAGE;
    while let Some((text, (slot, after))) =
        rest.split_once("{{").and_then(|(text, after)| Some((text, after.split_once("}}")?)))
    {
        out.write_all(text.as_bytes())?;
        match slot {
            "policy" => write!(out, "{}", policy::policy(STYLE, SCRIPT))?,
            "title" => {
                write!(out, "Stance: {} {}", report.scan.provider, Xml(&crate::overview::subject(report)))?;
            }
            "style" => out.write_all(STYLE.as_bytes())?,
            "script" => out.write_all(SCRIPT.as_bytes())?,
            "head" => summary::head(report, out)?,
            "nav" => summary::nav(report, &failing, &gaps, out)?,
            "notice" => summary::notice(report, &gaps, out)?,
            "score" => summary::score(report, out)?,
            "scopes" => summary::scopes(report, out)?,
            "services" => summary::services(report, out)?,
            "benchmarks" => benchmarks::write(report, out)?,
            "rules" => rules::write(&failing, out)?,
            "gaps" => summary::gaps(report, &gaps, out)?,
            "foot" => summary::foot(report, out)?,
            "data" => safe_json::in_html(&data::Data::of(report)?, out)?,
            unknown => {
                return Err(io::Error::other(format!("page.html has no slot `{unknown}`")).into());
            }
        }
        rest = after;
    }
    out.write_all(rest.as_bytes())?;
    Ok(())
}

/// A JSON value as harmless text, cut where it is too long to read.
fn value_text(value: &Value) -> String {
    let text = match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) if !text.is_empty() => text.clone(),
        other => other.to_string(),
    };
    let text = printable(&text);
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}

/// Text of several lines, each of them harmless.
fn lines(text: &str) -> String {
    text.trim_end().lines().map(printable).collect::<Vec<_>>().join("\n")
}
