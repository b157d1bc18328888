//! The findings as compact JSON for the page's script.
//!
//! A finding is an array (rule, status, severity, resource, item, message, more), its rule and
//! resource are places in arrays of their own, so that a hundred thousand findings stay small.
//! What only a failing or unknown finding needs is in `more`.

use super::value_text;
use crate::{remediation, words};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};
use stance_model::{
    Evidence, Finding, Remediation, Report, ResourceId, ResourceReference, RuleId, RuleSummary, Severity,
    VerdictStatus, printable,
};
use std::collections::{BTreeMap, HashMap};

pub(super) struct Data<'a> {
    report: &'a Report,
    rules: Vec<(&'a RuleId, Option<&'a RuleSummary>)>,
    rule_places: HashMap<&'a RuleId, usize>,
    resources: Vec<&'a ResourceReference>,
    resource_places: HashMap<&'a ResourceId, usize>,
}

impl<'a> Data<'a> {
    pub fn of(report: &'a Report) -> Self {
        // rules that findings speak of and the report does not describe are there by their ids
        let rules: BTreeMap<_, _> =
            report.findings.iter().map(|finding| (&finding.rule, report.rules.get(&finding.rule))).collect();
        let rules: Vec<_> = rules.into_iter().collect();
        let rule_places = rules.iter().enumerate().map(|(place, (id, _))| (*id, place)).collect();
        let mut resources = Vec::new();
        let mut resource_places = HashMap::new();
        for finding in &report.findings {
            resource_places.entry(&finding.resource.id).or_insert_with(|| {
                resources.push(&finding.resource);
                resources.len() - 1
            });
        }
        Self { report, rules, rule_places, resources, resource_places }
    }

    fn finding(&self, finding: &Finding) -> Value {
        let status = match finding.status {
            VerdictStatus::Fail => 0,
            VerdictStatus::Unknown => 1,
            VerdictStatus::Pass | VerdictStatus::NotApplicable => 2,
        };
        let severity = Severity::WORST_FIRST.iter().position(|it| *it == finding.severity);
        let mut parts = vec![
            json!(self.rule_places.get(&finding.rule)),
            json!(status),
            json!(severity),
            json!(self.resource_places.get(&finding.resource.id)),
            finding.sub_key.as_deref().map_or(json!(0), |item| json!(printable(item))),
            json!(printable(&finding.message)),
        ];
        if finding.status != VerdictStatus::Pass {
            parts.push(self.more(finding));
        }
        Value::Array(parts)
    }

    fn more(&self, finding: &Finding) -> Value {
        let mut more = Map::new();
        more.insert("id".into(), json!(finding.id));
        let mut list = |name: &str, values: Vec<Value>| {
            if !values.is_empty() {
                more.insert(name.into(), Value::Array(values));
            }
        };
        list("evidence", finding.evidence.iter().map(|it| evidence(it)).collect());
        list("causes", finding.causes.iter().map(|it| json!(printable(&it.to_string()))).collect());
        list(
            "controls",
            finding
                .controls
                .iter()
                .map(|it| json!(printable(&format!("{} {}", it.benchmark, it.control))))
                .collect(),
        );
        if finding.status == VerdictStatus::Fail
            && let Some(rule) = self.report.rules.get(&finding.rule)
        {
            let filled = remediation::fill_all(&rule.remediation, finding);
            let differs = difference(&filled, &rule.remediation);
            if !differs.is_empty() {
                more.insert("fix".into(), Value::Object(differs));
            }
        }
        Value::Object(more)
    }
}

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut data = serializer.serialize_struct("Data", 3)?;
        let rules: Vec<_> = self.rules.iter().map(|(id, summary)| rule(id, *summary)).collect();
        data.serialize_field("rules", &rules)?;
        data.serialize_field("resources", &Each(|| self.resources.iter().map(|it| resource(it))))?;
        data.serialize_field("findings", &Each(|| self.report.findings.iter().map(|it| self.finding(it))))?;
        data.end()
    }
}

/// A list whose elements are made one by one while they are written.
struct Each<F>(F);

impl<F: Fn() -> I, I: Iterator<Item: Serialize>> Serialize for Each<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

fn rule(id: &RuleId, summary: Option<&RuleSummary>) -> Value {
    let text = |text: fn(&RuleSummary) -> &str| {
        summary.map(|summary| printable(&words::one_line(text(summary))).into_owned())
    };
    json!({
        "id": printable(id.as_str()),
        "title": text(|rule| &rule.title).unwrap_or_else(|| printable(id.as_str()).into_owned()),
        "service": text(|rule| &rule.service).unwrap_or_default(),
        "rationale": text(|rule| &rule.rationale).unwrap_or_default(),
        "fix": summary.map(|rule| difference(&rule.remediation, &Remediation::default())),
    })
}

fn resource(resource: &ResourceReference) -> Value {
    json!([
        printable(resource.id.as_str()),
        printable(&resource.name),
        printable(resource.resource_type.as_str()),
        printable(resource.region.as_str()),
    ])
}

fn evidence(evidence: &Evidence) -> Value {
    json!([
        printable(&evidence.path),
        value_text(&evidence.value),
        printable(&evidence.operation),
        evidence.read_at.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
    ])
}

/// The parts in which a remediation differs from another.
fn difference(remediation: &Remediation, other: &Remediation) -> Map<String, Value> {
    let parts = [
        ("text", Some(&remediation.text), Some(&other.text)),
        ("cli", remediation.cli.as_ref(), other.cli.as_ref()),
        ("terraform", remediation.terraform.as_ref(), other.terraform.as_ref()),
        ("console", remediation.console.as_ref(), other.console.as_ref()),
    ];
    parts
        .into_iter()
        .filter(|(_, ours, theirs)| ours != theirs)
        .filter_map(|(name, ours, _)| Some((name.to_owned(), json!(super::lines(ours?)))))
        .collect()
}
