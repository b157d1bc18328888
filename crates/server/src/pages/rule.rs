//! A rule: its text, its condition, its examples, and where it fails.

use super::finding::reference;
use super::layout::{Part, page};
use super::overview::rule_scores;
use super::rule_settings;
use crate::Console;
use crate::dimension::Dimension;
use crate::error::{PageError, PageResult};
use crate::filter::Filter;
use crate::grouping::groups;
use crate::parts::prose::prose;
use crate::parts::score::{bar, count};
use crate::parts::tag;
use crate::query::{Query, segment};
use crate::viewer::Viewer;
use axum::extract::{Path, State};
use maud::{Markup, html};
use stance_catalog::{Plan, Rule};

pub(crate) async fn show(
    State(console): State<Console>,
    Path(id): Path<String>,
    viewer: Viewer,
) -> PageResult<Markup> {
    let missing = || PageError::NotFound(format!("there is no rule `{id}`"));
    let rule = console.facts().rule(&id).ok_or_else(missing)?;
    let (visible, asked) = (viewer.visible.clone(), rule.id.clone());
    let (score, accounts, settings) = console
        .ask(move |_, facts, census| {
            let mut filter = Filter::default();
            filter.wanted.insert(Dimension::Rule, [asked.to_string()].into());
            let cells = filter.cells(census, facts, &visible);
            let score = rule_scores(census, &cells).get(&asked).copied();
            let accounts = groups(&cells, &[Dimension::Account], census, facts);
            let accounts: Vec<_> = accounts
                .into_iter()
                .filter(|group| group.score.failed > 0)
                .map(|group| {
                    (Dimension::Account.show(&group.value, census, facts, &visible).into_owned(), group)
                })
                .collect();
            Ok((score, accounts, census.settings.clone()))
        })
        .await?;
    let facts = console.facts();
    let text = &rule.text;
    let content = html! {
        nav.crumbs aria-label="Path" {
            a href="/rules" { "Rules" } " › " a href=(Query::default().set("service", rule.service.as_str()).address("/rules")) { (rule.service) }
        }
        header.title {
            p.tags { (tag::severity(text.severity)) @for category in &text.categories { span.chip { (category) } } }
            h1 { (text.title) }
            p.soft.name { (rule.id) }
        }
        (rule_settings::show(rule, &settings, facts, &viewer, console.now()))
        section.split {
            div {
                @for paragraph in text.rationale.trim().split("\n\n") { p { (prose(paragraph)) } }
                @if let Some(reason) = &text.severity_reason { p.soft { (prose(reason)) } }
            }
            @if let Some(score) = &score {
                div.card {
                    (bar(&score.verdicts))
                    p { a href=(Query::default().set("rule", rule.id.as_str()).set("status", "failed").address("/findings")) { (count(score.verdicts.failed)) " failed" }
                        ", " (count(score.verdicts.unknown)) " unknown, " (count(score.verdicts.passed)) " passed" }
                }
            }
        }
        @if !accounts.is_empty() {
            section { h2 { "Where it fails" } div.scroll { table {
                thead { tr { th { "Account" } th.n { "Failed" } } }
                tbody { @for (shown, group) in accounts.iter().take(20) {
                    @let href = Query::default().set("rule", rule.id.as_str()).set("status", "failed").set("account", group.value.as_str()).address("/findings");
                    tr data-href=(href) { td { a href=(href) { (shown) } } td.n { (count(group.score.failed)) } }
                } }
            } } }
        }
        section {
            h2 { "How to mend it" }
            p { (prose(&text.remediation.text)) }
            @for (title, body) in [("Command line", &text.remediation.cli), ("Terraform", &text.remediation.terraform)] {
                @if let Some(body) = body { h3 { (title) } pre.command { code { (body.trim()) } } }
            }
            @if let Some(console) = &text.remediation.console { h3 { "Console" } p { (prose(console)) } }
        }
        section {
            h2 { "How it judges" }
            p { "It is about each " code { (text.resource) } "." }
            @for (title, expression) in [("when", &text.when), ("each", &text.each), ("pass", &Some(text.pass.clone()))] {
                @if let Some(expression) = expression { h3 { (title) } pre { code { (expression.trim()) } } }
            }
            @let permissions = permissions(facts.catalog(), rule);
            @if !permissions.is_empty() {
                h3 { "Permissions that it needs" }
                ul.chips { @for permission in permissions { li { code { (permission) } } } }
            }
            @if !text.parameters.is_empty() {
                h3 { "Parameters" }
                ul { @for (name, parameter) in &text.parameters { li { code { (name) } ": " (parameter.title) "; " (parameter.default) " unless set"
                    @if let Some((_, held)) = settings.parameters(rule.id.as_str()).find(|(known, _)| *known == name.as_str()) {
                        ", and set to " b { (rule_settings::written(&held.value)) } " by " (held.name)
                    }
                } } }
            }
        }
        section {
            h2 { "Examples" }
            @for example in &text.examples {
                details.part {
                    summary { span { (example.name) } (tag::status(Some(example.verdict), false)) }
                    pre { (serde_json::to_string_pretty(&example.given).unwrap_or_default()) }
                }
            }
        }
        @if !text.references.is_empty() {
            section { h2 { "Read on" } ul { @for link in &text.references { li { (reference(link)) } } } }
        }
        section {
            h2 { "Known elsewhere as" }
            ul.chips { @for (tool, id) in text.aliases.all() { li { (tool) ": " b { (id) } } } }
            @let places = facts.places(rule.id.as_str());
            @if !places.is_empty() {
                ul.chips { @for place in places {
                    li { a href={ "/benchmarks/" (segment(&place.benchmark)) "#" (segment(&place.control)) } { (place.benchmark) " " (place.control) } }
                } }
            }
        }
    };
    Ok(page(Part::Rules, &text.title, &viewer, &content))
}

/// What must be granted so that the rule can judge.
pub(crate) fn permissions(catalog: &stance_catalog::Catalog, rule: &Rule) -> Vec<String> {
    // a rule of the catalog was checked when it was loaded
    let Ok(plan) = Plan::of(catalog, [rule]) else { return Vec::new() };
    let operations = plan.operations();
    catalog.permissions().all(operations.iter().map(String::as_str)).into_iter().collect()
}
