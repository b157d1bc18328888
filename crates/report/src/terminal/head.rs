//! Whose estate it is, how the scan went and how it stands.

use super::layout::{divide, name};
use super::{MARGIN, Page, Style};
use crate::words;
use stance_model::{Completion, Report, ScoreBreakdown};
use std::io;

/// More regions than these are counted, not named.
const REGIONS_NAMED: usize = 6;

pub(super) fn write(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let run = &report.run;
    let whose =
        format!("{} {} in partition {}", run.provider, name(run.scope.as_str()), name(&run.partition));
    page.labelled("Stance", Style::Bold, &whose, Style::Bold)?;
    page.labelled("", Style::Plain, &format!("read as {}", name(&run.identity)), Style::Dim)?;
    page.labelled("", Style::Plain, &regions(report), Style::Dim)?;
    page.labelled("", Style::Plain, &effort(report), Style::Dim)?;
    if run.completion == Completion::Interrupted {
        page.blank()?;
        page.labelled(
            "Stopped",
            Style::Alarm,
            "this scan was interrupted: what it did not reach is unknown, not good",
            Style::Unsure,
        )?;
    }
    page.blank()?;
    score(page, report)
}

fn regions(report: &Report) -> String {
    let run = &report.run;
    let mut text = words::count(run.regions.len(), "region", "regions");
    if !run.regions.is_empty() && run.regions.len() <= REGIONS_NAMED {
        let names: Vec<_> = run.regions.iter().map(|region| name(region.as_str())).collect();
        text = format!("{text}: {}", names.join(", "));
    }
    if !run.skipped_regions.is_empty() {
        text = format!("{text}; {} skipped", words::number(run.skipped_regions.len() as u64));
    }
    text
}

fn effort(report: &Report) -> String {
    let run = &report.run;
    let (calls, failed) = words::calls(run);
    let mut text = format!(
        "{}, took {}, {} calls",
        run.started_at.format("%Y-%m-%d %H:%M UTC"),
        words::duration(run),
        words::number(calls)
    );
    if failed > 0 {
        text = format!("{text}, {} of them failed", words::number(failed));
    }
    text
}

fn score(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let verdicts = report.score.verdicts;
    let figure = words::percent(verdicts.percent());
    let bar = bar(page, verdicts, page.width.saturating_sub(MARGIN + figure.len() + 2).min(60));
    let line = format!(
        "{}{}  {bar}",
        page.paint(Style::Bold, &super::layout::left("Score", MARGIN)),
        page.paint(Style::Bold, &figure)
    );
    page.line(&line)?;
    let counts = format!(
        "█ {} passed, ▒ {} failed, ░ {} unknown ({} % of all)",
        words::number(verdicts.passed),
        words::number(verdicts.failed),
        words::number(verdicts.unknown),
        verdicts.unknown_percent()
    );
    page.labelled("", Style::Plain, &counts, Style::Plain)?;
    let weighted = format!(
        "weighted by severity: {}, {} % unknown",
        words::percent(report.score.weighted.percent()),
        report.score.weighted.unknown_percent()
    );
    page.labelled("", Style::Plain, &weighted, Style::Plain)
}

/// A bar that can be read without colours too.
pub(super) fn bar(page: &Page<'_>, verdicts: ScoreBreakdown, width: usize) -> String {
    let [passed, failed, unknown] = divide([verdicts.passed, verdicts.failed, verdicts.unknown], width);
    [
        page.paint(Style::Good, &"█".repeat(passed)),
        page.paint(Style::Bad, &"▒".repeat(failed)),
        page.paint(Style::Unsure, &"░".repeat(unknown)),
    ]
    .concat()
}
