//! How the estate stands, and how it stood.

use super::benchmarks::Benchmark;
use super::findings::number;
use super::operation::{Operation, Topic};
use super::parameter::{dimension, limit};
use super::problem::{Answer, Problem};
use super::runs::Run;
use super::seen::Seen;
use super::words::{Counts, Posture, SeverityWord};
use crate::dimension::Dimension;
use crate::filter::Filter;
use crate::grouping::{Group, groups};
use crate::pages::overview::{benchmark_result, by_severity, failing, rule_scores, total};
use crate::query::Query;
use crate::{Console, Viewer, Visible};
use axum::Json;
use axum::extract::{RawQuery, State};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::HashSet;

/// As many points as a trend may have.
const MOST: u64 = 1_000;
/// As many as it has unless told.
const USUAL: u64 = 30;

/// How the estate stands.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Overview {
    /// As a whole.
    posture: Posture,
    /// Failed findings by severity, the worst first.
    failed: Vec<SeverityCount>,
    /// How many accounts there are.
    accounts: u64,
    /// How many resources there are.
    resources: u64,
    /// The last run that is done.
    last_run: Option<Run>,
    /// The benchmarks that most people ask for.
    benchmarks: Vec<Benchmark>,
    /// The rules that fail most.
    rules: Vec<Failing>,
    /// The services that fail most.
    services: Vec<Failing>,
}

/// Failed findings of a severity.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SeverityCount {
    /// The severity.
    severity: SeverityWord,
    /// How many there are.
    findings: u64,
}

/// What fails, and how much.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Failing {
    /// As a filter takes it.
    value: String,
    /// As people read it.
    name: String,
    /// How its findings count.
    counts: Counts,
}

/// How the estate stood after each of the last runs.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Trend {
    /// The earliest first.
    points: Vec<Point>,
}

/// How the estate stood after a run.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Point {
    /// The run's number.
    run: i64,
    /// When it saw the estate.
    at: DateTime<Utc>,
    /// How the chosen findings stood then, those of accounts too that it did not read.
    posture: Posture,
}

pub(crate) fn operations() -> [Operation; 2] {
    let overview =
        Operation::get("/api/v1/overview", "getOverview", Topic::Estate, "How the estate stands", overview)
            .answers::<Overview>("how it stands");
    // what was kept of earlier runs knows neither region nor status
    let known = Dimension::ALL
        .into_iter()
        .filter(|held| !matches!(held, Dimension::Standing | Dimension::Region))
        .map(dimension);
    let trend = Operation::get(
        "/api/v1/trend",
        "getTrend",
        Topic::Estate,
        "How the estate stood after each run",
        trend,
    )
    .takes(known)
    .takes([limit(MOST, "how many of the last runs; 30 unless given")])
    .answers::<Trend>("a point for each run");
    [overview, trend]
}

async fn overview(State(console): State<Console>, viewer: Viewer) -> Answer<Json<Overview>> {
    let told = console
        .ask(move |store, facts, census| {
            let visible = &viewer.visible;
            let seen = Seen::of(census, visible);
            let cells = Filter::default().cells(census, facts, visible);
            let scores = rule_scores(census, &cells);
            let featured = facts.benchmarks().into_iter().filter(|benchmark| benchmark.featured);
            let most = |dimension: Dimension| -> Vec<Failing> {
                let tell = |group: Group| Failing {
                    name: dimension.show(&group.value, census, facts, visible).into_owned(),
                    value: group.value,
                    counts: group.score.into(),
                };
                failing(groups(&cells, &[dimension], census, facts)).into_iter().map(tell).collect()
            };
            Ok(Overview {
                posture: total(&cells).into(),
                failed: by_severity(&cells)
                    .into_iter()
                    .map(|(severity, findings)| SeverityCount { severity: severity.into(), findings })
                    .collect(),
                accounts: census.scopes.values().filter(|scope| visible.holds(&scope.id)).count() as u64,
                resources: census
                    .inventory
                    .iter()
                    .filter(|held| seen.holds(held.scope))
                    .map(|held| held.resources)
                    .sum(),
                last_run: seen.last_done(store)?.map(Into::into),
                benchmarks: featured
                    .map(|benchmark| {
                        let result = benchmark_result(benchmark, census, &scores);
                        Benchmark::of(benchmark, result.as_ref())
                    })
                    .collect(),
                rules: most(Dimension::Rule),
                services: most(Dimension::Service),
            })
        })
        .await?;
    Ok(Json(told))
}

async fn trend(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    viewer: Viewer,
) -> Answer<Json<Trend>> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let filter = Filter::of(&query, &viewer, console.now()).map_err(Problem::bad)?;
    let last = usize::try_from(number(&query, "limit").unwrap_or(USUAL)).unwrap_or(usize::MAX);
    let told = console
        .ask(move |store, facts, census| {
            let ready = filter.ready(census, facts, &viewer.visible);
            let mut points = match &viewer.visible {
                Visible::All => store.trend(census, last, |tally| ready.takes_tally(tally))?,
                Visible::Only(_) => {
                    // a run that read none of their accounts does not exist for them
                    let most = u32::try_from(last).unwrap_or(u32::MAX);
                    let runs = Seen::of(census, &viewer.visible).runs(store, None, most)?;
                    let theirs: HashSet<i64> = runs.iter().map(|run| run.id.number()).collect();
                    let mut points = store.trend(census, usize::MAX, |tally| ready.takes_tally(tally))?;
                    points.retain(|point| theirs.contains(&point.run));
                    points
                }
            };
            let first = points.len().saturating_sub(last);
            let point = |point: stance_store::TrendPoint| Point {
                run: point.run,
                at: point.at,
                posture: point.score.into(),
            };
            Ok(Trend { points: points.drain(first..).map(point).collect() })
        })
        .await?;
    Ok(Json(told))
}
