//! How it stands, at a glance.

use super::ELSEWHERE;
use super::flow::Flow;
use super::table::{Cell, Column, Table};
use super::text::Style;
use crate::digest::Digest;
use crate::{overview, words};
use stance_model::{Findings, Report, ScoreBreakdown, Severity};

/// Accounts in the chart, those that stand worst first.
const ACCOUNTS_SHOWN: usize = 40;
/// Services in the chart, those that stand worst first.
const SERVICES_SHOWN: usize = 40;
/// Rules in the list of what to mend first.
const RULES_SHOWN: usize = 12;

pub(super) fn write(report: &Report<dyn Findings>, digest: &Digest<'_>, flow: &mut Flow) {
    flow.chapter("Summary");
    let verdicts = report.score.verdicts;
    flow.paragraph(&format!(
        "Of {} that were decided, {} passed and {} failed: a score of {}. Weighted by severity it is {}. \
         {} could not be reached and count neither way ({} % of all){}.",
        words::count(
            usize::try_from(verdicts.passed + verdicts.failed).unwrap_or(usize::MAX),
            "verdict",
            "verdicts"
        ),
        words::number(verdicts.passed),
        words::number(verdicts.failed),
        words::percent(verdicts.percent()),
        words::percent(report.score.weighted.percent()),
        words::number(verdicts.unknown),
        verdicts.unknown_percent(),
        match verdicts.excepted {
            0 => String::new(),
            count => format!("; {} are accepted by exceptions", words::number(count)),
        }
    ));
    if let Some(shortfall) = overview::shortfall(report) {
        flow.notice("Not whole.", &shortfall);
    }
    if verdicts.unknown > 0 {
        flow.notice(
            "Not everything could be read.",
            "What is unknown is not good, it is unknown. The chapter on scope tells which permissions would \
             help.",
        );
    }
    severities(digest, flow);
    first_to_mend(digest, flow);
    if overview::has_many_scopes(report) {
        accounts(report, flow);
    }
    services(report, flow);
}

fn severities(digest: &Digest<'_>, flow: &mut Flow) {
    flow.section("Findings by severity");
    let columns = [
        Column::text("Severity", 1.3),
        Column::text("Passed, failed and unknown", 3.2),
        Column::number("Failed", 0.9),
        Column::number("Unknown", 0.9),
        Column::number("Passed", 0.9),
        Column::number("Accepted", 0.9),
    ];
    let mut table = Table::begin(flow, columns);
    for severity in Severity::WORST_FIRST {
        let counts = digest.severities.get(&severity).copied().unwrap_or_default();
        table.row([
            Cell::severity(severity),
            Cell::bar(counts),
            Cell::bold(&words::number(counts.failed)),
            Cell::number(counts.unknown),
            Cell::number(counts.passed),
            Cell::number(counts.excepted),
        ]);
    }
    table.end();
    flow.note("In every bar of this report: passed dark green, then failed orange, then unknown pale.");
}

fn first_to_mend(digest: &Digest<'_>, flow: &mut Flow) {
    if digest.failing.is_empty() {
        return;
    }
    flow.section("What to mend first");
    let columns = [
        Column::text("Severity", 1.2),
        Column::text("Rule", 5.2),
        Column::number("Resources failing", 1.2),
        Column::number("Resources judged", 1.2),
    ];
    let mut table = Table::begin(flow, columns);
    for rule in digest.failing.iter().take(RULES_SHOWN) {
        table.row([
            Cell::severity(rule.severity),
            Cell::prose(rule.title()),
            Cell::bold(&words::number(rule.failed_resources as u64)),
            Cell::number(rule.resources as u64),
        ]);
    }
    table.end();
    if digest.failing.len() > RULES_SHOWN {
        flow.note(&format!(
            "{} failed in all; the chapter on failed rules has every one.",
            words::count(digest.failing.len(), "rule", "rules")
        ));
    }
}

fn accounts(report: &Report<dyn Findings>, flow: &mut Flow) {
    flow.section("Score by account");
    let mut rows: Vec<_> = report
        .runs
        .iter()
        .map(|run| {
            let verdicts = report.scopes.get(&run.scope).copied().unwrap_or_default().verdicts;
            let name = run.scope_details.name.clone().unwrap_or_default();
            (run.scope.as_str().to_owned(), name, verdicts)
        })
        .collect();
    rows.sort_by_key(|(scope, _, verdicts)| (verdicts.percent().unwrap_or(u64::MAX), scope.clone()));
    let names = rows.into_iter().map(|(scope, name, verdicts)| {
        (
            if name.is_empty() { Cell::text(&scope) } else { Cell::text(&name).below(&scope, small()) },
            verdicts,
        )
    });
    standings("Account", names, ACCOUNTS_SHOWN, "accounts", flow);
}

fn services(report: &Report<dyn Findings>, flow: &mut Flow) {
    if report.services.is_empty() {
        return;
    }
    flow.section("Score by service");
    let mut rows: Vec<_> = report.services.iter().map(|(name, score)| (name, score.verdicts)).collect();
    rows.sort_by_key(|(name, verdicts)| (verdicts.percent().unwrap_or(u64::MAX), *name));
    let rows = rows.into_iter().map(|(name, verdicts)| (Cell::text(name), verdicts));
    standings("Service", rows, SERVICES_SHOWN, "services", flow);
}

/// Text below the main text of a cell.
pub(super) fn small() -> Style {
    Style::CELL.size(7.25).soft()
}

/// A table with a row for each of what stands somehow.
pub(super) fn standings(
    what: &'static str,
    rows: impl ExactSizeIterator<Item = (Cell, ScoreBreakdown)>,
    most: usize,
    rest: &str,
    flow: &mut Flow,
) {
    let left_out = rows.len().saturating_sub(most);
    let columns = [
        Column::text(what, 2.6),
        Column::number("Score", 0.8),
        Column::text("", 0.15),
        Column::text("Passed, failed and unknown", 2.4),
        Column::number("Passed", 0.9),
        Column::number("Failed", 0.9),
        Column::number("Unknown", 0.9),
    ];
    let mut table = Table::begin(flow, columns);
    for (name, verdicts) in rows.take(most) {
        table.row([
            name,
            Cell::percent(verdicts),
            Cell::default(),
            Cell::bar(verdicts),
            Cell::number(verdicts.passed),
            Cell::number(verdicts.failed),
            Cell::number(verdicts.unknown),
        ]);
    }
    table.end();
    if left_out > 0 {
        flow.note(&format!("{} more {rest}. {ELSEWHERE}", words::number(left_out as u64)));
    }
}
