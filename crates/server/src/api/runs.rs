//! Runs, and what each of them read.

use super::cursor::Cursor;
use super::findings::number;
use super::operation::{Operation, Topic};
use super::parameter::{Kind, Parameter, cursor, limit};
use super::problem::{Answer, Problem};
use super::seen::Seen;
use super::words::{Completeness, Counts, Progress};
use crate::access::Writer;
use crate::integrations::stop_run;
use crate::pages::run::{failures, why_not_scanned};
use crate::query::Query;
use crate::{Console, Level, Viewer, Visible};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stance_store::{RunId, RunReport, RunSummary};

/// As many runs as a page may have.
const MOST: u64 = 500;
/// As many as it has unless told.
const USUAL: u64 = 100;

/// A run in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Run {
    /// Its number; later runs have greater ones.
    pub(crate) number: i64,
    /// The name under which it was sent or begun.
    pub(crate) name: String,
    /// How far it is.
    pub(crate) state: Progress,
    /// When it began.
    pub(crate) started_at: DateTime<Utc>,
    /// When it ended.
    pub(crate) ended_at: Option<DateTime<Utc>>,
    /// Why it failed.
    pub(crate) error: Option<String>,
    /// How many accounts it read.
    pub(crate) accounts: u64,
    /// How many resources it read.
    pub(crate) resources: u64,
    /// How its findings count.
    pub(crate) counts: Counts,
    /// Findings that fail and did not before.
    pub(crate) opened: u64,
    /// Findings that failed before and no longer do.
    pub(crate) resolved: u64,
}

impl From<RunSummary> for Run {
    fn from(run: RunSummary) -> Self {
        Self {
            number: run.id.number(),
            name: run.uid,
            state: run.state.into(),
            started_at: run.started_at,
            ended_at: run.ended_at,
            error: run.error,
            accounts: run.scopes,
            resources: run.resources,
            counts: run.score.into(),
            opened: run.opened,
            resolved: run.resolved,
        }
    }
}

/// A page of runs.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RunPage {
    /// The latest first.
    runs: Vec<Run>,
    /// The `cursor` of the next page, if more may follow.
    next: Option<String>,
}

/// A run with what it read.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RunInFull {
    /// As in lists.
    #[serde(flatten)]
    run: Run,
    /// What it read; null where it is not done.
    report: Option<Report>,
}

/// What a run read.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Report {
    /// The version of Stance that scanned.
    stance_version: String,
    /// The moment that rules took for "now".
    as_of: DateTime<Utc>,
    /// Whether every account was tried.
    completion: Completeness,
    /// How many rules judged.
    rules: u64,
    /// Each account.
    accounts_read: Vec<AccountRun>,
    /// Accounts that were not read.
    accounts_not_read: Vec<AccountNotRead>,
    /// What could not be read.
    unreadable: Vec<Unreadable>,
}

/// How an account was read.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AccountRun {
    /// Its id.
    account: String,
    /// Its name, where it has one.
    account_name: Option<String>,
    /// Who scanned, in the provider's words.
    identity: String,
    /// Regions that were scanned.
    regions: Vec<String>,
    /// Regions that were not, and why.
    regions_left_out: Vec<RegionLeftOut>,
    /// How many calls it took.
    calls: u64,
    /// When reading began.
    started_at: DateTime<Utc>,
    /// When reading ended.
    ended_at: DateTime<Utc>,
    /// Whether everything planned was tried.
    completion: Completeness,
}

/// A region that was not scanned.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RegionLeftOut {
    /// Its name.
    region: String,
    /// Why.
    reason: String,
}

/// An account that was not read.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AccountNotRead {
    /// Its id.
    account: String,
    /// Its name, where it has one.
    account_name: Option<String>,
    /// Why.
    reason: String,
}

/// What could not be read.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Unreadable {
    /// The operation that was refused or failed.
    operation: String,
    /// The provider's answer.
    code: String,
    /// The permissions to grant, where some were missing.
    permissions: Vec<String>,
    /// The accounts that it concerns.
    accounts: Vec<String>,
}

pub(crate) fn operations() -> [Operation; 3] {
    let list = Operation::get("/api/v1/runs", "listRuns", Topic::Runs, "Runs, the latest first", list)
        .told("Whoever may see some accounts only is told of the runs that read one of these, counted over them alone.")
        .takes([limit(MOST, "runs on a page; 100 unless given"), cursor()])
        .answers::<RunPage>("a page of runs");
    let show = Operation::get("/api/v1/runs/{run}", "getRun", Topic::Runs, "A run with what it read", show)
        .takes([Parameter::path("run", Kind::Text, "its number, or its name")])
        .answers::<RunInFull>("the run")
        .refuses(StatusCode::NOT_FOUND, "there is no such run");
    let stop = Operation::post(
        "/api/v1/runs/{run}/stop",
        "stopRun",
        Topic::Runs,
        "Stop a run that goes on",
        stop,
    )
    .told("It ends with what it has read. Refused where it does not go on, or was asked to stop already.")
    .needs_everything(Level::Manage)
    .takes([Parameter::path("run", Kind::Text, "its number, or its name")])
    .answers::<RunInFull>("the run")
    .refuses(StatusCode::CONFLICT, "it does not go on, or was asked to stop already")
    .refuses(StatusCode::NOT_FOUND, "there is no such run");
    [list, show, stop]
}

async fn list(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    viewer: Viewer,
) -> Answer<Json<RunPage>> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let before = Cursor::before(query.first("cursor"))?.map(RunId::from);
    let limit = u32::try_from(number(&query, "limit").unwrap_or(USUAL)).unwrap_or(u32::MAX);
    let runs = console
        .ask(move |store, _, census| Seen::of(census, &viewer.visible).runs(store, before, limit))
        .await?;
    let is_full = u32::try_from(runs.len()).is_ok_and(|count| count == limit);
    let next = runs.last().filter(|_| is_full).map(|run| Cursor::Before(run.id.number()).text());
    Ok(Json(RunPage { runs: runs.into_iter().map(Into::into).collect(), next }))
}

async fn show(
    State(console): State<Console>,
    Path(asked): Path<String>,
    viewer: Viewer,
) -> Answer<Json<RunInFull>> {
    told(&console, viewer, asked).await.map(Json)
}

async fn stop(
    State(console): State<Console>,
    Path(asked): Path<String>,
    viewer: Viewer,
    writer: Writer,
) -> Answer<Json<RunInFull>> {
    let run = told(&console, viewer.clone(), asked.clone()).await?.run.number;
    stop_run(&console, run.into(), writer.author.actor).await?;
    told(&console, viewer, asked).await.map(Json)
}

async fn told(console: &Console, viewer: Viewer, asked: String) -> Answer<RunInFull> {
    let name = asked.clone();
    let told = console
        .ask(move |store, _, census| {
            let seen = Seen::of(census, &viewer.visible);
            let Some(summary) = seen.run(store, &asked)? else { return Ok(None) };
            let (_, report) = store.run(summary.id)?;
            let report = report.map(|report| tell(report, &viewer.visible));
            Ok(Some(RunInFull { run: summary.into(), report }))
        })
        .await?;
    told.ok_or_else(|| Problem::missing("run", &name))
}

fn tell(report: RunReport, visible: &Visible) -> Report {
    let runs: Vec<stance_model::Run> =
        report.runs.into_iter().filter(|run| visible.holds(&run.scope)).collect();
    let unreadable = failures(runs.iter());
    Report {
        stance_version: report.scan.stance_version,
        as_of: report.scan.as_of,
        completion: report.scan.completion.into(),
        rules: report.rules.len() as u64,
        accounts_read: runs.into_iter().map(account).collect(),
        accounts_not_read: report
            .unscanned
            .into_iter()
            .filter(|scope| visible.holds(&scope.scope))
            .map(|scope| AccountNotRead {
                account: scope.scope.to_string(),
                account_name: scope.scope_details.name,
                reason: why_not_scanned(&scope.reason),
            })
            .collect(),
        unreadable: unreadable
            .into_iter()
            .map(|((operation, code), (permissions, accounts))| Unreadable {
                operation,
                code,
                permissions: permissions.into_iter().collect(),
                accounts: accounts.into_iter().collect(),
            })
            .collect(),
    }
}

fn account(run: stance_model::Run) -> AccountRun {
    AccountRun {
        account: run.scope.to_string(),
        account_name: run.scope_details.name.clone(),
        identity: run.identity,
        regions: run.regions.iter().map(ToString::to_string).collect(),
        regions_left_out: run
            .skipped_regions
            .into_iter()
            .map(|left| RegionLeftOut { region: left.region.to_string(), reason: left.reason })
            .collect(),
        calls: run.calls.values().map(|calls| calls.succeeded + calls.failed).sum(),
        started_at: run.started_at,
        ended_at: run.ended_at,
        completion: run.completion.into(),
    }
}
