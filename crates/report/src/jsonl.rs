//! JSON lines: first one of `"kind": "run"` with the scan and its scores, then one of
//! `"kind": "finding"` for each finding, each complete in itself so that a reader can stream them.

use crate::{WriteError, remediation, safe_json, words};
use serde::Serialize;
use stance_model::{BenchmarkResult, Finding, Remediation, Report, Run, Score, VerdictStatus};
use std::collections::BTreeMap;
use std::io::Write;

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a> {
    Run {
        version: u32,
        run: &'a Run,
        score: Score,
        services: &'a BTreeMap<String, Score>,
        benchmarks: &'a [BenchmarkResult],
        findings: usize,
    },
    Finding(FindingLine<'a>),
}

#[derive(Serialize)]
struct FindingLine<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    categories: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    remediation: Option<Remediation>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    references: &'a [String],
}

pub(crate) fn write(report: &Report, out: &mut dyn Write) -> Result<(), WriteError> {
    line(
        &Line::Run {
            version: report.version,
            run: &report.run,
            score: report.score,
            services: &report.services,
            benchmarks: &report.benchmarks,
            findings: report.findings.len(),
        },
        out,
    )?;
    for finding in &report.findings {
        let rule = words::summary(report, &finding.rule);
        line(
            &Line::Finding(FindingLine {
                finding,
                title: words::title(report, &finding.rule),
                service: rule.map(|rule| rule.service.as_str()),
                categories: rule.map_or(&[], |rule| &rule.categories),
                // what holds needs no mending, and most findings hold
                remediation: rule
                    .filter(|_| finding.status != VerdictStatus::Pass)
                    .map(|rule| remediation::fill_all(&rule.remediation, finding)),
                references: rule.map_or(&[], |rule| &rule.references),
            }),
            out,
        )?;
    }
    Ok(())
}

fn line(line: &Line<'_>, out: &mut dyn Write) -> Result<(), WriteError> {
    safe_json::compact(line, out)?;
    out.write_all(b"\n")?;
    Ok(())
}
