//! What somebody accepts: why, who answers for it, until when.

use super::ELSEWHERE;
use super::flow::Flow;
use super::scope::more;
use super::summary::small;
use super::table::{Cell, Column, Table};
use super::text::cut;
use crate::accepted::Accepted;
use crate::digest::Digest;
use crate::words;
use stance_model::{Findings, Report};

/// Exceptions that are listed.
const SHOWN: usize = 300;
/// Rules that are named with an exception.
const RULES_SHOWN: usize = 5;

pub(super) fn write(report: &Report<dyn Findings>, digest: &Digest<'_>, flow: &mut Flow) {
    if digest.accepted.is_empty() && report.exception_notices.is_empty() {
        return;
    }
    flow.chapter("Accepted exceptions");
    let findings: usize = digest.accepted.iter().map(Accepted::findings).sum();
    flow.paragraph(&format!(
        "{} accept {}. They count neither as passed nor as failed. {ELSEWHERE}",
        words::count(digest.accepted.len(), "exception", "exceptions"),
        words::count(findings, "finding", "findings")
    ));
    if !digest.accepted.is_empty() {
        let columns = [
            Column::text("Reason", 3.0),
            Column::text("Owner", 1.3),
            Column::text("Until", 0.95),
            Column::text("What it accepts", 2.8),
            Column::number("Findings", 0.8),
        ];
        let mut table = Table::begin(flow, columns);
        for accepted in digest.accepted.iter().take(SHOWN) {
            row(report, accepted, &mut table);
        }
        table.end();
        more(digest.accepted.len(), SHOWN, flow);
    }
    if !report.exception_notices.is_empty() {
        flow.section("To look after");
        let notices = report.exception_notices.iter().take(SHOWN);
        flow.points(notices.map(|notice| cut(notice, 600)));
        more(report.exception_notices.len(), SHOWN, flow);
    }
}

fn row(report: &Report<dyn Findings>, accepted: &Accepted, table: &mut Table<'_, 5>) {
    let until = accepted.until.map_or_else(|| "no end".to_owned(), |day| day.to_string());
    let name = accepted.name.as_deref().unwrap_or_default();
    let titles = accepted.rules.keys().map(|rule| cut(&words::one_line(words::title(report, rule)), 160));
    let titles: Vec<_> = titles.collect();
    let titles: Vec<_> = titles.iter().map(String::as_str).collect();
    table.row([
        Cell::text(&words::one_line(&accepted.reason)).below(&cut(name, 120), small()),
        Cell::text(&accepted.owner),
        Cell::text(&until),
        Cell::prose(&super::scope::first_of(&titles, RULES_SHOWN))
            .below(&format!("first: {}", cut(&accepted.example, 200)), small()),
        Cell::number(accepted.findings() as u64),
    ]);
}
