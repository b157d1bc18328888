//! The findings as compact JSON for the page's script.
//!
//! A finding is an array (rule, status, severity, resource, item, message, more), its rule and
//! resource are places in arrays of their own, so that a hundred thousand findings stay small.
//! What only a failing or unknown finding needs is in `more`.

use super::value_text;
use crate::visit::each_element;
use crate::{overview, remediation, words};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};
use stance_model::{
    Evidence, Finding, Findings, Remediation, Report, ResourceId, RuleId, RuleSummary, Severity, Standing,
    VerdictStatus, printable,
};
use std::collections::{BTreeMap, HashMap};
use std::io;

/// How many findings the page holds at most: a browser has to hold them all at once.
const MOST: usize = 100_000;

pub(super) struct Data<'a> {
    report: &'a Report<dyn Findings>,
    rules: Vec<(RuleId, Option<&'a RuleSummary>)>,
    rule_places: HashMap<RuleId, usize>,
    resources: Vec<Value>,
    resource_places: HashMap<ResourceId, usize>,
}

impl<'a> Data<'a> {
    pub fn of(report: &'a Report<dyn Findings>) -> io::Result<Self> {
        // rules that findings speak of and the report does not describe are there by their ids
        let mut rules: BTreeMap<RuleId, Option<&RuleSummary>> = BTreeMap::new();
        let (mut resources, mut resource_places) = (Vec::new(), HashMap::new());
        let mut left = MOST;
        let many_scopes = overview::has_many_scopes(report);
        report.findings.each(&mut |finding| {
            if left == 0 {
                return Ok(());
            }
            left -= 1;
            if !rules.contains_key(&finding.rule) {
                rules.insert(finding.rule.clone(), report.rules.get(&finding.rule));
            }
            if !resource_places.contains_key(&finding.resource.id) {
                resource_places.insert(finding.resource.id.clone(), resources.len());
                resources.push(resource(finding, many_scopes));
            }
            Ok(())
        })?;
        let rules: Vec<_> = rules.into_iter().collect();
        let rule_places = rules.iter().enumerate().map(|(place, (id, _))| (id.clone(), place)).collect();
        Ok(Self { report, rules, rule_places, resources, resource_places })
    }

    fn finding(&self, finding: &Finding) -> Value {
        let status = match finding.standing() {
            Standing::Failing => 0,
            Standing::Unknown => 1,
            Standing::Passing => 2,
            Standing::Excepted => 3,
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
        if let Some(exception) = &finding.exception {
            let until = exception.until.map(|day| format!(" until {day}")).unwrap_or_default();
            let accepted = format!("{} ({}{until})", exception.reason, exception.owner);
            more.insert("accepted".into(), json!(printable(&words::one_line(&accepted))));
        }
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
        let mut data = serializer.serialize_struct("Data", 4)?;
        let rules: Vec<_> = self.rules.iter().map(|(id, summary)| rule(id, *summary)).collect();
        data.serialize_field("rules", &rules)?;
        data.serialize_field("resources", &self.resources)?;
        data.serialize_field("findings", &FirstFindings(self))?;
        data.serialize_field("left_out", &self.report.findings.count().saturating_sub(MOST))?;
        data.end()
    }
}

/// The findings that the page holds, made one by one while they are written.
struct FirstFindings<'d>(&'d Data<'d>);

impl Serialize for FirstFindings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut left = MOST;
        each_element(serializer, &self.0.report.findings, |finding| {
            left = left.checked_sub(1)?;
            Some(self.0.finding(finding))
        })
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

fn resource(finding: &Finding, many_scopes: bool) -> Value {
    let resource = &finding.resource;
    let mut parts = vec![
        printable(resource.id.as_str()).into_owned(),
        printable(&resource.name).into_owned(),
        printable(resource.resource_type.as_str()).into_owned(),
        printable(resource.region.as_str()).into_owned(),
    ];
    if many_scopes {
        let scope = overview::named(resource.scope.as_str(), &finding.scope_details);
        parts.push(printable(&scope).into_owned());
    }
    json!(parts)
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
