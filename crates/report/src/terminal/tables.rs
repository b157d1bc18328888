//! How each service and each benchmark stands.

use super::layout::prose;
use super::table::{self, Cell};
use super::{Page, Style};
use crate::{overview, words};
use stance_model::{Assessment, BenchmarkResult, ControlResult, Findings, Report, ScoreBreakdown};
use std::io;

/// Assessments that have no column of their own.
const OTHER: &[Assessment] = &[Assessment::NothingToAssess, Assessment::NotAssessed, Assessment::Excepted];
/// More accounts than these are counted, not named.
const SCOPES_NAMED: usize = 20;

/// How each account stands, the worst first, where there are several.
pub(super) fn scopes(page: &mut Page<'_>, report: &Report<dyn Findings>) -> io::Result<()> {
    if !overview::has_many_scopes(report) || report.runs.is_empty() {
        return Ok(());
    }
    page.heading("By account")?;
    let mut runs: Vec<_> = report
        .runs
        .iter()
        .map(|run| (run, report.scopes.get(&run.scope).copied().unwrap_or_default().verdicts))
        .collect();
    runs.sort_by_key(|(run, verdicts)| (verdicts.percent().unwrap_or(u64::MAX), run.scope.clone()));
    let rows: Vec<Vec<Cell>> = runs
        .iter()
        .take(SCOPES_NAMED)
        .map(|(run, verdicts)| {
            let whose = overview::named(run.scope.as_str(), &run.scope_details);
            standing(prose(&whose), *verdicts)
        })
        .collect();
    table::write(page, &["account", "score", "passed", "failed", "unknown"], &rows)?;
    if runs.len() > SCOPES_NAMED {
        let rest = words::count(runs.len() - SCOPES_NAMED, "account", "accounts");
        page.indented(2, &format!("and {rest} more, none with a lower score"), Style::Dim)?;
    }
    Ok(())
}

fn standing(whose: String, verdicts: ScoreBreakdown) -> Vec<Cell> {
    vec![
        (whose, Style::Plain),
        percent(verdicts),
        counted(verdicts.passed, Style::Good),
        counted(verdicts.failed, Style::Bad),
        counted(verdicts.unknown, Style::Unsure),
    ]
}

pub(super) fn services(page: &mut Page<'_>, report: &Report<dyn Findings>) -> io::Result<()> {
    if report.services.is_empty() {
        return Ok(());
    }
    page.heading("By service")?;
    let mut rows: Vec<_> = report.services.iter().collect();
    rows.sort_by_key(|(name, score)| (score.verdicts.percent().unwrap_or(u64::MAX), *name));
    let rows: Vec<Vec<Cell>> =
        rows.into_iter().map(|(service, score)| standing(prose(service), score.verdicts)).collect();
    table::write(page, &["service", "score", "passed", "failed", "unknown"], &rows)
}

pub(super) fn benchmarks(page: &mut Page<'_>, report: &Report<dyn Findings>) -> io::Result<()> {
    if report.benchmarks.is_empty() {
        return Ok(());
    }
    page.heading("By benchmark, in controls")?;
    let rows: Vec<Vec<Cell>> = report
        .benchmarks
        .iter()
        .map(|benchmark| {
            let title = if benchmark.title.is_empty() { &benchmark.id } else { &benchmark.title };
            vec![
                (prose(title), Style::Plain),
                percent(benchmark.score.verdicts),
                counted(controls(benchmark, &[Assessment::Pass]), Style::Good),
                counted(controls(benchmark, &[Assessment::Fail]), Style::Bad),
                counted(controls(benchmark, &[Assessment::Unknown]), Style::Unsure),
                counted(controls(benchmark, &[Assessment::Manual]), Style::Plain),
                counted(controls(benchmark, OTHER), Style::Plain),
            ]
        })
        .collect();
    table::write(page, &["benchmark", "score", "pass", "fail", "unknown", "manual", "other"], &rows)
}

/// The sections of the one benchmark that was asked for, and what to look at in it.
pub(super) fn sections(page: &mut Page<'_>, report: &Report<dyn Findings>) -> io::Result<()> {
    let [benchmark] = report.benchmarks.as_slice() else { return Ok(()) };
    page.heading("By section, in controls")?;
    let mut sections: Vec<(&str, Vec<&ControlResult>)> = Vec::new();
    for control in &benchmark.controls {
        match sections.last_mut() {
            Some((section, controls)) if *section == control.section => controls.push(control),
            _ => sections.push((&control.section, vec![control])),
        }
    }
    let rows: Vec<Vec<Cell>> = sections
        .iter()
        .map(|(section, controls)| {
            let count = |assessments: &[Assessment]| {
                controls.iter().filter(|control| assessments.contains(&control.assessment)).count() as u64
            };
            vec![
                (prose(section), Style::Plain),
                counted(count(&[Assessment::Pass]), Style::Good),
                counted(count(&[Assessment::Fail]), Style::Bad),
                counted(count(&[Assessment::Unknown]), Style::Unsure),
                counted(count(&[Assessment::Manual]), Style::Plain),
                counted(count(OTHER), Style::Plain),
            ]
        })
        .collect();
    table::write(page, &["section", "pass", "fail", "unknown", "manual", "other"], &rows)?;
    let open: Vec<Vec<Cell>> = benchmark
        .controls
        .iter()
        .filter(|control| matches!(control.assessment, Assessment::Fail | Assessment::Unknown))
        .map(|control| {
            vec![
                (prose(&format!("{} {}", control.id, control.title)), Style::Plain),
                counted(control.score.passed, Style::Good),
                counted(control.score.failed, Style::Bad),
                counted(control.score.unknown, Style::Unsure),
            ]
        })
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    page.heading("Controls that do not hold, in findings")?;
    table::write(page, &["control", "passed", "failed", "unknown"], &open)
}

fn controls(benchmark: &BenchmarkResult, assessments: &[Assessment]) -> u64 {
    let count = benchmark.controls.iter().filter(|control| assessments.contains(&control.assessment)).count();
    count as u64
}

fn percent(verdicts: ScoreBreakdown) -> Cell {
    let text = verdicts.percent().map_or_else(|| "–".to_owned(), |percent| format!("{percent} %"));
    (text, Style::Bold)
}

fn counted(count: u64, style: Style) -> Cell {
    if count == 0 { ("–".to_owned(), Style::Dim) } else { (words::number(count), style) }
}
