//! The rules that fail, each with why it matters, how to mend it and what decided.

use super::{lines, value_text};
use crate::groups::FailingRule;
use crate::xml::{Prose, Xml};
use crate::{overview, remediation, words};
use stance_model::{Finding, RuleSummary};
use std::io::{self, Write};

/// More findings of a rule than these are only in the table of all findings, which is drawn page
/// by page: markup for all of them would make the page slow to open.
const FINDINGS_SHOWN: usize = 5;

pub(super) fn write(failing: &[FailingRule<'_>], out: &mut dyn Write) -> io::Result<()> {
    if failing.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section id=\"rules\" aria-labelledby=\"rules-title\"><h2 id=\"rules-title\">Failing \
         rules</h2>"
    )?;
    for rule in failing {
        write_rule(rule, out)?;
    }
    writeln!(out, "</section>")
}

fn write_rule(rule: &FailingRule<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<details><summary><span class=\"tag {0}\">{0}</span><span class=\"title\">{1}</span>\
         <span class=\"soft\">{2} of {3}</span></summary><div class=\"body\">",
        rule.severity,
        Prose(rule.title()),
        words::number(rule.failed_resources as u64),
        words::count(rule.resources, "resource", "resources")
    )?;
    writeln!(out, "<p class=\"mono soft\">{}</p>", Xml(rule.id.as_str()))?;
    if let (Some(summary), Some(first)) = (rule.summary, rule.findings.first()) {
        prose(summary, first, rule.failed > 1, out)?;
    }
    writeln!(out, "<h3>Where it fails</h3>")?;
    for finding in rule.findings.iter().take(FINDINGS_SHOWN) {
        write_finding(finding, out)?;
    }
    if rule.failed > FINDINGS_SHOWN {
        writeln!(
            out,
            "<p>and {} more <button type=\"button\" data-rule=\"{}\" hidden>Show all in the \
             table</button></p>",
            words::number((rule.failed - FINDINGS_SHOWN) as u64),
            Xml(rule.id.as_str())
        )?;
    }
    writeln!(out, "</div></details>")
}

fn prose(summary: &RuleSummary, first: &Finding, several: bool, out: &mut dyn Write) -> io::Result<()> {
    let paragraph = |text: &str, out: &mut dyn Write| writeln!(out, "<p>{}</p>", Prose(text));
    write!(out, "<h3>Why it matters</h3>")?;
    paragraph(&summary.rationale, out)?;
    write!(out, "<h3>How to mend it</h3>")?;
    let filled = remediation::fill_all(&summary.remediation, first);
    if several && filled != summary.remediation {
        let whose = format!("Written for {}; each finding in the table has its own", words::subject(first));
        writeln!(out, "<p class=\"soft\">{}</p>", Xml(&whose))?;
    }
    paragraph(&filled.text, out)?;
    if let Some(console) = &filled.console {
        write!(out, "<p class=\"soft\">Console</p>")?;
        paragraph(console, out)?;
    }
    for (label, text) in [("Command line", &filled.cli), ("Terraform", &filled.terraform)] {
        if let Some(text) = text {
            write!(out, "<p class=\"soft\">{label}</p><pre>")?;
            for line in lines(text).lines() {
                writeln!(out, "{}", Xml(line))?;
            }
            writeln!(out, "</pre>")?;
        }
    }
    for page in &summary.references {
        // any other scheme could run something
        if page.starts_with("https://") {
            writeln!(out, "<p><a href=\"{0}\" rel=\"noopener noreferrer\">{0}</a></p>", Xml(page))?;
        } else {
            paragraph(page, out)?;
        }
    }
    Ok(())
}

/// The region, and the account where it has a name.
fn place(finding: &Finding) -> String {
    let region = finding.resource.region.as_str();
    match &finding.scope_details.name {
        Some(_) => {
            format!("{region}, {}", overview::named(finding.resource.scope.as_str(), &finding.scope_details))
        }
        None => region.to_owned(),
    }
}

fn write_finding(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<div class=\"finding\"><p><strong>{}</strong> <span class=\"soft\">{}</span></p><p>{}</p>\
         <p class=\"mono soft\">{}</p>",
        Xml(&words::subject(finding)),
        Xml(&place(finding)),
        Prose(&finding.message),
        Xml(finding.resource.id.as_str())
    )?;
    if !finding.evidence.is_empty() {
        writeln!(out, "<dl class=\"evidence\">")?;
        for evidence in finding.evidence.iter() {
            writeln!(
                out,
                "<dt>{}</dt><dd class=\"mono\">{}<br><span class=\"soft\">{}, {}</span></dd>",
                Xml(&evidence.path),
                Xml(&value_text(&evidence.value)),
                Xml(&evidence.operation),
                evidence.read_at.format("%Y-%m-%d %H:%M:%S UTC")
            )?;
        }
        writeln!(out, "</dl>")?;
    }
    writeln!(out, "</div>")
}
