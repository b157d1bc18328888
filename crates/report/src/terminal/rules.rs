//! The rules that fail, the worst first.

use super::layout::{cells, left, name, prose, short_name, wrap};
use super::{MARGIN, Page, Style};
use crate::groups::FailingRule;
use crate::{remediation, words};
use stance_model::{Finding, Severity};
use std::io;

/// More resources of a rule than these are counted, not named.
const RESOURCES_NAMED: usize = 4;

pub(super) fn write(
    page: &mut Page<'_>,
    failing: &[FailingRule<'_>],
    most: usize,
    many_scopes: bool,
) -> io::Result<()> {
    count(page, failing)?;
    for rule in failing.iter().take(most) {
        page.blank()?;
        write_rule(page, rule, many_scopes)?;
    }
    if failing.len() > most {
        page.blank()?;
        let rest =
            format!("and {} more", words::count(failing.len() - most, "failing rule", "failing rules"));
        page.indented(MARGIN, &rest, Style::Dim)?;
    }
    Ok(())
}

/// One line: how many rules fail, by severity.
pub(super) fn count(page: &mut Page<'_>, failing: &[FailingRule<'_>]) -> io::Result<()> {
    let by_severity: Vec<_> = Severity::WORST_FIRST
        .into_iter()
        .filter_map(|severity| {
            let count = failing.iter().filter(|rule| rule.severity == severity).count();
            (count > 0).then(|| format!("{} {severity}", words::number(count as u64)))
        })
        .collect();
    let text = if failing.is_empty() {
        "No rule fails".to_owned()
    } else {
        let fail = if failing.len() == 1 { "rule fails" } else { "rules fail" };
        format!("{} {fail}: {}", words::number(failing.len() as u64), by_severity.join(", "))
    };
    page.heading(&text)
}

fn write_rule(page: &mut Page<'_>, rule: &FailingRule<'_>, many_scopes: bool) -> io::Result<()> {
    let share = format!(
        "{} of {}",
        words::number(rule.failed_resources as u64),
        words::count(rule.resources, "resource", "resources")
    );
    let room = page.width.saturating_sub(MARGIN + cells(&share) + 2).max(20);
    for (index, line) in wrap(&prose(rule.title()), room).iter().enumerate() {
        let line = if index == 0 {
            format!(
                "{}{}{}  {share}",
                page.paint(Style::of_severity(rule.severity), &rule.severity.to_string()),
                " ".repeat(MARGIN.saturating_sub(rule.severity.as_str().len())),
                page.paint(Style::Bold, &left(line, room)),
            )
        } else {
            format!("{}{}", " ".repeat(MARGIN), page.paint(Style::Bold, line))
        };
        page.line(&line)?;
    }
    page.indented(MARGIN, &name(rule.id.as_str()), Style::Dim)?;
    page.indented(MARGIN, &resources(rule, many_scopes), Style::Plain)?;
    let fix = rule.summary.map(|summary| {
        // with several failures the placeholders say where each one's own values go
        match rule.findings.as_slice() {
            [only] if rule.failed == 1 => remediation::fill(&summary.remediation.text, only),
            _ => summary.remediation.text.clone(),
        }
    });
    match fix {
        Some(fix) if !fix.trim().is_empty() => {
            page.indented(MARGIN, &format!("fix: {}", prose(&fix)), Style::Plain)
        }
        _ => Ok(()),
    }
}

/// Where a finding's resource is.
fn place(finding: &Finding, many_scopes: bool) -> String {
    let resource = &finding.resource;
    if many_scopes {
        let scope = finding.scope_details.name.as_deref().unwrap_or(resource.scope.as_str());
        format!("{scope}, {}", resource.region)
    } else {
        resource.region.to_string()
    }
}

fn resources(rule: &FailingRule<'_>, many_scopes: bool) -> String {
    let named: Vec<_> = rule
        .findings
        .iter()
        .take(RESOURCES_NAMED)
        .map(|finding| {
            format!("{} ({})", short_name(&words::subject(finding)), name(&place(finding, many_scopes)))
        })
        .collect();
    let mut text = named.join(", ");
    if rule.failed > RESOURCES_NAMED {
        let rest = rule.failed - RESOURCES_NAMED;
        text = format!("{text} and {} more", words::number(rest as u64));
    }
    text
}
