//! Reports: what they can be about, which forms they have, and what they are made from.

use super::layout::{Part, empty, page};
use super::overview::rule_scores;
use crate::Console;
use crate::dimension::Dimension;
use crate::error::PageResult;
use crate::filter::Filter;
use crate::parts::score::{bar, counted, percent};
use crate::parts::time;
use crate::query::Query;
use crate::reports::{FORMATS, Status, words};
use crate::viewer::{Viewer, Visible};
use axum::extract::{RawQuery, State};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use stance_model::BenchmarkResult;
use stance_report::Format;

/// Accounts that are shown at a time in the form.
const SHOWN: usize = 8;

/// What a report can be about.
struct Offered {
    /// Those that most people ask for first.
    benchmarks: Vec<(bool, BenchmarkResult)>,
    /// Ids, and what people call them.
    accounts: Vec<(String, String)>,
    /// When the account that was scanned longest ago was, and when the last one.
    scanned: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// The page. Its address may say what the form begins with.
pub(crate) async fn show(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    viewer: Viewer,
) -> PageResult<Markup> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let visible = viewer.visible.clone();
    let offered = console
        .ask(move |_, facts, census| {
            let cells = Filter::default().cells(census, facts, &visible);
            let scores = rule_scores(census, &cells);
            let results = facts.benchmarks().into_iter().filter_map(|benchmark| {
                Some((benchmark.featured, benchmark.result(|rule| scores.get(rule).copied())?))
            });
            let scopes = || census.scopes.values().filter(|scope| visible.holds(&scope.id));
            let mut accounts: Vec<(String, String)> = scopes()
                .map(|scope| {
                    let shown = Dimension::Account.show(scope.id.as_str(), census, facts, &visible);
                    (scope.id.to_string(), shown.into_owned())
                })
                .collect();
            accounts.sort_by(|left, right| left.1.cmp(&right.1));
            let seen = || scopes().filter_map(|scope| census.runs.get(&scope.last_run?).copied());
            let scanned = seen().min().zip(seen().max());
            Ok(Offered { benchmarks: results.collect(), accounts, scanned })
        })
        .await?;
    let content = html! {
        header.title {
            h1 { "Reports" }
            p.soft { "A report tells of each account what the last run about it has found. It says which runs these are, what was not assessed, and how the score is reckoned." }
        }
        @if viewer.visible != Visible::All {
            p.notice { "Reports are about the accounts that you may see." }
        }
        @match offered.scanned {
            None => {
                (empty("There is nothing to report yet", &html! { code { "stance scan aws --database FILE" } " makes the first run." }))
            },
            Some((first, last)) => {
                p { (counted(offered.accounts.len() as u64, "account", "accounts")) ", scanned "
                    @if first != last { "between " (time::moment(first)) " and " } @else { "on " }
                    (time::moment(last)) "." }
                (form(&offered, &query))
                (by_benchmark(&offered))
            },
        }
    };
    Ok(page(Part::Reports, "Reports", &viewer, &content))
}

fn form(offered: &Offered, query: &Query) -> Markup {
    let (benchmark, format) = (query.first("benchmark"), query.first("format"));
    let accounts: Vec<&str> = query.all("account").collect();
    html! {
        section.card {
            h2 { "Make a report" }
            form.stack method="get" action="/reports/download" {
                label { span { "About" } select name="benchmark" {
                    option value="" { "all rules" }
                    @for (_, held) in &offered.benchmarks {
                        option value=(held.id) selected[benchmark == Some(held.id.as_str())] { (held.title) }
                    }
                } }
                @if offered.accounts.len() > 1 {
                    label { span { "Accounts; all unless some are chosen, several with Ctrl or ⌘" }
                        select.list name="account" multiple size=(offered.accounts.len().min(SHOWN)) {
                            @for (id, shown) in &offered.accounts {
                                option value=(id) selected[accounts.contains(&id.as_str())] { (shown) }
                            }
                        }
                    }
                }
                label { span { "Form" } select name="format" {
                    @for form in FORMATS { option value=(form.name()) selected[format == Some(form.name())] { (words(form)) } }
                } }
                label { span { "Findings in the rows of XLSX, CSV and JSON; scores are always about all" } select name="status" {
                    @for status in Status::ALL { option value=(status.key()) { (status.title()) } }
                } }
                div.buttons { button type="submit" { "Make the report" } }
            }
        }
    }
}

/// Each benchmark with its files.
fn by_benchmark(offered: &Offered) -> Markup {
    let row = |title: &str, id: &str, result: Option<&BenchmarkResult>| {
        let download = |format: Format| {
            let query = Query::default().with("benchmark", id).with("format", format.name());
            query.address("/reports/download")
        };
        html! {
            tr {
                th scope="row" { @if id.is_empty() { (title) } @else { a href={ "/benchmarks/" (crate::query::segment(id)) } { (title) } } }
                td.n { @if let Some(result) = result { (percent(&result.score.verdicts)) } }
                td.bars { @if let Some(result) = result { (bar(&result.score.verdicts)) } }
                td.files { @for format in FORMATS { a href=(download(format)) download aria-label={ (title) " as " (format.name()) } { (format.name().to_uppercase()) } " " } }
            }
        }
    };
    let table = |benchmarks: &[&BenchmarkResult], has_all: bool| {
        html! {
            div.scroll { table {
                thead { tr { th { "About" } th.n { "Score" } th.bars { "Verdicts" } th { "Files" } } }
                tbody {
                    @if has_all { (row("All rules", "", None)) }
                    @for held in benchmarks { (row(&held.title, &held.id, Some(held))) }
                }
            } }
        }
    };
    let of = |wanted: bool| -> Vec<&BenchmarkResult> {
        let held = offered.benchmarks.iter().filter(|(featured, _)| *featured == wanted);
        held.map(|(_, result)| result).collect()
    };
    let others = of(false);
    html! {
        section { h2 { "Over all accounts" } (table(&of(true), true)) }
        @if !others.is_empty() { section { h2 { "Other benchmarks" } (table(&others, false)) } }
    }
}
