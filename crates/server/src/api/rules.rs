//! The catalog's rules, and how they fall.

use super::finding::{ControlName, Remedy, controls};
use super::operation::{Operation, Topic};
use super::parameter::{Kind, Parameter, severities};
use super::problem::{Answer, Problem};
use super::words::{Counts, SeverityWord};
use crate::filter::Filter;
use crate::pages::overview::rule_scores;
use crate::pages::rule::permissions;
use crate::pages::rules::is_wanted;
use crate::query::Query;
use crate::{Console, Viewer};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use stance_model::{RuleId, Score, VerdictStatus};
use std::collections::HashMap;

/// A rule in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Rule {
    /// Its id, for ever.
    id: String,
    /// What must hold.
    title: String,
    /// The service.
    service: String,
    /// The type that it judges.
    resource_type: String,
    /// How bad a failure is.
    severity: SeverityWord,
    /// Themes.
    categories: Vec<String>,
    /// How its findings count; null where it was not part of a run.
    counts: Option<Counts>,
}

/// Rules.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Rules {
    /// By id.
    rules: Vec<Rule>,
}

/// A rule with all of its text.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RuleInFull {
    /// As in lists.
    #[serde(flatten)]
    rule: Rule,
    /// What is wrong where it fails, and why that matters.
    rationale: String,
    /// Why that bad.
    severity_reason: Option<String>,
    /// How to mend a failure; text in braces stands for the resource's own values.
    remedy: Remedy,
    /// Pages of the provider's documentation.
    references: Vec<String>,
    /// Its expressions in CEL.
    expressions: Expressions,
    /// The permissions that it takes to judge.
    permissions: Vec<String>,
    /// Thresholds that users may set.
    parameters: Vec<RuleParameter>,
    /// Small estates with the verdict on each.
    examples: Vec<Example>,
    /// What other tools call the same condition.
    aliases: Vec<Alias>,
    /// The controls of benchmarks that it touches.
    controls: Vec<ControlName>,
}

/// A rule's expressions in CEL.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Expressions {
    /// Where false, the rule does not concern the resource.
    when: Option<String>,
    /// The list whose items are judged.
    each: Option<String>,
    /// The condition.
    pass: String,
}

/// A threshold that users may set.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RuleParameter {
    /// Its name.
    name: String,
    /// What it means.
    title: String,
    /// Its value unless set.
    default: Value,
}

/// A small estate with the verdict on it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Example {
    /// What it shows.
    name: String,
    /// The estate.
    given: Value,
    /// What the rule says of it.
    verdict: ExampleVerdict,
}

/// What a rule says of an example.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ExampleVerdict {
    /// The condition does not hold.
    Fail,
    /// The facts that would decide are missing.
    Unknown,
    /// The condition holds.
    Pass,
    /// The rule does not concern it.
    NotApplicable,
}

impl From<VerdictStatus> for ExampleVerdict {
    fn from(status: VerdictStatus) -> Self {
        match status {
            VerdictStatus::Fail => Self::Fail,
            VerdictStatus::Unknown => Self::Unknown,
            VerdictStatus::Pass => Self::Pass,
            VerdictStatus::NotApplicable => Self::NotApplicable,
        }
    }
}

/// What another tool calls the same condition.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Alias {
    /// The tool; `former` for Stance itself.
    tool: String,
    /// Its word.
    id: String,
}

pub(crate) fn operations() -> [Operation; 2] {
    let list = Operation::get(
        "/api/v1/rules",
        "listRules",
        Topic::Catalog,
        "Every rule, and how its findings count",
        list,
    )
    .takes([
        Parameter::query("q", Kind::Text, "words of the title or an id, another tool's too"),
        Parameter::query("service", Kind::Text, "the service, as `s3`"),
        Parameter::query("severity", severities(), "how bad a failure is"),
    ])
    .answers::<Rules>("the rules");
    let show =
        Operation::get("/api/v1/rules/{id}", "getRule", Topic::Catalog, "A rule with all of its text", show)
            .takes([Parameter::path("id", Kind::Text, "the rule's id")])
            .answers::<RuleInFull>("the rule")
            .refuses(StatusCode::NOT_FOUND, "there is no such rule");
    [list, show]
}

async fn scores(console: &Console, viewer: Viewer) -> Answer<HashMap<RuleId, Score>> {
    let scores = console.ask(move |_, facts, census| {
        Ok(rule_scores(census, &Filter::default().cells(census, facts, &viewer.visible)))
    });
    Ok(scores.await?)
}

fn listed(rule: &stance_catalog::Rule, scores: &HashMap<RuleId, Score>) -> Rule {
    Rule {
        id: rule.id.to_string(),
        title: rule.text.title.clone(),
        service: rule.service.clone(),
        resource_type: rule.text.resource.to_string(),
        severity: rule.text.severity.into(),
        categories: rule.text.categories.clone(),
        counts: scores.get(&rule.id).map(|score| score.verdicts.into()),
    }
}

async fn list(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    viewer: Viewer,
) -> Answer<Json<Rules>> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let scores = scores(&console, viewer).await?;
    let wanted = console.facts().catalog().rules().filter(|rule| is_wanted(rule, &query));
    let mut rules: Vec<Rule> = wanted.map(|rule| listed(rule, &scores)).collect();
    rules.sort_by(|left, right| left.id.cmp(&right.id));
    Ok(Json(Rules { rules }))
}

async fn show(
    State(console): State<Console>,
    Path(id): Path<String>,
    viewer: Viewer,
) -> Answer<Json<RuleInFull>> {
    let scores = scores(&console, viewer).await?;
    let facts = console.facts();
    let rule = facts.rule(&id).ok_or_else(|| Problem::missing("rule", &id))?;
    let text = &rule.text;
    Ok(Json(RuleInFull {
        rule: listed(rule, &scores),
        rationale: text.rationale.trim().to_owned(),
        severity_reason: text.severity_reason.clone(),
        remedy: text.remediation.clone().into(),
        references: text.references.clone(),
        expressions: Expressions {
            when: text.when.clone(),
            each: text.each.clone(),
            pass: text.pass.clone(),
        },
        permissions: permissions(facts.catalog(), rule),
        parameters: text
            .parameters
            .iter()
            .map(|(name, parameter)| RuleParameter {
                name: name.clone(),
                title: parameter.title.clone(),
                default: parameter.default.clone(),
            })
            .collect(),
        examples: text
            .examples
            .iter()
            .map(|example| Example {
                name: example.name.clone(),
                given: serde_json::to_value(&example.given).unwrap_or_default(),
                verdict: example.verdict.into(),
            })
            .collect(),
        aliases: text
            .aliases
            .all()
            .map(|(tool, id)| Alias { tool: tool.to_owned(), id: id.to_owned() })
            .collect(),
        controls: controls(rule.id.as_str(), facts),
    }))
}
