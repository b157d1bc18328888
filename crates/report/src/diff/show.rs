//! A difference for people, and for machines.

use super::{Change, Difference, Verdict};
use crate::terminal::{MARGIN, Page, Style, name, prose, short_name};
use crate::{TerminalOptions, WriteError, safe_json, words};
use stance_model::{ScopeId, VerdictStatus};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Writes a difference as one JSON document.
pub fn write_json(difference: &Difference, out: &mut dyn Write) -> Result<(), WriteError> {
    safe_json::pretty(difference, out)?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}

/// Writes a difference for people at a terminal; at most `most` findings of each kind.
pub fn write_terminal(
    difference: &Difference,
    options: &TerminalOptions,
    out: &mut dyn Write,
) -> Result<(), WriteError> {
    let mut page = Page::new(options, out);
    head(&mut page, difference)?;
    let parts = [
        ("New failures", &difference.new, Style::Bad),
        ("Resolved", &difference.resolved, Style::Good),
        ("Changed", &difference.changed, Style::Unsure),
        ("No longer looked at", &difference.lost, Style::Unsure),
    ];
    for (heading, changes, style) in parts {
        if changes.is_empty() {
            continue;
        }
        page.heading(&format!("{heading}: {}", words::number(changes.len() as u64)))?;
        if options.quiet {
            continue;
        }
        for change in changes.iter().take(options.most) {
            write_change(&mut page, change, style)?;
        }
        if changes.len() > options.most {
            let rest = words::number((changes.len() - options.most) as u64);
            page.indented(2, &format!("and {rest} more"), Style::Dim)?;
        }
    }
    if [&difference.new, &difference.resolved, &difference.changed, &difference.lost]
        .iter()
        .all(|changes| changes.is_empty())
    {
        page.heading("Nothing changed")?;
    }
    page.blank()?;
    let still = words::count(difference.still_failing, "finding fails", "findings fail");
    page.indented(0, &format!("{still} as before"), Style::Plain)?;
    Ok(out.flush()?)
}

fn head(page: &mut Page<'_>, difference: &Difference) -> io::Result<()> {
    for (label, side) in [("Before", &difference.older), ("Now", &difference.newer)] {
        let verdicts = side.score.verdicts;
        let text = format!(
            "{}, {}: score {}, {} failed, {} unknown",
            side.started_at.format("%Y-%m-%d %H:%M UTC"),
            name(&scopes(&side.scopes)),
            words::percent(verdicts.percent()),
            words::number(verdicts.failed),
            words::number(verdicts.unknown),
        );
        page.labelled(label, Style::Bold, &text, Style::Plain)?;
    }
    if difference.older.scopes != difference.newer.scopes {
        page.labelled("", Style::Plain, "these are scans of different scopes", Style::Unsure)?;
    }
    Ok(())
}

fn scopes(scopes: &BTreeSet<ScopeId>) -> String {
    match scopes.first() {
        Some(only) if scopes.len() == 1 => only.to_string(),
        _ => words::count(scopes.len(), "account", "accounts"),
    }
}

fn write_change(page: &mut Page<'_>, change: &Change, style: Style) -> io::Result<()> {
    let finding = &change.finding;
    page.labelled(finding.severity.as_str(), style, &prose(&change.title), Style::Bold)?;
    let text = format!(
        "{} ({}): {} → {}",
        short_name(&words::subject(finding)),
        name(finding.resource.region.as_str()),
        verdict(change.before, "no verdict"),
        verdict(change.after, "not there"),
    );
    page.indented(MARGIN, &text, Style::Plain)
}

fn verdict(verdict: Option<Verdict>, none: &str) -> String {
    let Some(Verdict { status, severity, excepted }) = verdict else { return none.to_owned() };
    let mut text = status.to_string();
    if status == VerdictStatus::Fail {
        text = format!("{text}, {severity}");
    }
    if excepted { format!("{text}, accepted") } else { text }
}
