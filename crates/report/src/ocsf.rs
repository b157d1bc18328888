//! An array of OCSF Compliance Finding events (class 2003), one a line, for schema 1.3.0.
//!
//! A pass is reported as informational: the severity of a finding says how bad a failure would be,
//! and a lake of events sorted by severity must not put what is well above what is not.

use crate::{WriteError, remediation, safe_json, words};
use serde_json::{Value, json};
use stance_model::{Finding, Findings, Provider, Remediation, Report, ScopeId, Severity, VerdictStatus};
use std::collections::{BTreeSet, HashMap};
use std::io::Write;

const SCHEMA_VERSION: &str = "1.3.0";

pub(crate) fn write(report: &Report<dyn Findings>, out: &mut dyn Write) -> Result<(), WriteError> {
    out.write_all(b"[")?;
    let partitions: HashMap<&ScopeId, &str> =
        report.runs.iter().map(|run| (&run.scope, run.partition.as_str())).collect();
    let mut between: &[u8] = b"\n";
    report.findings.each(&mut |finding| {
        out.write_all(between)?;
        between = b",\n";
        let partition = partitions.get(&finding.resource.scope).copied().unwrap_or_default();
        Ok(safe_json::compact(&event(report, finding, partition), out)?)
    })?;
    out.write_all(b"\n]\n")?;
    Ok(())
}

/// The event of one finding.
pub(crate) fn event(report: &Report<dyn Findings>, finding: &Finding, partition: &str) -> Value {
    let rule = words::summary(report, &finding.rule);
    let scan = &report.scan;
    let (severity_id, severity) = severity(finding);
    let mut event = json!({
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "type_uid": 200_301,
        "type_name": "Compliance Finding: Create",
        "severity_id": severity_id,
        "severity": severity,
        "time": scan.ended_at.timestamp_millis(),
        "message": finding.message,
        "metadata": {
            "version": SCHEMA_VERSION,
            "profiles": ["cloud"],
            "product": {
                "name": "Stance",
                "vendor_name": "Stance",
                "version": scan.stance_version,
            },
        },
        "cloud": cloud(finding),
        "finding_info": {
            "uid": finding.id,
            "title": words::title(report, &finding.rule),
            "desc": words::one_line(rule.map_or("", |rule| &rule.rationale)),
            "types": rule.map_or(&[][..], |rule| &rule.categories),
            "analytic": { "uid": finding.rule, "name": finding.rule, "type": "Rule", "type_id": 1 },
            "last_seen_time": scan.ended_at.timestamp_millis(),
        },
        "compliance": compliance(report, finding),
        "resources": [{
            "uid": finding.resource.id,
            "name": finding.resource.name,
            "type": finding.resource.resource_type,
            "region": finding.resource.region,
            "cloud_partition": partition,
            "group": { "name": rule.map_or("", |rule| &rule.service) },
        }],
    });
    if let Some(event) = event.as_object_mut() {
        let mut filled = None;
        // what holds needs no mending, and most findings hold
        if finding.status != VerdictStatus::Pass {
            let (status_id, status) =
                if finding.exception.is_some() { (3, "Suppressed") } else { (1, "New") };
            event.insert("status_id".into(), status_id.into());
            event.insert("status".into(), status.into());
            if let Some(exception) = &finding.exception {
                event.insert("comment".into(), exception.reason.as_str().into());
            }
            if let Some(rule) = rule {
                let remediation = remediation::fill_all(&rule.remediation, finding);
                event.insert(
                    "remediation".into(),
                    json!({ "desc": words::one_line(&remediation.text), "references": rule.references }),
                );
                filled = Some(remediation);
            }
        }
        event.insert("unmapped".into(), unmapped(finding, filled.as_ref()));
    }
    event
}

/// What Stance knows and the class has no place for.
fn unmapped(finding: &Finding, remediation: Option<&Remediation>) -> Value {
    let parts = [
        ("severity", Some(json!(finding.severity))),
        ("scope_tags", (!finding.scope_details.tags.is_empty()).then(|| json!(finding.scope_details.tags))),
        ("exception", finding.exception.as_ref().map(|it| json!(it))),
        ("sub_key", finding.sub_key.as_ref().map(|item| json!(item))),
        ("evidence", (!finding.evidence.is_empty()).then(|| json!(finding.evidence))),
        ("causes", (!finding.causes.is_empty()).then(|| json!(finding.causes))),
        ("cli", remediation.and_then(|it| it.cli.as_ref()).map(|text| json!(text))),
        ("terraform", remediation.and_then(|it| it.terraform.as_ref()).map(|text| json!(text))),
        ("console", remediation.and_then(|it| it.console.as_ref()).map(|text| json!(text))),
    ];
    parts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn cloud(finding: &Finding) -> Value {
    let (provider, account_type, type_id) = match finding.resource.provider {
        Provider::Aws => ("AWS", "AWS Account", 10),
    };
    let details = &finding.scope_details;
    let mut account = json!({ "uid": finding.resource.scope, "type": account_type, "type_id": type_id });
    if let (Some(account), Some(name)) = (account.as_object_mut(), &details.name) {
        account.insert("name".into(), json!(name));
    }
    let mut cloud = json!({
        "provider": provider,
        "region": finding.resource.region,
        "account": account,
    });
    if let (Some(cloud), Some(unit)) = (cloud.as_object_mut(), details.path.last()) {
        cloud.insert("org".into(), json!({ "ou_name": unit.name, "ou_uid": unit.id }));
    }
    cloud
}

fn compliance(report: &Report<dyn Findings>, finding: &Finding) -> Value {
    let (status_id, status) = match finding.status {
        VerdictStatus::Pass => (1, "Pass"),
        VerdictStatus::Fail => (3, "Fail"),
        VerdictStatus::Unknown | VerdictStatus::NotApplicable => (0, "Unknown"),
    };
    let mut standards: BTreeSet<&str> =
        finding.controls.iter().map(|control| benchmark(report, &control.benchmark)).collect();
    if standards.is_empty() {
        // the schema demands a standard, and the catalog is the one that was applied
        standards.insert("Stance catalog");
    }
    let requirements: Vec<_> = finding
        .controls
        .iter()
        .map(|control| format!("{}: {}", benchmark(report, &control.benchmark), control.control))
        .collect();
    let causes: Vec<_> = finding.causes.iter().map(ToString::to_string).collect();
    let detail = if causes.is_empty() { finding.message.to_string() } else { causes.join("; ") };
    json!({
        "control": finding.rule,
        "standards": standards,
        "requirements": requirements,
        "status_id": status_id,
        "status": status,
        "status_code": finding.status,
        "status_detail": detail,
    })
}

fn benchmark<'a>(report: &'a Report<dyn Findings>, id: &'a str) -> &'a str {
    report.benchmarks.iter().find(|known| known.id == id).map_or(id, |known| &known.title)
}

fn severity(finding: &Finding) -> (u8, &'static str) {
    if finding.status == VerdictStatus::Pass {
        return (1, "Informational");
    }
    match finding.severity {
        Severity::Info => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}
