//! The sheets beside the findings, each a table.

use super::book::{Book, Column};
use super::cells::Value;
use crate::accepted::Accepted;
use crate::gaps::Gaps;
use crate::{overview, words};
use stance_model::{Completion, Findings, Report};
use std::io;

const BENCHMARKS: [Column; 11] = [
    Column::new("Benchmark", 18),
    Column::new("Benchmark title", 40),
    Column::new("Section", 40),
    Column::new("Control", 12),
    Column::new("Title", 60),
    Column::coloured("Assessment", 18),
    Column::new("Passed", 10),
    Column::new("Failed", 10),
    Column::new("Unknown", 10),
    Column::new("Accepted", 10),
    Column::new("Rules", 60),
];

pub(super) fn benchmarks(report: &Report<dyn Findings>, book: &mut Book<'_, '_>) -> io::Result<()> {
    book.begin("Benchmarks", &BENCHMARKS)?;
    for benchmark in &report.benchmarks {
        for control in &benchmark.controls {
            let score = control.score;
            let rules: Vec<_> = control.rules.iter().map(stance_model::RuleId::as_str).collect();
            book.row(&[
                Value::Shared(&benchmark.id),
                Value::Shared(&benchmark.title),
                Value::Shared(&control.section),
                Value::text(&control.id),
                Value::text(words::one_line(&control.title)),
                Value::Shared(control.assessment.as_str()),
                Value::Number(score.passed),
                Value::Number(score.failed),
                Value::Number(score.unknown),
                Value::Number(score.excepted),
                Value::text(rules.join(", ")),
            ])?;
        }
    }
    book.end()
}

const RULES: [Column; 16] = [
    Column::new("Rule", 44),
    Column::new("Title", 60),
    Column::coloured("Severity", 11),
    Column::new("Service", 14),
    Column::new("Resource type", 28),
    Column::new("Failed", 10),
    Column::new("Unknown", 10),
    Column::new("Passed", 10),
    Column::new("Accepted", 10),
    Column::new("Why it matters", 70),
    Column::new("How to mend it", 70),
    Column::new("Command line", 60),
    Column::new("Terraform", 40),
    Column::new("Console", 40),
    Column::new("References", 50),
    Column::new("Categories", 30),
];

pub(super) fn rules(report: &Report<dyn Findings>, book: &mut Book<'_, '_>) -> io::Result<()> {
    book.begin("Rules", &RULES)?;
    for (id, rule) in &report.rules {
        let remediation = &rule.remediation;
        let optional = |text: &Option<String>| Value::text(text.as_deref().map(lines).unwrap_or_default());
        book.row(&[
            Value::text(id.as_str()),
            Value::text(words::one_line(&rule.title)),
            Value::Shared(rule.severity.as_str()),
            Value::Shared(&rule.service),
            Value::Shared(rule.resource.as_str()),
            Value::Number(rule.score.failed),
            Value::Number(rule.score.unknown),
            Value::Number(rule.score.passed),
            Value::Number(rule.score.excepted),
            Value::text(words::one_line(&rule.rationale)),
            Value::text(words::one_line(&remediation.text)),
            optional(&remediation.cli),
            optional(&remediation.terraform),
            optional(&remediation.console),
            Value::text(rule.references.join(" ")),
            Value::text(rule.categories.join(", ")),
        ])?;
    }
    book.end()
}

/// Lines of code as one, since a line feed would be written out.
fn lines(text: &str) -> String {
    text.trim_end().lines().map(str::trim_end).collect::<Vec<_>>().join(" ⏎ ")
}

const NOT_READ: [Column; 8] = [
    Column::new("What", 16),
    Column::new("Operation or thing", 46),
    Column::new("Error code", 28),
    Column::new("Message", 70),
    Column::new("Permission to grant", 46),
    Column::new("Not listed in", 40),
    Column::new("Accounts", 40),
    Column::new("Verdicts unknown", 17),
];

pub(super) fn not_read(
    report: &Report<dyn Findings>,
    gaps: &Gaps,
    book: &mut Book<'_, '_>,
) -> io::Result<()> {
    let listed = |texts: &std::collections::BTreeSet<String>| {
        Value::text(texts.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
    };
    book.begin("Not read", &NOT_READ)?;
    for gap in &gaps.operations {
        book.row(&[
            Value::Shared("operation failed"),
            Value::text(&gap.operation),
            Value::text(&gap.code),
            Value::text(words::one_line(&gap.message)),
            listed(&gap.permissions),
            listed(&gap.regions),
            listed(&gap.scopes),
            Value::Number(gap.verdicts as u64),
        ])?;
    }
    for (kind, causes) in [("not read", &gaps.not_read), ("unexpected", &gaps.unexpected)] {
        for (what, verdicts) in causes {
            let (what, count) = (Value::text(words::one_line(what)), Value::Number(*verdicts as u64));
            let mut row = vec![Value::Shared(kind), what];
            row.extend([const { Value::Empty }; 5]);
            row.push(count);
            book.row(&row)?;
        }
    }
    for ((region, reason), runs) in overview::skipped_regions(report) {
        let scopes: Vec<_> = runs.iter().map(|run| run.scope.as_str()).collect();
        book.row(&[
            Value::Shared("region skipped"),
            Value::text(region),
            Value::Empty,
            Value::text(words::one_line(reason)),
            Value::Empty,
            Value::text(region),
            Value::text(scopes.join(", ")),
        ])?;
    }
    book.end()
}

const EXCEPTIONS: [Column; 8] = [
    Column::new("What", 12),
    Column::new("Name", 20),
    Column::new("Reason", 60),
    Column::new("Owner", 24),
    Column::new("Until", 12),
    Column::new("Rule", 44),
    Column::new("Title", 60),
    Column::new("Findings", 10),
];

pub(super) fn exceptions(
    report: &Report<dyn Findings>,
    accepted: &[Accepted],
    book: &mut Book<'_, '_>,
) -> io::Result<()> {
    book.begin("Exceptions", &EXCEPTIONS)?;
    for exception in accepted {
        for (rule, count) in &exception.rules {
            book.row(&[
                Value::Shared("exception"),
                Value::text(exception.name.as_deref().unwrap_or_default()),
                Value::text(words::one_line(&exception.reason)),
                Value::text(&exception.owner),
                Value::Date(exception.until),
                Value::text(rule.as_str()),
                Value::text(words::one_line(words::title(report, rule))),
                Value::Number(*count as u64),
            ])?;
        }
    }
    for notice in &report.exception_notices {
        book.row(&[Value::Shared("notice"), Value::Empty, Value::text(words::one_line(notice))])?;
    }
    book.end()
}

const SCOPES: [Column; 14] = [
    Column::new("Account", 16),
    Column::new("Name", 24),
    Column::new("Path", 34),
    Column::new("Tags", 30),
    Column::new("Scan", 22),
    Column::new("Read as", 60),
    Column::new("Regions", 40),
    Column::new("Collected from", 20),
    Column::new("Collected until", 20),
    Column::new("Score", 10),
    Column::new("Passed", 10),
    Column::new("Failed", 10),
    Column::new("Unknown", 10),
    Column::new("Accepted", 10),
];

pub(super) fn scopes(report: &Report<dyn Findings>, book: &mut Book<'_, '_>) -> io::Result<()> {
    book.begin("Scopes", &SCOPES)?;
    for run in &report.runs {
        let verdicts = report.scopes.get(&run.scope).copied().unwrap_or_default().verdicts;
        let details = &run.scope_details;
        let tags: Vec<_> = details.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let regions: Vec<_> = run.regions.iter().map(stance_model::Region::as_str).collect();
        book.row(&[
            Value::text(run.scope.as_str()),
            Value::text(details.name.as_deref().unwrap_or_default()),
            Value::text(details.path_text()),
            Value::text(tags.join("; ")),
            Value::Shared(match run.completion {
                Completion::Complete => "complete",
                Completion::Interrupted => "interrupted",
                Completion::CredentialsExpired => "credentials expired",
            }),
            Value::text(&run.identity),
            Value::text(regions.join(", ")),
            Value::Time(run.started_at),
            Value::Time(run.ended_at),
            Value::Percent(verdicts.percent()),
            Value::Number(verdicts.passed),
            Value::Number(verdicts.failed),
            Value::Number(verdicts.unknown),
            Value::Number(verdicts.excepted),
        ])?;
    }
    for scope in &report.unscanned {
        let details = &scope.scope_details;
        let tags: Vec<_> = details.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
        book.row(&[
            Value::text(scope.scope.as_str()),
            Value::text(details.name.as_deref().unwrap_or_default()),
            Value::text(details.path_text()),
            Value::text(tags.join("; ")),
            Value::Shared(if scope.is_failure() { "failed" } else { "left out" }),
            Value::text(words::one_line(&overview::why(&scope.reason))),
        ])?;
    }
    book.end()
}
