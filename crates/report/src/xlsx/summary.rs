//! What was scanned, and how it stands.

use super::book::{Book, Column};
use super::cells::Value;
use crate::digest::Digest;
use crate::{overview, words};
use stance_model::{Findings, Report, ScoreBreakdown, Severity};
use std::io;

const COLUMNS: [Column; 7] = [
    Column::coloured("", 30),
    Column::new("", 34),
    Column::new("", 12),
    Column::new("", 12),
    Column::new("", 12),
    Column::new("", 12),
    Column::new("", 12),
];

const COUNTS: [&str; 5] = ["Score", "Passed", "Failed", "Unknown", "Accepted"];

pub(super) fn write(
    report: &Report<dyn Findings>,
    digest: &Digest<'_>,
    book: &mut Book<'_, '_>,
) -> io::Result<()> {
    book.begin_free("Summary", &COLUMNS)?;
    let provider = report.scan.provider.to_string().to_uppercase();
    let title = format!("{provider} {}", overview::subject(report));
    book.row(&[Value::Title(&title)])?;
    facts(report, book)?;

    section("By severity", "Severity", "", book)?;
    for severity in Severity::WORST_FIRST {
        let counts = digest.severities.get(&severity).copied().unwrap_or_default();
        standing(Value::Shared(severity.as_str()), Value::Empty, counts, book)?;
    }
    section("By service", "Service", "", book)?;
    for (service, score) in &report.services {
        standing(Value::text(service), Value::Empty, score.verdicts, book)?;
    }
    section("By account", "Account", "Name", book)?;
    for run in &report.runs {
        let score = report.scopes.get(&run.scope).copied().unwrap_or_default();
        let name = run.scope_details.name.as_deref().unwrap_or_default();
        standing(Value::text(run.scope.as_str()), Value::text(name), score.verdicts, book)?;
    }
    book.end()
}

fn facts(report: &Report<dyn Findings>, book: &mut Book<'_, '_>) -> io::Result<()> {
    let scan = &report.scan;
    let verdicts = report.score.verdicts;
    let (calls, failed_calls) = overview::calls(report);
    let regions: Vec<_> = overview::regions(report).into_iter().collect();
    let benchmarks: Vec<_> = report.benchmarks.iter().map(|it| it.id.as_str()).collect();
    let mut facts = vec![
        ("Score", Value::Percent(verdicts.percent())),
        ("Score, weighted by severity", Value::Percent(report.score.weighted.percent())),
        ("Share that is unknown", Value::Percent(Some(verdicts.unknown_percent()))),
        ("Verdicts passed", Value::Number(verdicts.passed)),
        ("Verdicts failed", Value::Number(verdicts.failed)),
        ("Verdicts unknown", Value::Number(verdicts.unknown)),
        ("Verdicts accepted", Value::Number(verdicts.excepted)),
        ("Findings", Value::Number(report.findings.count() as u64)),
        ("Organization", Value::text(scan.organization.as_deref().unwrap_or("none"))),
        ("Accounts scanned", Value::Number(report.runs.len() as u64)),
        ("Accounts not scanned", Value::Number(report.unscanned.len() as u64)),
        ("Regions", Value::text(regions.join(", "))),
        ("Benchmarks", Value::text(benchmarks.join(", "))),
        ("Rules evaluated", Value::Number(report.rules.len() as u64)),
        ("Collected from", Value::Time(scan.started_at)),
        ("Collected until", Value::Time(scan.ended_at)),
        ("Rules judged as of", Value::Time(scan.as_of)),
        ("Read as", Value::text(overview::identity(report).unwrap_or_default())),
        ("Stance", Value::text(scan.stance_version.as_str())),
    ];
    // a store keeps no calls
    if calls > 0 {
        let place = facts.len() - 2;
        facts.insert(place, ("Calls to the provider", Value::Number(calls)));
        facts.insert(place + 1, ("Calls that failed", Value::Number(failed_calls)));
    }
    let runs = overview::taken_from(report);
    facts.extend(runs.as_deref().map(|runs| ("Put together from", Value::text(runs))));
    if let Some(shortfall) = overview::shortfall(report) {
        facts.insert(0, ("Not whole", Value::text(words::one_line(&shortfall))));
    }
    for (name, value) in facts {
        book.row(&[Value::Label(name), value])?;
    }
    Ok(())
}

fn section(title: &str, first: &str, second: &str, book: &mut Book<'_, '_>) -> io::Result<()> {
    book.row(&[])?;
    book.row(&[Value::Title(title)])?;
    let [score, passed, failed, unknown, accepted] = COUNTS;
    book.head(&[first, second, score, passed, failed, unknown, accepted])
}

fn standing(
    name: Value<'_>,
    more: Value<'_>,
    verdicts: ScoreBreakdown,
    book: &mut Book<'_, '_>,
) -> io::Result<()> {
    let [passed, failed, unknown, accepted] =
        [verdicts.passed, verdicts.failed, verdicts.unknown, verdicts.excepted].map(Value::Number);
    book.row(&[name, more, Value::Percent(verdicts.percent()), passed, failed, unknown, accepted])
}
