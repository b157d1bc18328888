//! How the estate stands, at a glance.

use super::layout::{Part, empty, page};
use crate::Console;
use crate::dimension::Dimension;
use crate::error::PageResult;
use crate::facts::Facts;
use crate::filter::Filter;
use crate::grouping::{Group, groups};
use crate::parts::score::{bar, count, counted, percent};
use crate::parts::{tag, time, trend};
use crate::query::{Query, segment};
use crate::viewer::{Viewer, Visible};
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use stance_catalog::Benchmark;
use stance_model::{BenchmarkResult, RuleId, Score, Severity, Standing};
use stance_store::{
    Cell, Census, Constraints, FindingRow, Position, RunState, RunSummary, Scope, TrendPoint,
};
use std::collections::HashMap;

/// Runs that the trend shows.
const TREND: usize = 30;
/// Lines of each table.
const LINES: usize = 8;
/// An account that no run has met for so long is told of: two runs a day apart were missed.
const STALE: TimeDelta = TimeDelta::hours(50);

/// An account, how it stands, and when a run met it last.
pub(crate) struct Account {
    pub(crate) scope: Scope,
    pub(crate) score: Score,
    pub(crate) seen: Option<DateTime<Utc>>,
}

struct Told {
    score: Score,
    severities: Vec<(Severity, u64)>,
    trend: Vec<TrendPoint>,
    accounts: Vec<Account>,
    rules: Vec<Group>,
    benchmarks: Vec<BenchmarkResult>,
    services: Vec<Group>,
    worse: Vec<FindingRow>,
    worse_total: Option<u64>,
    last: Option<RunSummary>,
}

pub(crate) async fn show(State(console): State<Console>, viewer: Viewer) -> PageResult<Markup> {
    let now = console.now();
    let visible = viewer.visible.clone();
    let told = console
        .ask(move |store, facts, census| {
            let filter = Filter::default();
            let ready = filter.ready(census, facts, &visible);
            let cells: Vec<&Cell> = census.cells.iter().filter(|cell| ready.takes(cell)).collect();
            let seen = visible.numbers(census);
            let last = store
                .runs_among(seen.as_ref(), None, 20)?
                .into_iter()
                .find(|run| run.state == RunState::Done);
            let seen = last.as_ref().and_then(|run| census.runs.get(&run.id.number()).copied());
            let first = census.runs.values().min().copied();
            // everything is new in the first run, which says nothing
            let since = seen.filter(|seen| Some(*seen) != first);
            let worse = match since {
                Some(since) => {
                    let mut failing: Vec<&Cell> =
                        cells.iter().copied().filter(|cell| cell.standing == Standing::Failing).collect();
                    crate::filter::Sort::Severity.apply(&mut failing, census);
                    let constraints = Constraints { since_from: Some(since), ..Constraints::default() };
                    Some(store.findings(census, &failing, &constraints, Position::Start, LINES as u64)?)
                }
                None => None,
            };
            Ok(Told {
                score: total(&cells),
                severities: by_severity(&cells),
                trend: store.trend(census, TREND, |tally| ready.takes_tally(tally))?,
                accounts: accounts(census, &cells, &visible),
                rules: failing(groups(&cells, &[Dimension::Rule], census, facts)),
                services: failing(groups(&cells, &[Dimension::Service], census, facts)),
                benchmarks: benchmarks(census, facts, &cells),
                worse_total: worse.as_ref().and_then(|page| page.total),
                worse: worse.map(|page| page.findings).unwrap_or_default(),
                last,
            })
        })
        .await?;
    if told.accounts.is_empty() {
        return Ok(page(Part::Overview, "Overview", &viewer, &nothing_yet()));
    }
    Ok(page(Part::Overview, "Overview", &viewer, &content(&told, console.facts(), now)))
}

fn nothing_yet() -> Markup {
    html! {
        h1 { "Overview" }
        (empty("Nothing has been scanned yet", &html! {
            "Scan an account and keep the results here: " code { "stance scan aws --database FILE" }
            ", with the file that this server shows."
        }))
    }
}

pub(crate) fn total(cells: &[&Cell]) -> Score {
    let mut score = Score::default();
    for cell in cells {
        cell.add_to(&mut score);
    }
    score
}

pub(crate) fn by_severity(cells: &[&Cell]) -> Vec<(Severity, u64)> {
    let failing = |severity: Severity| {
        let of = cells.iter().filter(|cell| cell.severity == severity && cell.standing == Standing::Failing);
        of.map(|cell| cell.findings).sum()
    };
    Severity::WORST_FIRST.into_iter().map(|severity| (severity, failing(severity))).collect()
}

pub(crate) fn accounts(census: &Census, cells: &[&Cell], visible: &Visible) -> Vec<Account> {
    let mut scores: HashMap<i64, Score> = HashMap::new();
    for cell in cells {
        cell.add_to(scores.entry(cell.scope).or_default());
    }
    let scopes = census.scopes.values().filter(|scope| visible.holds(&scope.id));
    let mut accounts: Vec<Account> = scopes
        .map(|scope| Account {
            score: scores.get(&scope.number).copied().unwrap_or_default(),
            seen: scope.last_run.and_then(|run| census.runs.get(&run).copied()),
            scope: scope.clone(),
        })
        .collect();
    accounts.sort_by(|left, right| {
        let failed = right.score.weighted.failed.cmp(&left.score.weighted.failed);
        failed.then_with(|| left.scope.name().cmp(right.scope.name()))
    });
    accounts
}

pub(crate) fn failing(groups: Vec<Group>) -> Vec<Group> {
    let mut groups: Vec<Group> = groups.into_iter().filter(|group| group.score.failed > 0).collect();
    groups.truncate(LINES);
    groups
}

/// How the featured benchmarks stand.
pub(crate) fn benchmarks(census: &Census, facts: &Facts, cells: &[&Cell]) -> Vec<BenchmarkResult> {
    let scores = rule_scores(census, cells);
    let featured = facts.benchmarks().into_iter().filter(|benchmark| benchmark.featured);
    featured.filter_map(|benchmark| benchmark_result(benchmark, census, &scores)).collect()
}

/// How a benchmark stands without the rules that are off in it; nothing where none of the others judged.
pub(crate) fn benchmark_result(
    benchmark: &Benchmark,
    census: &Census,
    scores: &HashMap<RuleId, Score>,
) -> Option<BenchmarkResult> {
    let is_off = |rule: &RuleId| census.settings.is_off_in(rule.as_str(), &benchmark.id);
    benchmark.result(|rule| if is_off(rule) { None } else { scores.get(rule).copied() })
}

/// How each rule stands that judged.
pub(crate) fn rule_scores(census: &Census, cells: &[&Cell]) -> HashMap<RuleId, Score> {
    let mut scores: HashMap<RuleId, Score> =
        census.judged.iter().map(|rule| (rule.clone(), Score::default())).collect();
    for cell in cells {
        cell.add_to(scores.entry(cell.rule.clone()).or_default());
    }
    scores
}

fn content(told: &Told, facts: &Facts, now: DateTime<Utc>) -> Markup {
    let score = &told.score.verdicts;
    let failed = |query: Query| query.set("status", "failed").address("/findings");
    html! {
        header.title {
            h1 { "Overview" }
            @if let Some(last) = &told.last {
                p.soft {
                    "Last run " (time::ago(last.ended_at.unwrap_or(last.started_at), now)) ": "
                    a href={ "/runs/" (last.id.number()) } {
                        (counted(last.resources, "resource", "resources")) " in " (counted(last.scopes, "account", "accounts"))
                    }
                    @if last.opened + last.resolved > 0 {
                        ", " (counted(last.opened, "finding", "findings")) " opened, " (count(last.resolved)) " resolved"
                    }
                }
            }
        }
        div.cards {
            section.card.posture aria-labelledby="posture" {
                h2 #posture { "Posture" }
                p.figure { (percent(score)) }
                (bar(score))
                ul.legend {
                    @for (word, class, number) in [
                        ("passed", "passed", score.passed), ("failed", "failed", score.failed),
                        ("unknown", "unknown", score.unknown), ("excepted", "excepted", score.excepted),
                    ] {
                        @if number > 0 || word != "excepted" {
                            li { a href=(Query::default().with("status", class).address("/findings")) {
                                span class={ "state " (class) } { (count(number)) } " " (word)
                            } }
                        }
                    }
                }
                p.soft {
                    @match told.score.weighted.percent() {
                        Some(percent) => { (percent) " % weighted by severity" },
                        None => { "nothing was decided" },
                    }
                    @if score.unknown > 0 { "; " (score.unknown_percent()) " % of all verdicts unknown" }
                }
            }
            section.card aria-labelledby="trend" {
                h2 #trend { "Trend" }
                @match trend::trend(&told.trend) {
                    Some(trend) => (trend),
                    None => { p.soft { "A second run will show where the estate is going." } },
                }
            }
            section.card aria-labelledby="severity" {
                h2 #severity { "Failing findings by severity" }
                (severities(&told.severities))
            }
        }
        @if !told.worse.is_empty() {
            section aria-labelledby="worse" {
                h2 #worse { "Got worse in the last run" }
                (worse(told, facts))
            }
        }
        div.columns {
            section aria-labelledby="accounts" {
                h2 #accounts { "Accounts" }
                (account_table(&told.accounts, now))
            }
            section aria-labelledby="benchmarks" {
                h2 #benchmarks { "Benchmarks" }
                (benchmark_table(&told.benchmarks))
            }
        }
        div.columns {
            section aria-labelledby="rules" {
                h2 #rules { "Rules that fail most" }
                div.scroll { table {
                    thead { tr { th { "Rule" } th { "Worst" } th.n { "Failing" } } }
                    tbody { @for group in &told.rules {
                        @let href = failed(Query::default().set("rule", group.value.as_str()));
                        tr data-href=(href) {
                            td { a href=(href) { (facts.title(&group.value)) } }
                            td { @if let Some(worst) = group.worst { (tag::severity(worst)) } }
                            td.n { (count(group.score.failed)) }
                        }
                    } }
                } }
            }
            section aria-labelledby="services" {
                h2 #services { "Services" }
                div.scroll { table {
                    thead { tr { th { "Service" } th.bars { "Verdicts" } th.n { "Failing" } } }
                    tbody { @for group in &told.services {
                        @let href = failed(Query::default().set("service", group.value.as_str()));
                        tr data-href=(href) {
                            td { a href=(href) { (group.value) } }
                            td.bars { (bar(&group.score)) }
                            td.n { (count(group.score.failed)) }
                        }
                    } }
                } }
            }
        }
    }
}

fn severities(severities: &[(Severity, u64)]) -> Markup {
    let most = severities.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    html! {
        table.plain { tbody {
            @for (severity, number) in severities {
                @let href = Query::default().set("status", "failed").set("severity", severity.as_str()).address("/findings");
                tr data-href=(href) {
                    th scope="row" { (tag::severity(*severity)) }
                    td.bars {
                        svg.bar viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" {
                            rect class=(severity.as_str()) width=(number * 1000 / most) height="10" {}
                        }
                    }
                    td.n { a href=(href) { (count(*number)) } }
                }
            }
        } }
    }
}

fn worse(told: &Told, facts: &Facts) -> Markup {
    html! {
        div.scroll { table {
            thead { tr { th { "Severity" } th { "Finding" } th { "Resource" } } }
            tbody { @for finding in &told.worse {
                @let href = format!("/findings/{}", finding.id);
                tr data-href=(href) {
                    td { (tag::severity(finding.severity)) }
                    td { a href=(href) { (facts.title(finding.rule.as_str())) } }
                    td.name { (finding.resource_name) }
                }
            } }
        } }
        @if let (Some(total), Some(last)) = (told.worse_total, &told.last) {
            @if total > told.worse.len() as u64 {
                @let day = last.started_at.format("%Y-%m-%d").to_string();
                p { a href=(Query::default().set("status", "failed").set("since", day).address("/findings")) {
                    "All " (count(total))
                } }
            }
        }
    }
}

fn account_table(accounts: &[Account], now: DateTime<Utc>) -> Markup {
    html! {
        div.scroll { table {
            thead { tr { th { "Account" } th.bars { "Verdicts" } th.n { "Score" } } }
            tbody { @for account in accounts.iter().take(LINES) {
                @let (scope, score) = (&account.scope, &account.score);
                @let href = Query::default().set("status", "failed").set("account", scope.id.as_str()).address("/findings");
                tr data-href=(href) {
                    td {
                        a href=(href) { (scope.name()) }
                        @if scope.details.name.is_some() { " " span.soft { (scope.id) } }
                        (staleness(account, now))
                    }
                    td.bars { (bar(&score.verdicts)) }
                    td.n { (percent(&score.verdicts)) }
                }
            } }
        } }
        @if accounts.len() > LINES {
            p { a href="/findings?status=failed&group=account" { "All " (count(accounts.len() as u64)) } }
        }
    }
}

/// What an account bears that no run has met for long.
fn staleness(account: &Account, now: DateTime<Utc>) -> Markup {
    html! {
        @match account.seen {
            None => { " " span.state.unknown { "never read" } },
            Some(seen) if now - seen > STALE => { " " span.state.unknown { "last read " (time::ago(seen, now)) } },
            Some(_) => {},
        }
    }
}

/// Benchmarks with their scores.
pub(crate) fn benchmark_table(benchmarks: &[BenchmarkResult]) -> Markup {
    html! {
        div.scroll { table {
            thead { tr { th { "Benchmark" } th.bars { "Verdicts" } th.n { "Controls failed" } th.n { "Score" } } }
            tbody { @for benchmark in benchmarks {
                @let href = format!("/benchmarks/{}", segment(&benchmark.id));
                @let failed = benchmark.controls.iter().filter(|control| control.score.failed > 0).count();
                tr data-href=(href) {
                    td { a href=(href) { (benchmark.title) } }
                    td.bars { (bar(&benchmark.score.verdicts)) }
                    td.n { (count(failed as u64)) " of " (count(benchmark.controls.len() as u64)) }
                    td.n { (percent(&benchmark.score.verdicts)) }
                }
            } }
        } }
    }
}
