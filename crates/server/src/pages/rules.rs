//! The catalog, searchable.

use super::layout::{Part, empty, page};
use super::overview::rule_scores;
use crate::Console;
use crate::error::PageResult;
use crate::filter::Filter;
use crate::parts::score::{bar, count, counted};
use crate::parts::tag;
use crate::query::{Query, segment};
use crate::viewer::Viewer;
use axum::extract::{RawQuery, State};
use maud::{Markup, html};
use stance_catalog::Rule;
use stance_model::{RuleId, Score};
use stance_store::RuleSettings;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

pub(crate) async fn show(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    viewer: Viewer,
) -> PageResult<Markup> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let visible = viewer.visible.clone();
    let (scores, settings): (HashMap<RuleId, Score>, RuleSettings) = console
        .ask(move |_, facts, census| {
            let cells = Filter::default().cells(census, facts, &visible);
            Ok((rule_scores(census, &cells), census.settings.clone()))
        })
        .await?;
    let facts = console.facts();
    let services: BTreeSet<&str> = facts.catalog().rules().map(|rule| rule.service.as_str()).collect();
    let mut rules: Vec<&Rule> = facts.catalog().rules().filter(|rule| is_wanted(rule, &query)).collect();
    let failed = |rule: &Rule| scores.get(&rule.id).map(|score| score.verdicts.failed).unwrap_or_default();
    rules.sort_by_key(|rule| (Reverse(failed(rule)), Reverse(rule.text.severity), rule.id.clone()));
    let content = html! {
        header.title { h1 { "Rules" } p.soft { (counted(rules.len() as u64, "rule", "rules")) } }
        form.filters method="get" action="/rules" role="search" {
            label.wide { span { "Search" } input type="search" name="q" value=[query.first("q")] placeholder="words, a rule's id, or another tool's"; }
            label { span { "Service" } select name="service" {
                option value="" { "any" }
                @for service in services { option value=(service) selected[query.first("service") == Some(service)] { (service) } }
            } }
            label { span { "Severity" } select name="severity" {
                option value="" { "any" }
                @for severity in stance_model::Severity::WORST_FIRST {
                    option value=(severity.as_str()) selected[query.first("severity") == Some(severity.as_str())] { (severity.as_str()) }
                }
            } }
            div.buttons { button type="submit" { "Show" } a href="/rules" { "Clear" } }
        }
        @if rules.is_empty() { (empty("No rule is like that", &html! { a href="/rules" { "Look at all of them" } "." })) } @else {
            div.scroll { table {
                thead { tr { th { "Severity" } th { "What must hold" } th { "Service" } th.bars { "Verdicts" } th.n { "Failed" } } }
                tbody { @for rule in &rules {
                    @let href = format!("/rules/{}", segment(rule.id.as_str()));
                    tr data-href=(href) {
                        td { (tag::severity(rule.text.severity)) }
                        td { a href=(href) { (rule.text.title) } div.soft.name { (rule.id) (off(rule, &settings)) } }
                        td { (rule.service) }
                        td.bars { @if let Some(score) = scores.get(&rule.id) { (bar(&score.verdicts)) } @else { span.soft { "not judged" } } }
                        td.n { (count(failed(rule))) }
                    }
                } }
            } }
        }
    };
    Ok(page(Part::Rules, "Rules", &viewer, &content))
}

/// That a rule is off, for all or in how many benchmarks.
fn off(rule: &Rule, settings: &RuleSettings) -> Markup {
    let offs = settings.off(rule.id.as_str());
    html! {
        @if settings.is_off(rule.id.as_str()) { " " mark { "off" } }
        @else if !offs.is_empty() { " " mark { "off in " (counted(offs.len() as u64, "benchmark", "benchmarks")) } }
    }
}

/// Whether the query asks for a rule.
pub(crate) fn is_wanted(rule: &Rule, query: &Query) -> bool {
    let text = query.first("q").unwrap_or_default().to_lowercase();
    let mut words = text.split_whitespace();
    let is_in = |word: &str| {
        rule.id.as_str().contains(word)
            || rule.text.title.to_lowercase().contains(word)
            || rule.text.categories.iter().any(|category| category.contains(word))
            || rule.text.aliases.all().any(|(_, id)| id.to_lowercase().contains(word))
    };
    query.first("service").is_none_or(|service| rule.service == service)
        && query.first("severity").is_none_or(|severity| rule.text.severity.as_str() == severity)
        && words.all(is_in)
}
