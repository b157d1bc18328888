//! JUnit XML: a suite for each rule, a case for each resource (or item) that it judged. A failing
//! verdict is a failure, an unknown one an error: a build must not go green on what was not seen.

use crate::{WriteError, remediation, words, xml::Xml};
use stance_model::{Finding, Report, RuleId, VerdictStatus};
use std::collections::BTreeMap;
use std::io::{self, Write};

pub(crate) fn write(report: &Report, out: &mut dyn Write) -> Result<(), WriteError> {
    let mut suites: BTreeMap<&RuleId, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        suites.entry(&finding.rule).or_default().push(finding);
    }
    let all = Counts::of(&mut report.findings.iter());
    let run = &report.run;
    let took = (run.ended_at - run.started_at).num_milliseconds().max(0);
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<testsuites name="{}" {all} time="{}.{:03}">"#,
        Xml(&format!("stance {} {}", run.provider, run.scope)),
        took / 1000,
        took % 1000
    )?;
    for (rule, findings) in &suites {
        suite(report, rule, findings, out)?;
    }
    writeln!(out, "</testsuites>")?;
    Ok(())
}

fn suite(report: &Report, rule: &RuleId, findings: &[&Finding], out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        r#"  <testsuite name="{}" {} skipped="0" time="0" timestamp="{}">"#,
        Xml(rule.as_str()),
        Counts::of(&mut findings.iter().copied()),
        report.run.started_at.format("%Y-%m-%dT%H:%M:%S")
    )?;
    writeln!(out, "    <properties>")?;
    let summary = words::summary(report, rule);
    let properties = [
        ("title", Some(words::title(report, rule))),
        ("severity", summary.map(|summary| summary.severity.as_str())),
        ("service", summary.map(|summary| summary.service.as_str())),
    ];
    for (name, value) in properties {
        if let Some(value) = value {
            writeln!(out, r#"      <property name="{name}" value="{}"/>"#, Xml(value))?;
        }
    }
    writeln!(out, "    </properties>")?;
    for finding in findings {
        case(report, finding, out)?;
    }
    writeln!(out, "  </testsuite>")
}

fn case(report: &Report, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let name = match &finding.sub_key {
        Some(item) => format!("{} [{item}]", finding.resource.id),
        None => finding.resource.id.to_string(),
    };
    write!(
        out,
        r#"    <testcase classname="{}" name="{}" time="0""#,
        Xml(finding.rule.as_str()),
        Xml(&name)
    )?;
    let element = match finding.status {
        VerdictStatus::Fail => "failure",
        VerdictStatus::Unknown => "error",
        VerdictStatus::Pass | VerdictStatus::NotApplicable => return writeln!(out, "/>"),
    };
    writeln!(out, ">")?;
    write!(out, r#"      <{element} type="{}" message="{}">"#, finding.severity, Xml(&finding.message))?;
    for line in body(report, finding) {
        writeln!(out, "{}", Xml(&line))?;
    }
    writeln!(out, "</{element}>")?;
    writeln!(out, "    </testcase>")
}

/// What someone who reads the build's log needs beside the message.
fn body(report: &Report, finding: &Finding) -> Vec<String> {
    let resource = &finding.resource;
    let mut lines = vec![
        words::title(report, &finding.rule).to_owned(),
        format!("resource: {} in {}", resource.id, resource.region),
    ];
    lines.extend(finding.causes.iter().map(|cause| format!("unknown because {cause}")));
    for evidence in &finding.evidence {
        lines.push(format!(
            "{} = {} ({} at {})",
            evidence.path,
            evidence.value,
            evidence.operation,
            evidence.read_at.to_rfc3339()
        ));
    }
    if finding.status == VerdictStatus::Fail
        && let Some(rule) = words::summary(report, &finding.rule)
    {
        lines.push(format!("fix: {}", words::one_line(&remediation::fill(&rule.remediation.text, finding))));
    }
    lines.push(format!("finding: {}", finding.id));
    lines
}

struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
}

impl Counts {
    fn of(findings: &mut dyn Iterator<Item = &Finding>) -> Self {
        let mut counts = Self { tests: 0, failures: 0, errors: 0 };
        for finding in findings {
            counts.tests += 1;
            match finding.status {
                VerdictStatus::Fail => counts.failures += 1,
                VerdictStatus::Unknown => counts.errors += 1,
                VerdictStatus::Pass | VerdictStatus::NotApplicable => {}
            }
        }
        counts
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { tests, failures, errors } = self;
        write!(f, r#"tests="{tests}" failures="{failures}" errors="{errors}""#)
    }
}
