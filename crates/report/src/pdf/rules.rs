//! The rules that fail, the worst first: what is wrong and why, how to mend it, where.

use super::ELSEWHERE;
use super::flow::Flow;
use super::scope::first_of;
use super::summary::small;
use super::table::{Cell, Column, Table};
use super::text::{Span, Style, cut};
use crate::digest::Digest;
use crate::groups::{FailingRule, KEPT};
use crate::{overview, remediation, words};
use serde_json::Value;
use stance_model::{Evidence, Finding, RuleSummary, Severity};

/// Evidence of a finding that is shown.
const EVIDENCE_SHOWN: usize = 3;
/// The longest value of evidence, in characters.
const LONGEST_VALUE: usize = 180;
/// The longest text of a rule or of a finding, in characters.
const LONGEST_TEXT: usize = 2_400;
/// Controls that are named with a rule.
const CONTROLS_SHOWN: usize = 8;
/// The most lines of a command or of a file.
const CODE_LINES: usize = 60;

/// How many findings of a rule are shown: more of the worse ones.
fn shown(severity: Severity) -> usize {
    match severity {
        Severity::Critical | Severity::High => KEPT,
        Severity::Medium => 10,
        Severity::Low | Severity::Info => 5,
    }
}

pub(super) fn write(digest: &Digest<'_>, flow: &mut Flow) {
    if digest.failing.is_empty() {
        return;
    }
    flow.chapter("Failed rules");
    flow.paragraph(&format!(
        "The worst first, then those that the most resources fail. Of each the first findings are shown: {} \
         where it is critical or high, {} where it is medium, {} below. {ELSEWHERE} Values that differ from \
         resource to resource, as the name in a command, are filled in for the first one.",
        shown(Severity::Critical),
        shown(Severity::Medium),
        shown(Severity::Low)
    ));
    let mut last = None;
    for rule in &digest.failing {
        if last != Some(rule.severity) {
            last = Some(rule.severity);
            let count = digest.failing.iter().filter(|other| other.severity == rule.severity).count();
            let mut word = rule.severity.as_str().to_owned();
            if let Some(first) = word.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            flow.section(&format!("{word}: {}", words::count(count, "rule", "rules")));
        }
        write_rule(rule, flow);
    }
}

fn write_rule(rule: &FailingRule<'_>, flow: &mut Flow) {
    // the heading stays with some of what is said
    flow.need(150.0);
    flow.gap(6.0);
    flow.rule();
    flow.part(&cut(&words::one_line(rule.title()).replace('`', ""), 300));
    flow.tagline(
        rule.severity,
        &format!(
            "{} of {} failing",
            words::number(rule.failed_resources as u64),
            words::count(rule.resources, "resource", "resources")
        ),
        &cut(rule.id.as_str(), 200),
    );
    let first = rule.findings.first();
    if let (Some(summary), Some(first)) = (rule.summary, first) {
        flow.label("Why it matters");
        flow.paragraph(&cut(&words::one_line(&summary.rationale), LONGEST_TEXT));
        remedy(summary, first, flow);
    }
    findings(rule, flow);
    let controls: Vec<_> = first
        .map(|finding| finding.controls.iter())
        .into_iter()
        .flatten()
        .map(|control| cut(&format!("{} {}", control.benchmark, control.control), 80))
        .collect();
    if !controls.is_empty() {
        let controls: Vec<_> = controls.iter().map(String::as_str).collect();
        flow.note(&format!("Controls: {}", first_of(&controls, CONTROLS_SHOWN)));
    }
    for page in rule.summary.iter().flat_map(|summary| summary.references.iter().take(4)) {
        flow.address(&cut(page, 400));
    }
    flow.y += 4.0;
}

fn remedy(summary: &RuleSummary, first: &Finding, flow: &mut Flow) {
    let filled = remediation::fill_all(&summary.remediation, first);
    flow.label("How to mend it");
    flow.paragraph(&cut(&words::one_line(&filled.text), LONGEST_TEXT));
    if let Some(console) = &filled.console {
        flow.paragraph(&format!("In the console: {}", cut(&words::one_line(console), LONGEST_TEXT)));
    }
    for (label, text) in [("Command line", &filled.cli), ("Terraform", &filled.terraform)] {
        if let Some(text) = text {
            flow.label(label);
            let mut lines: Vec<_> = text.trim_end().lines().map(|line| cut(line, 1_000)).collect();
            if lines.len() > CODE_LINES {
                lines.truncate(CODE_LINES);
                lines.push("…".to_owned());
            }
            flow.code(&lines.join("\n"));
        }
    }
}

fn findings(rule: &FailingRule<'_>, flow: &mut Flow) {
    let columns =
        [Column::text("Resource", 2.6), Column::text("Where", 1.35), Column::text("What was found", 3.3)];
    let most = shown(rule.severity);
    let mut table = Table::begin(flow, columns).labelled("Where it fails");
    for finding in rule.findings.iter().take(most) {
        table.row([resource(finding), place(finding), found(finding)]);
    }
    table.end();
    if rule.failed > most {
        let left = words::count(rule.failed - most, "finding", "findings");
        flow.note(&format!("and {left} more of this rule. {ELSEWHERE}"));
    }
}

fn resource(finding: &Finding) -> Cell {
    let (id, subject) = (finding.resource.id.as_str(), words::subject(finding));
    let name = Cell::bold(&cut(&subject, 240));
    // a resource without a name is called by its id
    if subject == id { name } else { name.below(&cut(id, 400), Style::CELL.size(7.5).soft().code()) }
}

fn place(finding: &Finding) -> Cell {
    let scope = overview::named(finding.resource.scope.as_str(), &finding.scope_details);
    Cell::text(&cut(finding.resource.region.as_str(), 80)).below(&cut(&scope, 160), small())
}

fn found(finding: &Finding) -> Cell {
    let mut spans = super::text::prose(&cut(&words::one_line(&finding.message), 500), Style::CELL);
    let code = Style::CELL.size(7.75).code();
    for Evidence { path, value, operation, read_at } in
        finding.evidence.iter().take(EVIDENCE_SHOWN).map(AsRef::as_ref)
    {
        spans.push(Span::new(format!("\n{} = {}", cut(path, 120), value_text(value)), code));
        let told = format!("\n{}, {}", cut(operation, 80), read_at.format("%Y-%m-%d %H:%M:%S UTC"));
        spans.push(Span::new(told, Style::CELL.size(6.75).soft()));
    }
    if finding.evidence.len() > EVIDENCE_SHOWN {
        let left = finding.evidence.len() - EVIDENCE_SHOWN;
        let left = words::count(left, "more value", "more values");
        spans.push(Span::new(format!("\nand {left}"), small()));
    }
    Cell::spans(spans)
}

/// A value on one line, cut where it is too long to read.
fn value_text(value: &Value) -> String {
    let text = match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) if !text.is_empty() => text.clone(),
        other => other.to_string(),
    };
    cut(&words::one_line(&text), LONGEST_VALUE)
}
