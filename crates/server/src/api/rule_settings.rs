//! What people set of a rule: off for all or in one benchmark, and its parameters.

use super::body;
use super::operation::{Operation, Topic};
use super::parameter::{Kind, Parameter};
use super::problem::Answer;
use crate::access::Writer;
use crate::rule_settings::{self, known};
use crate::{Console, Level};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What people have set of a rule.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RuleSettings {
    /// Where it is off.
    off: Vec<Off>,
    /// Parameters that differ from the catalog's, by name.
    parameters: BTreeMap<String, SetParameter>,
}

/// That a rule is off.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Off {
    /// In which benchmark; null where it is off for all.
    benchmark: Option<String>,
    /// Why.
    reason: String,
    /// Since when.
    at: DateTime<Utc>,
    /// Who did it, as they sign in.
    name: String,
}

/// A parameter that differs from the catalog's.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SetParameter {
    /// Its value.
    value: Value,
    /// Since when.
    at: DateTime<Utc>,
    /// Who set it, as they sign in.
    name: String,
}

/// Where a rule is to be off, and why.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SwitchOff {
    /// In which benchmark alone; for all unless said.
    #[serde(default)]
    benchmark: Option<String>,
    /// Why: 1 to 2000 characters.
    reason: String,
}

/// Where a rule is to be on again.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SwitchOn {
    /// In which benchmark it was off; for all unless said.
    #[serde(default)]
    benchmark: Option<String>,
}

/// Parameters by name with their values; null leaves one to the catalog, and what is not named stays.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct Parameters(BTreeMap<String, Value>);

pub(crate) fn operations() -> [Operation; 4] {
    let topic = Topic::Catalog;
    let show = Operation::get(
        "/api/v1/rules/{id}/settings",
        "getRuleSettings",
        topic,
        "What is set of a rule",
        show,
    );
    let switch_off =
        Operation::post("/api/v1/rules/{id}/switch-off", "switchRuleOff", topic, "Switch a rule off", switch_off)
            .told("Off for all, no run judges by it, and what it said last counts nowhere; in a benchmark, it does not count there.")
            .needs_everything(Level::Write)
            .demands::<SwitchOff>();
    let switch_on = Operation::post(
        "/api/v1/rules/{id}/switch-on",
        "switchRuleOn",
        topic,
        "Switch a rule on again",
        switch_on,
    )
    .told("What it said last counts again.")
    .needs_everything(Level::Write)
    .demands::<SwitchOn>();
    let set = Operation::post(
        "/api/v1/rules/{id}/parameters",
        "setRuleParameters",
        topic,
        "Set parameters of a rule",
        set_parameters,
    )
    .told("The next scan that is kept here takes them. All of them must fit, or none is set.")
    .needs_everything(Level::Write)
    .demands::<Parameters>();
    [show, switch_off, switch_on, set].map(|operation| {
        operation
            .takes([Parameter::path("id", Kind::Text, "the rule's id")])
            .answers::<RuleSettings>("what is set of it")
            .refuses(StatusCode::NOT_FOUND, "there is no such rule")
    })
}

async fn told(console: &Console, id: &str) -> Answer<Json<RuleSettings>> {
    let rule = known(console.facts(), id)?.id.as_str();
    let settings = console.look(stance_store::Store::rule_settings).await?;
    let off = settings.off(rule).iter().cloned();
    let off = off.map(|off| Off { benchmark: off.benchmark, reason: off.reason, at: off.at, name: off.name });
    let parameters = settings.parameters(rule).map(|(name, set)| {
        let stance_store::SetParameter { value, at, name: by } = set.clone();
        (name.to_owned(), SetParameter { value, at, name: by })
    });
    Ok(Json(RuleSettings { off: off.collect(), parameters: parameters.collect() }))
}

async fn show(State(console): State<Console>, Path(id): Path<String>) -> Answer<Json<RuleSettings>> {
    told(&console, &id).await
}

async fn switch_off(
    State(console): State<Console>,
    Path(id): Path<String>,
    writer: Writer,
    headers: HeaderMap,
    body: Body,
) -> Answer<Json<RuleSettings>> {
    let SwitchOff { benchmark, reason } = body::read(&headers, body).await?;
    rule_settings::switch_off(&console, &id, benchmark, &reason, writer.author.actor).await?;
    told(&console, &id).await
}

async fn switch_on(
    State(console): State<Console>,
    Path(id): Path<String>,
    writer: Writer,
    headers: HeaderMap,
    body: Body,
) -> Answer<Json<RuleSettings>> {
    let SwitchOn { benchmark } = body::read(&headers, body).await?;
    rule_settings::switch_on(&console, &id, benchmark, writer.author.actor).await?;
    told(&console, &id).await
}

async fn set_parameters(
    State(console): State<Console>,
    Path(id): Path<String>,
    writer: Writer,
    headers: HeaderMap,
    body: Body,
) -> Answer<Json<RuleSettings>> {
    let Parameters(values) = body::read(&headers, body).await?;
    let values = values.into_iter().map(|(name, value)| (name, Some(value).filter(|value| !value.is_null())));
    rule_settings::set_parameters(&console, &id, values.collect(), writer.author.actor).await?;
    told(&console, &id).await
}
