//! A finding in the Elastic Common Schema, with the fields of Elastic's own agent.

use super::FINDINGS;
use crate::change::Change;
use crate::describe::{About, change_members};
use serde_json::{Map, Value, json};
use stance_model::{ControlReference, Finding, Provider, RuleSummary, VerdictStatus};
use stance_report::remediation;

/// The finding as an event.
pub(super) fn event(
    about: &About<'_>,
    finding: &Finding,
    change: Option<Change>,
    id: &str,
    namespace: &str,
) -> Value {
    let scan = &about.report.scan;
    let at = scan.ended_at.to_rfc3339();
    let rule = about.report.rules.get(&finding.rule);
    let (evaluation, outcome) = match (finding.status, change) {
        // theirs knows two words only; what is counted by those two leaves others aside
        (_, Some(Change::Resolved)) => ("resolved", "unknown"),
        (VerdictStatus::Pass, _) => ("passed", "success"),
        (VerdictStatus::Fail, _) => ("failed", "failure"),
        (VerdictStatus::Unknown | VerdictStatus::NotApplicable, _) => ("unknown", "unknown"),
    };
    let title = rule.map_or(finding.rule.as_str(), |rule| &rule.title);
    json!({
        "@timestamp": at,
        "message": format!("Rule \"{title}\": {evaluation}"),
        "ecs": { "version": "8.6.0" },
        "data_stream": { "type": "logs", "dataset": FINDINGS, "namespace": namespace },
        "event": {
            "category": ["configuration"],
            "created": at,
            "dataset": FINDINGS,
            "id": id,
            "kind": "state",
            "outcome": outcome,
            "sequence": scan.started_at.timestamp(),
            "type": ["info"],
        },
        "observer": { "vendor": "Stance", "version": scan.stance_version },
        "cloud": cloud(about, finding),
        "resource": resource(finding),
        "related": { "entity": [finding.resource.id] },
        "result": {
            "evaluation": evaluation,
            "evidence": { "found": evidence(finding) },
        },
        "rule": self::rule(about, finding, rule, title),
        "stance": stance(about, finding, change),
    })
}

/// The values that decided, as one text: they are of any shape, and two shapes under one name would not fit
/// one mapping.
fn evidence(finding: &Finding) -> String {
    let found = finding.evidence.iter().map(|evidence| (evidence.path.clone(), evidence.value.clone()));
    Value::Object(found.collect::<Map<_, _>>()).to_string()
}

fn cloud(about: &About<'_>, finding: &Finding) -> Value {
    let details = &finding.scope_details;
    let provider = match finding.resource.provider {
        Provider::Aws => "aws",
    };
    let mut account = json!({ "id": finding.resource.scope });
    insert(&mut account, "name", details.name.as_deref());
    let mut cloud = json!({ "provider": provider, "account": account, "region": finding.resource.region });
    // the capital is theirs
    if let (Some(organization), Some(cloud)) = (&about.report.scan.organization, cloud.as_object_mut()) {
        cloud.insert("Organization".into(), json!({ "id": organization }));
    }
    cloud
}

fn resource(finding: &Finding) -> Value {
    let resource = &finding.resource;
    // theirs keeps the latest finding for each rule and resource, so that items must differ by it
    let id = finding
        .sub_key
        .as_ref()
        .map_or_else(|| resource.id.to_string(), |item| format!("{}#{item}", resource.id));
    let name = finding
        .sub_key
        .as_ref()
        .map_or_else(|| resource.name.clone(), |item| format!("{} {item}", resource.name));
    let kind = resource.resource_type.as_str();
    let mut described = json!({
        "id": id,
        "name": name,
        "type": kind.split("::").nth(1).unwrap_or(kind).to_lowercase(),
        "sub_type": kind,
        "region": resource.region,
        "account_id": resource.scope,
    });
    insert(&mut described, "account_name", finding.scope_details.name.as_deref());
    described
}

fn rule(about: &About<'_>, finding: &Finding, rule: Option<&RuleSummary>, title: &str) -> Value {
    // theirs has one benchmark for a rule, and its dashboards are those of CIS
    let control = finding.controls.iter().find(|control| control.benchmark.contains("-cis-"));
    let control = control.or(finding.controls.first());
    let known = control.and_then(|control| {
        about.report.benchmarks.iter().find(|benchmark| benchmark.id == control.benchmark)
    });
    let benchmark = control.map_or_else(own_benchmark, |control| {
        of_control(control, known.map_or(&control.benchmark, |benchmark| &benchmark.title))
    });
    let section = control.zip(known).and_then(|(control, benchmark)| {
        benchmark.controls.iter().find(|known| known.id == control.control).map(|known| &known.section)
    });
    let mut described = json!({
        "id": finding.rule,
        "uuid": finding.rule,
        "name": title,
        "benchmark": benchmark,
    });
    if let (Some(rule), Some(members)) = (rule, described.as_object_mut()) {
        let mending = remediation::fill_all(&rule.remediation, finding);
        let steps = [Some(mending.text), mending.console, mending.cli, mending.terraform];
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        members.insert("description".into(), line(&rule.rationale).into());
        members.insert("rationale".into(), line(&rule.rationale).into());
        members.insert(
            "remediation".into(),
            steps.into_iter().flatten().collect::<Vec<_>>().join("\n\n").into(),
        );
        members.insert("references".into(), rule.references.join("\n").into());
        members.insert("reference".into(), rule.references.first().cloned().into());
        members.insert("section".into(), section.unwrap_or(&rule.service).as_str().into());
        members.insert("tags".into(), json!(rule.categories));
        members.insert("version".into(), "1.0".into());
    }
    described
}

/// A control's benchmark under the name that their dashboards know: `aws-cis-3.0` is `cis_aws` in `v3.0`.
fn of_control(control: &ControlReference, title: &str) -> Value {
    let (name, version) = name_and_version(&control.benchmark);
    json!({
        "id": name,
        "name": title,
        "version": version,
        "rule_number": control.control,
        "posture_type": "cspm",
    })
}

/// The name and the version of a benchmark as theirs are written.
pub(super) fn name_and_version(benchmark: &str) -> (String, String) {
    let (name, version) = match benchmark.rsplit_once('-') {
        Some((name, version)) if version.starts_with(|c: char| c.is_ascii_digit()) => {
            (name, format!("v{version}"))
        }
        _ => (benchmark, "v1".to_owned()),
    };
    let name = match name.split_once('-') {
        Some((provider, "cis")) => format!("cis_{provider}"),
        _ => name.replace('-', "_"),
    };
    (name, version)
}

/// Where no benchmark asks for the rule.
fn own_benchmark() -> Value {
    json!({ "id": "stance", "name": "Stance catalog", "version": "v1", "posture_type": "cspm" })
}

/// What their schema has no place for.
fn stance(about: &About<'_>, finding: &Finding, change: Option<Change>) -> Value {
    let mut own = json!({
        "run_id": about.run.as_str(),
        "finding_id": finding.id,
        "status": finding.status,
        "severity": finding.severity,
        "accepted": finding.exception.is_some(),
        "message": finding.message,
        "controls": finding.controls.iter()
            .map(|control| format!("{} {}", control.benchmark, control.control)).collect::<Vec<_>>(),
        "causes": finding.causes.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    insert(&mut own, "sub_key", finding.sub_key.as_deref());
    if let Some(members) = own.as_object_mut() {
        members.extend(change_members(change));
    }
    own
}

fn insert(value: &mut Value, key: &str, text: Option<&str>) {
    if let (Some(members), Some(text)) = (value.as_object_mut(), text) {
        members.insert(key.to_owned(), text.into());
    }
}
