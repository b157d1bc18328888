//! Integrations: what is scanned again and again; set up, scanned and stopped by programs too.

use super::body;
use super::operation::{Operation, Topic};
use super::parameter::{Kind, Parameter};
use super::problem::{Answer, Problem};
use super::runs::Run;
use crate::access::Writer;
use crate::integrations::{check, stop as stop_it};
use crate::{Console, Level};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_store::{IntegrationName, NewIntegration, RunSummary};

/// What the time of a day is written as.
const TIME: &str = "%H:%M";

/// How often something is scanned.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Timing {
    /// Minutes from start to start: 10 to 527040.
    every_minutes: i64,
    /// The time of day in UTC, as `03:30`; only with whole days.
    #[serde(default)]
    at: Option<String>,
}

impl Timing {
    fn of(schedule: &stance_store::Schedule) -> Self {
        let at = schedule.at().map(|at| at.format(TIME).to_string());
        Self { every_minutes: schedule.every().num_minutes(), at }
    }

    fn read(&self) -> Answer<stance_store::Schedule> {
        let every = TimeDelta::try_minutes(self.every_minutes).unwrap_or(TimeDelta::MAX);
        let at = self.at.as_deref().map(|at| {
            NaiveTime::parse_from_str(at, TIME)
                .map_err(|_| body::wrong(&format!("`{at}` is no time of day; write it as 03:30")))
        });
        Ok(stance_store::Schedule::of(every, at.transpose()?)?)
    }
}

/// An integration as it is sent.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IntegrationToKeep {
    /// What it is called: letters, digits, spaces, points, hyphens and underscores, 64 at most.
    name: String,
    /// Under what its results are filed elsewhere; `default` unless said.
    #[serde(default)]
    namespace: Option<String>,
    /// What is scanned: YAML, as a configuration file has it. Secrets by reference only.
    configuration: String,
    /// How often; every day unless said.
    #[serde(default)]
    schedule: Option<Timing>,
    /// Whether it is scanned on its schedule; it is unless said.
    #[serde(default)]
    enabled: Option<bool>,
}

impl IntegrationToKeep {
    /// What is wanted, if the configuration can be used.
    async fn read(self, console: &Console) -> Answer<NewIntegration> {
        let schedule = self.schedule.as_ref().map(Timing::read).transpose()?.unwrap_or_default();
        check(console, self.configuration.clone()).await?;
        Ok(NewIntegration {
            name: IntegrationName::of(&self.name)?,
            namespace: IntegrationName::of(self.namespace.as_deref().unwrap_or("default"))?,
            configuration: self.configuration,
            schedule,
            enabled: self.enabled.unwrap_or(true),
        })
    }
}

/// What is scanned again and again.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Integration {
    /// Its number.
    number: i64,
    /// What it is called.
    name: String,
    /// Under what its results are filed elsewhere.
    namespace: String,
    /// What is scanned: YAML, as a configuration file has it.
    configuration: String,
    /// How often.
    schedule: Timing,
    /// Whether it is scanned on its schedule.
    enabled: bool,
    /// Whether a server scans it now.
    is_being_scanned: bool,
    /// When it is scanned next, where it is enabled.
    next_at: DateTime<Utc>,
    /// Its last run, whatever became of it.
    last_run: Option<Run>,
    /// When it was made.
    made_at: DateTime<Utc>,
    /// By whom.
    made_by: String,
    /// When it was changed last.
    changed_at: DateTime<Utc>,
    /// By whom.
    changed_by: String,
}

impl Integration {
    fn of(kept: stance_store::Integration, last_run: Option<RunSummary>, now: DateTime<Utc>) -> Self {
        Self {
            number: kept.id.number(),
            is_being_scanned: kept.is_under_way(now),
            schedule: Timing::of(&kept.schedule),
            name: kept.name,
            namespace: kept.namespace,
            configuration: kept.configuration,
            enabled: kept.enabled,
            next_at: kept.next_at,
            last_run: last_run.map(Run::from),
            made_at: kept.made_at,
            made_by: kept.made_by,
            changed_at: kept.changed_at,
            changed_by: kept.changed_by,
        }
    }
}

/// Integrations.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Integrations {
    /// By name.
    integrations: Vec<Integration>,
}

/// The number of an integration, as a part of a path.
pub(crate) fn number() -> Parameter {
    Parameter::path("number", Kind::Whole(0, i64::MAX as u64), "the integration's number")
}

/// Why there is nothing to do anything with.
pub(crate) const MISSING: &str = "there is no such integration";

pub(crate) fn operations() -> Vec<Operation> {
    let topic = Topic::Integrations;
    let list =
        Operation::get("/api/v1/integrations", "listIntegrations", topic, "Every integration, by name", list)
            .answers::<Integrations>("the integrations");
    let make = Operation::post(
        "/api/v1/integrations",
        "makeIntegration",
        topic,
        "Have something scanned again and again",
        make,
    )
    .told("The configuration is checked, without asking a provider. An enabled one is scanned as soon as its schedule allows.")
    .demands::<IntegrationToKeep>()
    .answers_with::<Integration>(StatusCode::CREATED, "the integration");
    let one = |operation: Operation| {
        operation
            .takes([number()])
            .answers::<Integration>("the integration")
            .refuses(StatusCode::NOT_FOUND, MISSING)
    };
    let path = "/api/v1/integrations/{number}";
    let show = one(Operation::get(path, "getIntegration", topic, "An integration", show));
    let change = one(Operation::post(
        path,
        "changeIntegration",
        topic,
        "Say something else of an integration",
        change,
    )
    .told("What is sent stands in the place of all that it said. A scan that goes on is not touched.")
    .demands::<IntegrationToKeep>());
    let remove = Operation::delete(path, "removeIntegration", topic, "Remove an integration", remove)
        .told("What its runs have found stays in the store, and nothing in the cloud is changed.")
        .takes([number()])
        .answers_with_nothing("it is gone")
        .refuses(StatusCode::NOT_FOUND, MISSING);
    let act = |path, id, summary, text, operation: fn(_, _, _, _) -> Operation| {
        one(operation(path, id, topic, summary).told(text))
    };
    let enable = act(
        "/api/v1/integrations/{number}/enable",
        "enableIntegration",
        "Have it scanned on its schedule",
        "",
        |path, id, topic, summary| Operation::post(path, id, topic, summary, enable),
    );
    let disable = act(
        "/api/v1/integrations/{number}/disable",
        "disableIntegration",
        "Have it not scanned any more",
        "A scan that goes on is not touched.",
        |path, id, topic, summary| Operation::post(path, id, topic, summary, disable),
    );
    let scan = act(
        "/api/v1/integrations/{number}/scan",
        "scanIntegration",
        "Scan it now",
        "It is scanned as soon as a server is free. Refused where that is being done, or it is switched off.",
        |path, id, topic, summary| Operation::post(path, id, topic, summary, scan),
    );
    let stop = act(
        "/api/v1/integrations/{number}/stop",
        "stopIntegration",
        "Stop its scan",
        "The scan that goes on ends with what it has read. Refused where none does.",
        |path, id, topic, summary| Operation::post(path, id, topic, summary, stop),
    );
    let stop = stop.refuses(StatusCode::CONFLICT, "it is not being scanned, or was asked to stop already");
    let all = [list, make, show, change, remove, enable, disable, scan, stop];
    all.into_iter().map(|operation| operation.needs_everything(Level::Manage)).collect()
}

async fn list(State(console): State<Console>) -> Answer<Json<Integrations>> {
    let now = console.now();
    let told = console.look(move |store| {
        let told = store.integrations()?.into_iter().map(|kept| {
            let last = store.runs_of_integration(kept.id, 1)?.into_iter().next();
            Ok(Integration::of(kept, last, now))
        });
        told.collect::<stance_store::Result<Vec<_>>>()
    });
    Ok(Json(Integrations { integrations: told.await? }))
}

async fn told(console: &Console, number: i64) -> Answer<Integration> {
    let now = console.now();
    let told = console.look(move |store| {
        let kept = store.integration(number.into())?;
        let last = store.runs_of_integration(kept.id, 1)?.into_iter().next();
        Ok(Integration::of(kept, last, now))
    });
    Ok(told.await?)
}

async fn show(State(console): State<Console>, Path(number): Path<i64>) -> Answer<Json<Integration>> {
    told(&console, number).await.map(Json)
}

async fn make(
    State(console): State<Console>,
    writer: Writer,
    headers: HeaderMap,
    body: Body,
) -> Answer<Response> {
    let new = body::read::<IntegrationToKeep>(&headers, body).await?.read(&console).await?;
    let (actor, now) = (writer.author.actor, console.now());
    let number = console.look(move |store| store.add_integration(&new, &actor, now)).await?.number();
    let place = format!("/api/v1/integrations/{number}");
    let made = told(&console, number).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], Json(made)).into_response())
}

async fn change(
    State(console): State<Console>,
    Path(number): Path<i64>,
    writer: Writer,
    headers: HeaderMap,
    body: Body,
) -> Answer<Json<Integration>> {
    let new = body::read::<IntegrationToKeep>(&headers, body).await?.read(&console).await?;
    let (actor, now) = (writer.author.actor, console.now());
    console.look(move |store| store.change_integration(number.into(), &new, &actor, now)).await?;
    told(&console, number).await.map(Json)
}

async fn remove(
    State(console): State<Console>,
    Path(number): Path<i64>,
    writer: Writer,
) -> Answer<StatusCode> {
    let (actor, now) = (writer.author.actor, console.now());
    console.look(move |store| store.remove_integration(number.into(), &actor, now)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn enable(
    State(console): State<Console>,
    Path(number): Path<i64>,
    writer: Writer,
) -> Answer<Json<Integration>> {
    switch(&console, number, true, writer).await
}

async fn disable(
    State(console): State<Console>,
    Path(number): Path<i64>,
    writer: Writer,
) -> Answer<Json<Integration>> {
    switch(&console, number, false, writer).await
}

async fn switch(console: &Console, number: i64, enabled: bool, writer: Writer) -> Answer<Json<Integration>> {
    let (actor, now) = (writer.author.actor, console.now());
    console.look(move |store| store.switch_integration(number.into(), enabled, &actor, now)).await?;
    told(console, number).await.map(Json)
}

async fn scan(
    State(console): State<Console>,
    Path(number): Path<i64>,
    writer: Writer,
) -> Answer<Json<Integration>> {
    if console.scanner().is_none() {
        return Err(Problem::bad("this server does not scan"));
    }
    let (actor, now) = (writer.author.actor, console.now());
    console.look(move |store| store.scan_now(number.into(), &actor, now)).await?;
    told(&console, number).await.map(Json)
}

async fn stop(
    State(console): State<Console>,
    Path(number): Path<i64>,
    writer: Writer,
) -> Answer<Json<Integration>> {
    stop_it(&console, number.into(), writer.author.actor).await?;
    told(&console, number).await.map(Json)
}
