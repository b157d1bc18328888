//! A finding in the AWS Security Finding Format, version 2018-10-08. Lengths are counted in characters, and
//! are those of AWS's documentation of the format.

use super::resource_types;
use crate::change::Change;
use crate::describe::About;
use serde_json::{Map, Value, json};
use stance_model::{Finding, Severity, Standing, VerdictStatus};

const SCHEMA_VERSION: &str = "2018-10-08";
/// The member that names the account.
pub(super) const ACCOUNT: &str = "AwsAccountId";
/// What kind of finding it is, in their taxonomy.
const TYPE: &str = "Software and Configuration Checks/AWS Security Best Practices";
const LONGEST_TITLE: usize = 256;
const LONGEST_DESCRIPTION: usize = 1024;
const LONGEST_ID: usize = 512;
const LONGEST_RECOMMENDATION: usize = 512;
const LONGEST_REQUIREMENT: usize = 64;
const LONGEST_FIELD: usize = 2048;
const MOST_REQUIREMENTS: usize = 32;

/// The finding, but for the product, which only who is signed in knows.
pub(super) fn finding(about: &About<'_>, finding: &Finding, change: Option<Change>) -> Value {
    let rule = about.report.rules.get(&finding.rule);
    let (compliance, is_archived) = standing(finding, change);
    let label = if compliance == "PASSED" { "INFORMATIONAL" } else { label(finding.severity) };
    let severity = json!({ "Label": label, "Original": finding.severity.as_str() });
    let requirements: Vec<String> = finding
        .controls
        .iter()
        .take(MOST_REQUIREMENTS)
        .map(|control| cut(&format!("{}/{}", control.benchmark, control.control), LONGEST_REQUIREMENT))
        .collect();
    let time =
        |time: chrono::DateTime<chrono::Utc>| time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let suppressed = finding.exception.is_some();
    let mut document = json!({
        "SchemaVersion": SCHEMA_VERSION,
        "Id": finding.id.as_str(),
        "GeneratorId": cut(finding.rule.as_str(), LONGEST_ID),
        ACCOUNT: finding.resource.scope.as_str(),
        "Types": [TYPE],
        "CreatedAt": time(about.report.scan.started_at),
        "UpdatedAt": time(about.report.scan.ended_at),
        "Severity": severity,
        "FindingProviderFields": { "Severity": severity, "Types": [TYPE] },
        "Title": cut(rule.map_or(finding.rule.as_str(), |rule| &rule.title), LONGEST_TITLE),
        "Description": cut(if finding.message.is_empty() { finding.rule.as_str() } else { &finding.message }, LONGEST_DESCRIPTION),
        "Resources": [resource(finding)],
        "Compliance": { "Status": compliance },
        "Workflow": { "Status": if suppressed { "SUPPRESSED" } else { "NEW" } },
        "RecordState": if is_archived { "ARCHIVED" } else { "ACTIVE" },
        "ProductFields": fields(about, finding),
    });
    if let Some(compliance) = document.get_mut("Compliance").and_then(Value::as_object_mut)
        && !requirements.is_empty()
    {
        compliance.insert("RelatedRequirements".into(), json!(requirements));
    }
    if let Some(rule) = rule {
        let mut recommendation = Map::new();
        if !rule.remediation.text.is_empty() {
            recommendation.insert("Text".into(), cut(&rule.remediation.text, LONGEST_RECOMMENDATION).into());
        }
        if let Some(link) = rule.references.first().filter(|link| link.starts_with("https://")) {
            recommendation.insert("Url".into(), cut(link, LONGEST_ID).into());
        }
        if let Some(members) = document.as_object_mut().filter(|_| !recommendation.is_empty()) {
            members.insert("Remediation".into(), json!({ "Recommendation": recommendation }));
        }
    }
    document
}

/// What of compliance it says, and whether it is archived: what holds or is gone is no one's work any more.
fn standing(finding: &Finding, change: Option<Change>) -> (&'static str, bool) {
    if change == Some(Change::Resolved) {
        return ("NOT_AVAILABLE", true);
    }
    match (finding.status, finding.standing()) {
        (VerdictStatus::NotApplicable, _) => ("NOT_AVAILABLE", true),
        (_, Standing::Passing) => ("PASSED", true),
        (VerdictStatus::Unknown, _) => ("WARNING", false),
        _ => ("FAILED", false),
    }
}

fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "INFORMATIONAL",
        Severity::Low => "LOW",
        Severity::Medium => "MEDIUM",
        Severity::High => "HIGH",
        Severity::Critical => "CRITICAL",
    }
}

fn resource(finding: &Finding) -> Value {
    let resource = &finding.resource;
    let mut part = json!({
        "Type": resource_types::of(resource.resource_type.as_str()),
        "Id": cut(resource.id.as_str(), LONGEST_ID),
    });
    // a resource of a whole account is in no region
    let region = Some(resource.region.as_str()).filter(|region| region.contains('-'));
    if let (Some(members), Some(region)) = (part.as_object_mut(), region) {
        members.insert("Region".into(), region.into());
    }
    part
}

/// What the format has no place for.
fn fields(about: &About<'_>, finding: &Finding) -> Value {
    let mut fields = Map::new();
    let mut add = |name: &str, text: &str| {
        if !text.is_empty() {
            fields.insert(name.to_owned(), cut(text, LONGEST_FIELD).into());
        }
    };
    add("ProviderName", "Stance");
    add("ProviderVersion", &about.report.scan.stance_version);
    add("stance/Account", finding.resource.scope.as_str());
    add("stance/ResourceType", finding.resource.resource_type.as_str());
    add("stance/Item", finding.sub_key.as_deref().unwrap_or_default());
    if let Some(exception) = &finding.exception {
        add("stance/AcceptedBy", &exception.owner);
        add("stance/AcceptedBecause", &exception.reason);
    }
    Value::Object(fields)
}

/// Says of which account and product it is. Where all goes to one account, it must bear that one's number;
/// the one that was scanned stays in the product's fields.
pub(super) fn address(finding: &mut Value, partition: &str, region: &str, account: &str) {
    let product = format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default");
    if let Some(members) = finding.as_object_mut() {
        members.insert(ACCOUNT.to_owned(), account.into());
        members.insert("ProductArn".to_owned(), product.into());
    }
    let resources = finding.get_mut("Resources").and_then(Value::as_array_mut);
    for resource in resources.into_iter().flatten().filter_map(Value::as_object_mut) {
        resource.insert("Partition".to_owned(), partition.into());
    }
}

/// The id by which an answer speaks of it.
pub(super) fn id(finding: &Value) -> &str {
    finding.get("Id").and_then(Value::as_str).unwrap_or_default()
}

/// Whether it says that nothing is to be done.
pub(super) fn is_archived(finding: &Value) -> bool {
    finding.get("RecordState").and_then(Value::as_str) == Some("ARCHIVED")
}

fn cut(text: &str, longest: usize) -> String {
    text.chars().take(longest).collect()
}
