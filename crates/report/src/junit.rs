//! JUnit XML: a suite for each rule, a case for each resource (or item) that it judged. A failing
//! verdict is a failure, an unknown one an error: a build must not go green on what was not seen.

use crate::{WriteError, overview, remediation, words, xml::Xml};
use stance_model::{Finding, Findings, Report, RuleId, Standing, VerdictStatus};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

pub(crate) fn write(report: &Report<dyn Findings>, out: &mut dyn Write) -> Result<(), WriteError> {
    let mut cases = Cases::new(report)?;
    report.findings.each(&mut |finding| cases.add(finding))?;
    let scan = &report.scan;
    let took = (scan.ended_at - scan.started_at).num_milliseconds().max(0);
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<testsuites name="{}" {} time="{}.{:03}">"#,
        Xml(&format!("stance {} {}", scan.provider, overview::subject(report))),
        cases.all,
        took / 1000,
        took % 1000
    )?;
    cases.copy(out)?;
    writeln!(out, "</testsuites>")?;
    Ok(())
}

/// The cases while they are gathered. A suite is that of a rule and tells its counts first, but findings
/// come by status: they are written to a file on the side, and put in order by copying parts of it.
struct Cases<'r> {
    report: &'r Report<dyn Findings>,
    file: BufWriter<File>,
    written: u64,
    suites: BTreeMap<RuleId, Suite>,
    all: Counts,
}

#[derive(Default)]
struct Suite {
    counts: Counts,
    /// Where its cases stand in the file: from, to.
    parts: Vec<(u64, u64)>,
}

impl<'r> Cases<'r> {
    fn new(report: &'r Report<dyn Findings>) -> io::Result<Self> {
        let file = BufWriter::new(tempfile::tempfile()?);
        Ok(Self { report, file, written: 0, suites: BTreeMap::new(), all: Counts::default() })
    }

    fn add(&mut self, finding: &Finding) -> io::Result<()> {
        let mut text = Vec::new();
        case(self.report, finding, &mut text)?;
        self.file.write_all(&text)?;
        let from = self.written;
        self.written += text.len() as u64;
        self.all.add(finding.standing());
        let suite = self.suites.entry(finding.rule.clone()).or_default();
        suite.counts.add(finding.standing());
        match suite.parts.last_mut() {
            Some((_, to)) if *to == from => *to = self.written,
            _ => suite.parts.push((from, self.written)),
        }
        Ok(())
    }

    fn copy(self, out: &mut dyn Write) -> io::Result<()> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        for (rule, gathered) in &self.suites {
            suite_head(self.report, rule, &gathered.counts, out)?;
            for (from, to) in &gathered.parts {
                file.seek(SeekFrom::Start(*from))?;
                io::copy(&mut (&file).take(to - from), out)?;
            }
            writeln!(out, "  </testsuite>")?;
        }
        Ok(())
    }
}

fn suite_head(
    report: &Report<dyn Findings>,
    rule: &RuleId,
    counts: &Counts,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        r#"  <testsuite name="{}" {counts} time="0" timestamp="{}">"#,
        Xml(rule.as_str()),
        report.scan.started_at.format("%Y-%m-%dT%H:%M:%S")
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
    writeln!(out, "    </properties>")
}

fn case(report: &Report<dyn Findings>, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
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
    let element = match finding.standing() {
        Standing::Failing => "failure",
        Standing::Unknown => "error",
        Standing::Passing => return writeln!(out, "/>"),
        Standing::Excepted => {
            let reason = finding.exception.as_ref().map_or("", |exception| &exception.reason);
            let message = format!("{}; accepted: {reason}", finding.message);
            writeln!(out, ">")?;
            writeln!(out, r#"      <skipped message="{}"/>"#, Xml(&message))?;
            return writeln!(out, "    </testcase>");
        }
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
fn body(report: &Report<dyn Findings>, finding: &Finding) -> Vec<String> {
    let resource = &finding.resource;
    let mut lines = vec![
        words::title(report, &finding.rule).to_owned(),
        format!("resource: {} in {}", resource.id, resource.region),
        format!("account: {}", overview::named(resource.scope.as_str(), &finding.scope_details)),
    ];
    lines.extend(finding.causes.iter().map(|cause| format!("unknown because {cause}")));
    for evidence in finding.evidence.iter() {
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

#[derive(Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Counts {
    fn add(&mut self, standing: Standing) {
        self.tests += 1;
        match standing {
            Standing::Failing => self.failures += 1,
            Standing::Unknown => self.errors += 1,
            Standing::Excepted => self.skipped += 1,
            Standing::Passing => {}
        }
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { tests, failures, errors, skipped } = self;
        write!(f, r#"tests="{tests}" failures="{failures}" errors="{errors}" skipped="{skipped}""#)
    }
}
