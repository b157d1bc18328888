//! What was not read, and what would help.

use super::layout::{name, prose};
use super::{Page, Style};
use crate::gaps::{Gap, Gaps};
use crate::{overview, words};
use stance_model::{Findings, Report};
use std::io;

/// More of a kind than these are counted, not named.
const NAMED: usize = 12;

pub(super) fn write(page: &mut Page<'_>, report: &Report<dyn Findings>, gaps: &Gaps) -> io::Result<()> {
    if !gaps.is_empty() {
        page.heading("What could not be read")?;
        for gap in gaps.operations.iter().take(NAMED) {
            operation(page, report, gap)?;
        }
        if gaps.operations.len() > NAMED {
            let rest = gaps.operations.len() - NAMED;
            page.indented(
                2,
                &format!("and {} more", words::count(rest, "operation", "operations")),
                Style::Dim,
            )?;
        }
        for (what, verdicts) in gaps.not_read.iter().take(NAMED) {
            let text = format!("{} was not read in this scan; {}", prose(what), left_unknown(*verdicts));
            page.indented(2, &text, Style::Plain)?;
        }
        for (message, verdicts) in gaps.unexpected.iter().take(NAMED) {
            let text =
                format!("an answer was not as expected: {}; {}", prose(message), left_unknown(*verdicts));
            page.indented(2, &text, Style::Plain)?;
        }
        let permissions: Vec<_> = gaps.permissions().into_iter().map(name).collect();
        if !permissions.is_empty() {
            page.blank()?;
            page.labelled("Grant", Style::Bold, &permissions.join(", "), Style::Plain)?;
        }
    }
    skipped(page, report)
}

/// One line: how much could not be read.
pub(super) fn count(page: &mut Page<'_>, report: &Report<dyn Findings>, gaps: &Gaps) -> io::Result<()> {
    if gaps.is_empty() {
        return Ok(());
    }
    let text = format!(
        "{} unreadable, verdicts unknown: {}",
        words::count(gaps.operations.len(), "operation", "operations"),
        words::number(report.score.verdicts.unknown)
    );
    page.indented(0, &text, Style::Unsure)
}

fn operation(page: &mut Page<'_>, report: &Report<dyn Findings>, gap: &Gap) -> io::Result<()> {
    let mut text = format!("{} answered {}", name(&gap.operation), name(&gap.code));
    if gap.verdicts > 0 {
        text = format!("{text}; {}", left_unknown(gap.verdicts));
    }
    if !gap.regions.is_empty() {
        let regions: Vec<_> = gap.regions.iter().take(NAMED).map(|region| name(region)).collect();
        let rest = gap.regions.len() - regions.len();
        text = format!("{text}; not listed in {}", regions.join(", "));
        if rest > 0 {
            text = format!("{text} and {rest} more");
        }
    }
    if overview::has_many_scopes(report) {
        text = format!("{text}; in {}", words::count(gap.scopes.len(), "account", "accounts"));
    }
    page.indented(2, &text, Style::Unsure)?;
    if !gap.message.trim().is_empty() {
        page.indented(4, &prose(&gap.message), Style::Dim)?;
    }
    Ok(())
}

fn left_unknown(verdicts: usize) -> String {
    format!("{} left unknown", words::count(verdicts, "verdict", "verdicts"))
}

fn skipped(page: &mut Page<'_>, report: &Report<dyn Findings>) -> io::Result<()> {
    let skipped = overview::skipped_regions(report);
    if skipped.is_empty() {
        return Ok(());
    }
    page.heading("Regions that were skipped")?;
    for ((region, reason), runs) in &skipped {
        let reason = overview::skipped_reason(report, reason, runs);
        page.indented(2, &format!("{}: {}", name(region), prose(&reason)), Style::Plain)?;
    }
    Ok(())
}
