//! SARIF 2.1.0, for code-scanning hosts.
//!
//! A failing verdict is a result of kind `fail`, an unknown one of kind `open`; passes are left
//! out. Hosts demand a file for each result, and a cloud has none: the resource's own id becomes a
//! relative address, and the resource itself is the logical location.

use crate::gaps::{Gaps, gaps};
use crate::visit::each_element;
use crate::{WriteError, remediation, safe_json, words};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use stance_model::{
    Finding, Findings, Report, ResourceReference, RuleId, RuleSummary, Severity, VerdictStatus,
};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write;

pub(crate) fn write(report: &Report<dyn Findings>, out: &mut dyn Write) -> Result<(), WriteError> {
    safe_json::pretty(&Log { report, gaps: &gaps(report)? }, out)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// The document; its results are made one by one while they are written.
struct Log<'a> {
    report: &'a Report<dyn Findings>,
    gaps: &'a Gaps,
}

impl Serialize for Log<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Document<'a> {
            #[serde(rename = "$schema")]
            schema: &'static str,
            version: &'static str,
            runs: [SarifRun<'a>; 1],
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct SarifRun<'a> {
            tool: Value,
            automation_details: Value,
            invocations: [Value; 1],
            column_kind: &'static str,
            results: Results<'a>,
        }
        let report = self.report;
        let subject = match report.runs.as_slice() {
            [run] => run.scope.to_string(),
            _ => report.scan.organization.clone().unwrap_or_else(|| "accounts".into()),
        };
        Document {
            schema: "https://json.schemastore.org/sarif-2.1.0.json",
            version: "2.1.0",
            runs: [SarifRun {
                tool: json!({ "driver": {
                    "name": "Stance",
                    "version": report.scan.stance_version,
                    "rules": report.rules.iter().map(|(id, rule)| describe(id, rule)).collect::<Vec<_>>(),
                }}),
                automation_details: json!({
                    "id": format!("stance/{}/{}/", report.scan.provider, encoded(&subject)),
                }),
                invocations: [invocation(report, self.gaps)],
                column_kind: "unicodeCodePoints",
                results: Results { report },
            }],
        }
        .serialize(serializer)
    }
}

fn invocation(report: &Report<dyn Findings>, gaps: &Gaps) -> Value {
    let notifications: Vec<_> = gaps
        .operations
        .iter()
        .map(|gap| {
            json!({
                "level": "warning",
                "message": { "text": plain(&format!(
                    "{} answered {}: {} ({} left unknown)",
                    gap.operation, gap.code, gap.message, words::count(gap.verdicts, "verdict", "verdicts")
                )) },
            })
        })
        .collect();
    json!({
        "executionSuccessful": report.is_complete(),
        "startTimeUtc": report.scan.started_at,
        "endTimeUtc": report.scan.ended_at,
        "toolExecutionNotifications": notifications,
    })
}

fn describe(id: &RuleId, rule: &RuleSummary) -> Value {
    let mut help = format!("{}\n\n{}", rule.rationale.trim(), rule.remediation.text.trim());
    if let Some(cli) = &rule.remediation.cli {
        let _ = write!(help, "\n\n{}", cli.trim());
    }
    for reference in &rule.references {
        let _ = write!(help, "\n{reference}");
    }
    let mut tags = vec!["security".to_owned(), rule.service.clone()];
    tags.extend(rule.categories.iter().cloned());
    let mut described = json!({
        "id": id,
        "shortDescription": { "text": plain(&rule.title) },
        "fullDescription": { "text": plain(rule.rationale.trim()) },
        "help": { "text": plain(&help) },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": {
            "security-severity": security_severity(rule.severity),
            "precision": "very-high",
            "problem.severity": problem_severity(rule.severity),
            "tags": tags,
        },
    });
    if let (Some(page), Some(described)) =
        (rule.references.iter().find(|page| page.starts_with("https://")), described.as_object_mut())
    {
        described.insert("helpUri".into(), json!(page));
    }
    described
}

struct Results<'a> {
    report: &'a Report<dyn Findings>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let places: HashMap<&RuleId, usize> =
            self.report.rules.keys().enumerate().map(|(place, id)| (id, place)).collect();
        each_element(serializer, &self.report.findings, |finding| {
            matches!(finding.status, VerdictStatus::Fail | VerdictStatus::Unknown)
                .then(|| result(self.report, finding, places.get(&finding.rule)))
        })
    }
}

fn result(report: &Report<dyn Findings>, finding: &Finding, place: Option<&usize>) -> Value {
    let failed = finding.status == VerdictStatus::Fail;
    let mut text = plain(&finding.message);
    for cause in &finding.causes {
        let _ = write!(text, "\n{}", plain(&cause.to_string()));
    }
    if failed && let Some(rule) = words::summary(report, &finding.rule) {
        let _ = write!(text, "\n{}", plain(&remediation::fill(&rule.remediation.text, finding)));
    }
    let mut result = json!({
        "ruleId": finding.rule,
        "kind": if failed { "fail" } else { "open" },
        // the standard demands this level wherever the kind is not `fail`
        "level": if failed { level(finding.severity) } else { "none" },
        "message": { "text": text },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": address(&finding.resource) },
                "region": { "startLine": 1 },
            },
            "logicalLocations": [{
                "name": words::subject(finding),
                "fullyQualifiedName": finding.resource.id,
                "kind": "resource",
            }],
        }],
        "partialFingerprints": { "stanceFindingId/v1": finding.id },
        "properties": {
            "severity": finding.severity,
            "resourceType": finding.resource.resource_type,
            "region": finding.resource.region,
            "controls": finding.controls,
            "evidence": finding.evidence,
        },
    });
    if let (Some(place), Some(result)) = (place, result.as_object_mut()) {
        result.insert("ruleIndex".into(), json!(place));
    }
    if let (Some(exception), Some(result)) = (&finding.exception, result.as_object_mut()) {
        let justification = format!("{} ({})", exception.reason, exception.owner);
        let suppression = json!({
            "kind": "external",
            "status": "accepted",
            "justification": plain(&justification),
        });
        result.insert("suppressions".into(), json!([suppression]));
    }
    result
}

/// A relative address of a resource, in which no part of its id has a meaning of its own.
fn address(resource: &ResourceReference) -> String {
    format!(
        "{}/{}/{}/{}",
        resource.provider,
        encoded(resource.scope.as_str()),
        encoded(resource.region.as_str()),
        encoded(resource.id.as_str())
    )
}

fn encoded(text: &str) -> String {
    let mut address = String::with_capacity(text.len());
    // a part of dots alone would climb
    if text.chars().all(|c| c == '.') {
        address.push('_');
    }
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            address.push(char::from(byte));
        } else {
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address
}

/// Text of a message, in which `[words](address)` would be a link.
fn plain(text: &str) -> String {
    if text.contains("](") { text.replace('[', "\\[").replace(']', "\\]") } else { text.to_owned() }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

fn problem_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "recommendation",
    }
}

/// A number in the band that hosts show as the severity of the same name.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}
