//! JSON lines: first one of `"kind": "scan"` with the scan, its runs and its scores, then one of
//! `"kind": "finding"` for each finding, each complete in itself so that a reader can stream them.

use crate::{WriteError, remediation, safe_json, words};
use serde::Serialize;
use stance_model::{
    BenchmarkResult, Finding, Findings, Remediation, Report, Run, Scan, ScopeId, Score, UnscannedScope,
    VerdictStatus,
};
use std::collections::BTreeMap;
use std::io::{self, Write};

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a> {
    Scan {
        version: u32,
        scan: &'a Scan,
        runs: &'a [Run],
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        unscanned: &'a [UnscannedScope],
        score: Score,
        scopes: &'a BTreeMap<ScopeId, Score>,
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

pub(crate) fn write(report: &Report<dyn Findings>, out: &mut dyn Write) -> Result<(), WriteError> {
    line(
        &Line::Scan {
            version: report.version,
            scan: &report.scan,
            runs: &report.runs,
            unscanned: &report.unscanned,
            score: report.score,
            scopes: &report.scopes,
            services: &report.services,
            benchmarks: &report.benchmarks,
            findings: report.findings.count(),
        },
        out,
    )?;
    report.findings.each(&mut |finding| line(&finding_line(report, finding), out))?;
    Ok(())
}

/// The line of one finding.
pub(crate) fn finding_line<'a>(
    report: &'a Report<dyn Findings>,
    finding: &'a Finding,
) -> impl Serialize + use<'a> {
    let rule = words::summary(report, &finding.rule);
    Line::Finding(FindingLine {
        finding,
        title: words::title(report, &finding.rule),
        service: rule.map(|rule| rule.service.as_str()),
        categories: rule.map_or(&[], |rule| &rule.categories),
        // what holds needs no mending, and most findings hold
        remediation: rule
            .filter(|_| finding.status != VerdictStatus::Pass)
            .map(|rule| remediation::fill_all(&rule.remediation, finding)),
        references: rule.map_or(&[], |rule| &rule.references),
    })
}

fn line<T: Serialize>(line: &T, out: &mut dyn Write) -> io::Result<()> {
    safe_json::compact(line, out)?;
    out.write_all(b"\n")?;
    Ok(())
}
