//! Benchmarks: each with its score, its controls, and how accounts stand.

use super::operation::{Operation, Topic};
use super::parameter::{Kind, Parameter};
use super::problem::{Answer, Problem};
use super::words::{ControlStatus, Counts, Posture};
use crate::dimension::Dimension;
use crate::facts::Facts;
use crate::filter::Filter;
use crate::pages::overview::{benchmark_result, rule_scores};
use crate::query::Query;
use crate::{Console, Viewer, Visible};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use stance_model::{BenchmarkResult, RuleId, Score};
use stance_store::{Cell, Census};
use std::collections::{BTreeMap, HashSet};

/// A benchmark in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Benchmark {
    /// Its id.
    id: String,
    /// Its name.
    title: String,
    /// Its version.
    version: String,
    /// Whether it is told of in every report, and not only where it is asked for.
    is_featured: bool,
    /// How it stands; null where none of its rules was part of a run.
    posture: Option<Posture>,
    /// How many controls it has.
    controls: u64,
    /// How many of them fail.
    controls_failed: u64,
}

/// Benchmarks.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Benchmarks {
    /// Those that most people ask for first.
    benchmarks: Vec<Benchmark>,
}

/// A benchmark with its controls.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct BenchmarkInFull {
    /// As in lists.
    #[serde(flatten)]
    benchmark: Benchmark,
    /// Its controls in its own order; none where none of its rules was part of a run.
    controls_in_full: Vec<Control>,
    /// How each account stands.
    accounts: Vec<AccountPosture>,
}

/// A control.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Control {
    /// Its number.
    id: String,
    /// A short title of our own.
    title: String,
    /// The section that holds it.
    section: String,
    /// What can be said.
    status: ControlStatus,
    /// The rules behind it.
    rules: Vec<String>,
    /// How their findings count.
    counts: Counts,
}

/// How an account stands.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AccountPosture {
    /// Its id.
    account: String,
    /// Its name, where it has one.
    account_name: Option<String>,
    /// How it stands.
    posture: Posture,
}

impl Benchmark {
    pub(crate) fn of(benchmark: &stance_catalog::Benchmark, result: Option<&BenchmarkResult>) -> Self {
        let failed = |result: &BenchmarkResult| {
            result.controls.iter().filter(|control| control.score.failed > 0).count() as u64
        };
        Self {
            id: benchmark.id.clone(),
            title: benchmark.title.clone(),
            version: benchmark.version.clone(),
            is_featured: benchmark.featured,
            posture: result.map(|result| result.score.into()),
            controls: benchmark.controls().count() as u64,
            controls_failed: result.map(failed).unwrap_or_default(),
        }
    }
}

pub(crate) fn operations() -> [Operation; 2] {
    let account = || Parameter::query("account", Kind::Text, "an account's id: how it alone stands");
    let list = Operation::get(
        "/api/v1/benchmarks",
        "listBenchmarks",
        Topic::Catalog,
        "Every benchmark, and how it stands",
        list,
    )
    .takes([account()])
    .answers::<Benchmarks>("the benchmarks");
    let show = Operation::get(
        "/api/v1/benchmarks/{id}",
        "getBenchmark",
        Topic::Catalog,
        "A benchmark with its controls, and how each account stands",
        show,
    )
    .takes([Parameter::path("id", Kind::Text, "the benchmark's id"), account()])
    .answers::<BenchmarkInFull>("the benchmark")
    .refuses(StatusCode::NOT_FOUND, "there is no such benchmark");
    [list, show]
}

/// The cells of the account that was asked for, or of all.
fn cells<'c>(census: &'c Census, facts: &Facts, visible: &Visible, query: &Query) -> Vec<&'c Cell> {
    let mut filter = Filter::default();
    if let Some(account) = query.first("account") {
        filter.wanted.insert(Dimension::Account, [account.to_owned()].into());
    }
    filter.cells(census, facts, visible)
}

async fn list(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    viewer: Viewer,
) -> Answer<Json<Benchmarks>> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let told = console
        .ask(move |_, facts, census| {
            let scores = rule_scores(census, &cells(census, facts, &viewer.visible, &query));
            let benchmark = |benchmark: &stance_catalog::Benchmark| {
                let result = benchmark_result(benchmark, census, &scores);
                Benchmark::of(benchmark, result.as_ref())
            };
            Ok(Benchmarks { benchmarks: facts.benchmarks().into_iter().map(benchmark).collect() })
        })
        .await?;
    Ok(Json(told))
}

async fn show(
    State(console): State<Console>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    viewer: Viewer,
) -> Answer<Json<BenchmarkInFull>> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let asked = id.clone();
    let told = console
        .ask(move |_, facts, census| {
            let Some(benchmark) = facts.benchmark(&asked) else { return Ok(None) };
            let cells = cells(census, facts, &viewer.visible, &query);
            let scores = rule_scores(census, &cells);
            let result = benchmark_result(benchmark, census, &scores);
            let behind: HashSet<&RuleId> = benchmark.controls().flat_map(|control| &control.rules).collect();
            Ok(Some(BenchmarkInFull {
                benchmark: Benchmark::of(benchmark, result.as_ref()),
                controls_in_full: result.map(controls).unwrap_or_default(),
                accounts: accounts(census, cells.into_iter().filter(|cell| behind.contains(&cell.rule))),
            }))
        })
        .await?;
    told.map(Json).ok_or_else(|| Problem::missing("benchmark", &id))
}

fn controls(result: BenchmarkResult) -> Vec<Control> {
    let control = |control: stance_model::ControlResult| Control {
        id: control.id,
        title: control.title,
        section: control.section,
        status: control.assessment.into(),
        rules: control.rules.iter().map(ToString::to_string).collect(),
        counts: control.score.into(),
    };
    result.controls.into_iter().map(control).collect()
}

fn accounts<'c>(census: &Census, cells: impl Iterator<Item = &'c Cell>) -> Vec<AccountPosture> {
    let mut scores: BTreeMap<String, (Option<String>, Score)> = BTreeMap::new();
    for cell in cells {
        if let Some(scope) = census.scope(cell.scope) {
            let (_, score) = scores
                .entry(scope.id.to_string())
                .or_insert_with(|| (scope.details.name.clone(), Score::default()));
            cell.add_to(score);
        }
    }
    let account = |(account, (account_name, score)): (String, (Option<String>, Score))| AccountPosture {
        account,
        account_name,
        posture: score.into(),
    };
    scores.into_iter().map(account).collect()
}
