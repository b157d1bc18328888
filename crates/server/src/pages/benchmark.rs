//! A benchmark: sections, controls, what is manual and what was not assessed; over all accounts or for one.

use super::benchmark_comparison::{before, versions};
use super::layout::{Part, page};
use super::overview::{benchmark_result, rule_scores};
use crate::Console;
use crate::dimension::Dimension;
use crate::error::{PageError, PageResult};
use crate::filter::Filter;
use crate::parts::score::{bar, count, percent};
use crate::parts::tag;
use crate::query::{Query, segment};
use crate::reports::FORMATS;
use crate::viewer::Viewer;
use axum::extract::{Path, RawQuery, State};
use maud::{Markup, html};
use stance_model::{Assessment, BenchmarkResult, ControlResult, ScoreBreakdown};
use stance_store::RuleSettings;
use std::collections::BTreeMap;

pub(crate) async fn show(
    State(console): State<Console>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    viewer: Viewer,
) -> PageResult<Markup> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let missing = || PageError::NotFound(format!("there is no benchmark `{id}`"));
    let benchmark = console.facts().benchmark(&id).ok_or_else(missing)?;
    let account = query.first("account").map(str::to_owned);
    let (visible, asked, wanted) = (viewer.visible.clone(), id.clone(), account.clone());
    let (result, accounts, settings) = console
        .ask(move |_, facts, census| {
            let mut filter = Filter::default();
            if let Some(account) = &wanted {
                filter.wanted.insert(Dimension::Account, [account.clone()].into());
            }
            let cells = filter.cells(census, facts, &visible);
            let scores = rule_scores(census, &cells);
            let result = facts.benchmark(&asked).and_then(|held| benchmark_result(held, census, &scores));
            let scopes = census.scopes.values().filter(|scope| visible.holds(&scope.id));
            let mut accounts: Vec<(String, String)> = scopes
                .map(|scope| {
                    let id = scope.id.to_string();
                    let shown = Dimension::Account.show(&id, census, facts, &visible).into_owned();
                    (id, shown)
                })
                .collect();
            accounts.sort_by(|left, right| left.1.cmp(&right.1));
            Ok((result, accounts, census.settings.clone()))
        })
        .await?;
    let earlier = before(benchmark, &versions(benchmark, &console.facts().benchmarks()));
    let content = html! {
        nav.crumbs aria-label="Path" { a href="/benchmarks" { "Benchmarks" } }
        header.title {
            h1 { (benchmark.title) }
            @if let Some(earlier) = earlier {
                p { a href=(Query::default().set("with", earlier.id.as_str()).address(&format!("/benchmarks/{}/compare", segment(&id)))) { "What changed from version " (earlier.version) } }
            }
        }
        form.filters data-instant method="get" action={ "/benchmarks/" (segment(&id)) } {
            label { span { "Account" } select name="account" {
                option value="" { "all together" }
                @for (value, shown) in &accounts {
                    option value=(value) selected[account.as_deref() == Some(value.as_str())] { (shown) }
                }
            } }
            div.buttons { button type="submit" { "Show" } }
        }
        @if result.is_some() {
            @let report = Query::default().with("benchmark", id.as_str()).with("account", account.clone().unwrap_or_default());
            p.soft { "Save as" @for format in FORMATS { " " a href=(report.clone().with("format", format.name()).address("/reports/download")) download { (format.name().to_uppercase()) } } }
        }
        @match &result {
            Some(result) => (stands(result, account.as_deref(), &settings)),
            None => { p.notice { "None of its rules was part of a run"
                @if benchmark.controls().flat_map(|control| &control.rules).any(|rule| settings.is_off_in(rule.as_str(), &id)) { ", or those that were are switched off" }
                "." } },
        }
    };
    Ok(page(Part::Benchmarks, &benchmark.title, &viewer, &content))
}

fn stands(result: &BenchmarkResult, account: Option<&str>, settings: &RuleSettings) -> Markup {
    let mut sections: Vec<(&str, Vec<&ControlResult>)> = Vec::new();
    for control in &result.controls {
        match sections.last_mut().filter(|(title, _)| *title == control.section) {
            Some((_, controls)) => controls.push(control),
            None => sections.push((&control.section, vec![control])),
        }
    }
    let mut assessed: BTreeMap<&str, usize> = BTreeMap::new();
    for control in &result.controls {
        *assessed.entry(control.assessment.as_str()).or_default() += 1;
    }
    html! {
        div.cards {
            section.card.posture {
                h2 { "Score" }
                p.figure { (percent(&result.score.verdicts)) }
                (bar(&result.score.verdicts))
            }
            section.card {
                h2 { "Controls" }
                ul.lines { @for assessment in [
                    Assessment::Pass, Assessment::Fail, Assessment::Unknown, Assessment::Excepted, Assessment::Manual,
                    Assessment::NothingToAssess, Assessment::NotAssessed,
                ] {
                    @if let Some(number) = assessed.get(assessment.as_str()) { li { (tag::assessment(assessment)) " " (number) } }
                } }
            }
        }
        @for (title, controls) in &sections {
            section {
                h2 { (title) " " span.soft { (section_score(controls)) } }
                div.scroll { table {
                    thead { tr { th { "Control" } th { "Title" } th { "Stands" } th.n { "Failed" } th.n { "Passed" } } }
                    tbody { @for control in controls { (line(result, control, account, settings)) } }
                } }
            }
        }
    }
}

fn section_score(controls: &[&ControlResult]) -> Markup {
    let mut score = ScoreBreakdown::default();
    for control in controls {
        score += control.score;
    }
    percent(&score)
}

fn line(
    result: &BenchmarkResult,
    control: &ControlResult,
    account: Option<&str>,
    settings: &RuleSettings,
) -> Markup {
    let mut query = Query::default().set("control", format!("{}:{}", result.id, control.id));
    if let Some(account) = account {
        query = query.set("account", account);
    }
    let href = query.address("/findings");
    let off = control.rules.iter().filter(|rule| settings.is_off_in(rule.as_str(), &result.id));
    html! {
        tr #(control.id) {
            td { (control.id) }
            td {
                @if control.rules.is_empty() { (control.title) } @else { a href=(href) { (control.title) } }
                @for rule in off { div.soft.name { mark { "off" } " " a href={ "/rules/" (segment(rule.as_str())) } { (rule) } } }
            }
            td { (tag::assessment(control.assessment)) }
            td.n { @if control.score.failed > 0 { a href=(query.clone().set("status", "failed").address("/findings")) { (count(control.score.failed)) } } @else { "0" } }
            td.n { (count(control.score.passed)) }
        }
    }
}
