//! What people set of a rule: off for all or in one benchmark, and its parameters.

use super::exceptions::may_write;
use super::layout::form_token;
use crate::Console;
use crate::access::{Form, Writer};
use crate::error::{PageError, PageResult};
use crate::facts::Facts;
use crate::parts::time;
use crate::query::{Query, segment};
use crate::rule_settings;
use crate::viewer::{Viewer, Visible};
use axum::extract::{Path, State};
use axum::response::Redirect;
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use serde_json::Value;
use stance_catalog::Rule;
use stance_store::{Off, RuleSettings};
use std::collections::BTreeMap;

/// What is set of a rule, and the forms that change it for whoever may.
pub(super) fn show(
    rule: &Rule,
    settings: &RuleSettings,
    facts: &Facts,
    viewer: &Viewer,
    now: DateTime<Utc>,
) -> Markup {
    let id = rule.id.as_str();
    // it concerns everybody's accounts
    let token = may_write(viewer).filter(|_| viewer.visible == Visible::All);
    let offs = settings.off(id);
    html! {
        @for off in offs { (told(id, off, facts, token, now)) }
        @if may_write(viewer).is_some() {
            p { a href={ (Query::default().set("rule", id).address("/exceptions")) "#new" } { "Accept what it finds, where and why you say" } }
        }
        @if let Some(token) = token {
            section #settings {
                @if !settings.is_off(id) { (switch(rule, settings, facts, token)) }
                @if !rule.text.parameters.is_empty() { (parameters(rule, settings, token)) }
            }
        }
    }
}

fn told(rule: &str, off: &Off, facts: &Facts, token: Option<&str>, now: DateTime<Utc>) -> Markup {
    html! {
        div.notice {
            p { "Off "
                @match &off.benchmark {
                    None => { b { "for all" } ": no run judges by it, and what it said last counts nowhere" },
                    Some(benchmark) => { "in " b { (facts.benchmark(benchmark).map_or(benchmark.as_str(), |held| &held.title)) } },
                }
                ", since " (time::ago(off.at, now)) " by " (off.name) ": " (off.reason)
            }
            @if let Some(token) = token {
                form method="post" action={ "/rules/" (segment(rule)) "/switch" } {
                    (form_token(token))
                    input type="hidden" name="to" value="on";
                    input type="hidden" name="benchmark" value=(off.benchmark.as_deref().unwrap_or_default());
                    button.small type="submit" { "Switch it on again" }
                }
            }
        }
    }
}

fn switch(rule: &Rule, settings: &RuleSettings, facts: &Facts, token: &str) -> Markup {
    let id = rule.id.as_str();
    let mut benchmarks: Vec<&str> = facts.places(id).iter().map(|place| place.benchmark.as_str()).collect();
    benchmarks.dedup();
    benchmarks.retain(|benchmark| !settings.is_off_in(id, benchmark));
    html! {
        details.part.act {
            summary { span { "Switch it off" } }
            form.stack method="post" action={ "/rules/" (segment(id)) "/switch" } {
                (form_token(token))
                input type="hidden" name="to" value="off";
                label { span { "Where" } select name="benchmark" {
                    option value="" { "for all: no run judges by it" }
                    @for benchmark in benchmarks {
                        option value=(benchmark) { "only in " (facts.benchmark(benchmark).map_or(benchmark, |held| &held.title)) }
                    }
                } }
                label { span { "Reason" } textarea name="reason" rows="2" maxlength="2000" required {} }
                div.buttons { button type="submit" { "Switch off" } }
            }
        }
    }
}

fn parameters(rule: &Rule, settings: &RuleSettings, token: &str) -> Markup {
    let set: BTreeMap<&str, _> = settings.parameters(rule.id.as_str()).collect();
    html! {
        details.part.act {
            summary { span { "Set its parameters" } }
            form.stack method="post" action={ "/rules/" (segment(rule.id.as_str())) "/parameters" } {
                (form_token(token))
                @for (name, parameter) in &rule.text.parameters {
                    @let held = set.get(name.as_str());
                    label {
                        span { (parameter.title) " (" code { (name) } "); " (written(&parameter.default)) " unless set"
                            @if let Some(held) = held { "; set by " (held.name) } }
                        input name={ "parameter." (name) } value=[held.map(|held| written(&held.value))] placeholder=(written(&parameter.default)) autocomplete="off" spellcheck="false";
                    }
                }
                p.soft { "Taken by the next scan that is kept here. Of a list, values with commas between. An empty field leaves it to the catalog." }
                div.buttons { button type="submit" { "Save" } }
            }
        }
    }
}

/// A value as people write it.
pub(super) fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(written).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// Switches a rule off or on.
pub(crate) async fn switch_it(
    State(console): State<Console>,
    Path(id): Path<String>,
    writer: Writer,
    Form(form): Form,
) -> PageResult<Redirect> {
    let benchmark = Some(form.text("benchmark").to_owned()).filter(|benchmark| !benchmark.is_empty());
    let actor = writer.author.actor;
    match form.text("to") {
        "off" => rule_settings::switch_off(&console, &id, benchmark, form.text("reason"), actor).await?,
        "on" => rule_settings::switch_on(&console, &id, benchmark, actor).await?,
        other => return Err(PageError::Bad(format!("a rule is switched `on` or `off`, not `{other}`"))),
    }
    Ok(Redirect::to(&format!("/rules/{}", segment(&id))))
}

/// Sets the parameters of a rule.
pub(crate) async fn set_parameters(
    State(console): State<Console>,
    Path(id): Path<String>,
    writer: Writer,
    Form(form): Form,
) -> PageResult<Redirect> {
    let rule = rule_settings::known(console.facts(), &id)?;
    let mut values = Vec::new();
    for (name, parameter) in &rule.text.parameters {
        let text = form.text(&format!("parameter.{name}")).trim();
        let value = match text {
            "" => None,
            text => {
                Some(parameter.read(text).map_err(|problem| PageError::Bad(format!("{name}: {problem}")))?)
            }
        };
        values.push((name.clone(), value));
    }
    rule_settings::set_parameters(&console, &id, values, writer.author.actor).await?;
    Ok(Redirect::to(&format!("/rules/{}", segment(&id))))
}
