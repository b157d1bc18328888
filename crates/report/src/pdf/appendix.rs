//! For looking things up: every rule that was evaluated, everything that could not be read.

use super::flow::Flow;
use super::scope::{first_of, more};
use super::summary::small;
use super::table::{Cell, Column, Table};
use super::text::{Style, cut};
use crate::digest::Digest;
use crate::{overview, words};
use stance_model::{Findings, Report, Standing};

/// Rules that are listed.
const RULES_SHOWN: usize = 5_000;
/// Failed operations that are listed.
const OPERATIONS_SHOWN: usize = 400;
/// Regions that are named with an operation.
const REGIONS_SHOWN: usize = 30;

pub(super) fn write(report: &Report<dyn Findings>, digest: &Digest<'_>, flow: &mut Flow) {
    rules(report, flow);
    unread(report, digest, flow);
}

fn rules(report: &Report<dyn Findings>, flow: &mut Flow) {
    if report.rules.is_empty() {
        return;
    }
    flow.chapter("Appendix A: rules evaluated");
    flow.paragraph(
        "A rule without any verdict met no resource that it concerns. Counts are verdicts; a rule may judge \
         several items of one resource.",
    );
    let columns = [
        Column::text("Severity", 1.15),
        Column::text("Rule", 4.9),
        Column::number("Passed", 0.8),
        Column::number("Failed", 0.8),
        Column::number("Unknown", 0.85),
        Column::number("Accepted", 0.85),
    ];
    let mut rules: Vec<_> = report.rules.iter().collect();
    rules.sort_by(|(left_id, left), (right_id, right)| {
        left.service.cmp(&right.service).then_with(|| left_id.cmp(right_id))
    });
    let mut table = Table::begin(flow, columns);
    let mut service = None;
    for (id, rule) in rules.iter().take(RULES_SHOWN) {
        if service != Some(&rule.service) {
            service = Some(&rule.service);
            table.group(&rule.service);
        }
        table.row([
            Cell::severity(rule.severity),
            Cell::prose(&rule.title).below(&cut(id.as_str(), 200), small().code()),
            Cell::number(rule.score.passed),
            Cell::number(rule.score.failed),
            Cell::number(rule.score.unknown),
            Cell::number(rule.score.excepted),
        ]);
    }
    table.end();
    more(rules.len(), RULES_SHOWN, flow);
}

fn unread(report: &Report<dyn Findings>, digest: &Digest<'_>, flow: &mut Flow) {
    let operations = &digest.gaps.operations;
    if operations.is_empty() {
        return;
    }
    flow.chapter("Appendix B: what could not be read");
    flow.paragraph("Each operation that failed, with what the provider answered the first time and where.");
    let many = overview::has_many_scopes(report);
    let columns = [
        Column::text("Operation", 1.9),
        Column::text("Answer", 3.4),
        Column::text("Where", 2.0),
        Column::text("Verdicts", 1.3),
    ];
    let mut table = Table::begin(flow, columns);
    for gap in operations.iter().take(OPERATIONS_SHOWN) {
        let regions: Vec<_> = gap.regions.iter().map(String::as_str).collect();
        let accounts = words::count(gap.scopes.len(), "account", "accounts");
        let regions = first_of(&regions, REGIONS_SHOWN);
        let place = match (many, regions.is_empty()) {
            (true, true) => Cell::text(&accounts),
            (true, false) => Cell::text(&accounts).below(&format!("not listed in {regions}"), small()),
            (false, true) => Cell::text("single resources"),
            (false, false) => Cell::text(&format!("not listed in {regions}")),
        };
        table.row([
            Cell::code(&gap.operation),
            Cell::spans(vec![super::text::Span::new(cut(&gap.code, 120), Style::CELL.code())])
                .below(&words::one_line(&gap.message), small()),
            place,
            Cell::standing(Standing::Unknown, &format!("{} unknown", words::number(gap.verdicts as u64))),
        ]);
    }
    table.end();
    more(operations.len(), OPERATIONS_SHOWN, flow);
}
