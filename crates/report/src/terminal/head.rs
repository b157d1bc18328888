//! Whose estate it is, how the scan went and how it stands.

use super::layout::{divide, name};
use super::{MARGIN, Page, Style};
use crate::{overview, words};
use stance_model::{Findings, Report, ScoreBreakdown};
use std::io;

/// More regions than these are counted, not named.
const REGIONS_NAMED: usize = 6;

pub(super) fn write(page: &mut Page<'_>, report: &Report<dyn Findings>) -> io::Result<()> {
    let whose = format!(
        "{} {} in {}",
        report.scan.provider,
        name(&overview::subject(report)),
        name(&overview::partitions(report))
    );
    page.labelled("Stance", Style::Bold, &whose, Style::Bold)?;
    if let Some(identity) = overview::identity(report) {
        page.labelled("", Style::Plain, &format!("read as {}", name(&identity)), Style::Dim)?;
    }
    page.labelled("", Style::Plain, &regions(report), Style::Dim)?;
    page.labelled("", Style::Plain, &effort(report), Style::Dim)?;
    if let Some(traffic) = overview::traffic(report) {
        page.labelled("", Style::Plain, &traffic, Style::Dim)?;
    }
    if let Some(shortfall) = overview::shortfall(report) {
        page.blank()?;
        page.labelled("Not whole", Style::Alarm, &shortfall, Style::Unsure)?;
    }
    page.blank()?;
    score(page, report)
}

fn regions(report: &Report<dyn Findings>) -> String {
    let regions = overview::regions(report);
    let mut text = words::count(regions.len(), "region", "regions");
    if !regions.is_empty() && regions.len() <= REGIONS_NAMED {
        let names: Vec<_> = regions.into_iter().map(name).collect();
        text = format!("{text}: {}", names.join(", "));
    }
    let skipped = overview::skipped_regions(report);
    if !skipped.is_empty() {
        text = format!("{text}; {} skipped", words::number(skipped.len() as u64));
    }
    text
}

fn effort(report: &Report<dyn Findings>) -> String {
    let scan = &report.scan;
    let (calls, failed) = overview::calls(report);
    let mut text = format!(
        "{}, took {}, {} calls",
        scan.started_at.format("%Y-%m-%d %H:%M UTC"),
        words::span(scan.ended_at - scan.started_at),
        words::number(calls)
    );
    if failed > 0 {
        text = format!("{text}, {} of them failed", words::number(failed));
    }
    text
}

fn score(page: &mut Page<'_>, report: &Report<dyn Findings>) -> io::Result<()> {
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
    if verdicts.excepted > 0 {
        let accepted =
            format!("{} accepted by exceptions, counted neither way", words::number(verdicts.excepted));
        page.labelled("", Style::Plain, &accepted, Style::Plain)?;
    }
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
