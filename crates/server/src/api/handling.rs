//! What people do about a finding: who looks after it, and what they write to it.

use super::body;
use super::operation::{Operation, Topic};
use super::parameter::{Kind, Parameter};
use super::problem::Answer;
use crate::access::Writer;
use crate::handling::{self, seen};
use crate::{Console, Level, Viewer};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_store::StoreError;

/// What people do about a finding.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Handling {
    /// What whoever looks after it is called; null where nobody does.
    assignee: Option<String>,
    /// What was written to it, the earliest first.
    notes: Vec<Note>,
}

/// What somebody wrote to a finding.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Note {
    /// When.
    at: DateTime<Utc>,
    /// Who, as they signed in then.
    name: String,
    /// What: plain text.
    text: String,
}

impl From<stance_store::Handling> for Handling {
    fn from(kept: stance_store::Handling) -> Self {
        let notes = kept.notes.into_iter().map(|note| Note { at: note.at, name: note.name, text: note.text });
        Self { assignee: kept.assignee.map(|(_, name)| name), notes: notes.collect() }
    }
}

/// Who is to look after a finding.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assignee {
    /// The name with which they sign in; null gives it to nobody.
    #[schemars(required)]
    person: Option<String>,
}

/// What is to be written to a finding.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewNote {
    /// Plain text of 1 to 4000 characters; it cannot be changed.
    text: String,
}

pub(crate) fn operations() -> [Operation; 3] {
    let show = Operation::get(
        "/api/v1/findings/{id}/handling",
        "getHandling",
        Topic::Findings,
        "Who looks after a finding, and what was written to it",
        show,
    )
    .answers::<Handling>("what people do about it");
    let assign = Operation::post(
        "/api/v1/findings/{id}/assign",
        "assignFinding",
        Topic::Findings,
        "Give a finding to somebody, or to nobody",
        assign,
    )
    .told("Whoever it is given to must be able to see it.")
    .needs(Level::Write)
    .demands::<Assignee>()
    .answers::<Handling>("what people do about it");
    let write = Operation::post(
        "/api/v1/findings/{id}/notes",
        "writeNote",
        Topic::Findings,
        "Write a note to a finding",
        write_note,
    )
    .told("Everybody who sees the finding sees it; it cannot be changed.")
    .needs(Level::Write)
    .demands::<NewNote>()
    .answers_with::<Handling>(StatusCode::CREATED, "what people do about it");
    [show, assign, write].map(|operation| {
        operation
            .takes([Parameter::path("id", Kind::FindingId, "the finding's id")])
            .refuses(StatusCode::NOT_FOUND, "there is no such finding")
    })
}

async fn told(console: &Console, viewer: Viewer, id: String) -> Answer<Handling> {
    let kept = console.ask(move |store, _, census| {
        let (row, _) = seen(store, census, &id, &viewer.visible)?;
        store.handling(&row.id)
    });
    Ok(kept.await?.into())
}

async fn show(
    State(console): State<Console>,
    Path(id): Path<String>,
    viewer: Viewer,
) -> Answer<Json<Handling>> {
    told(&console, viewer, id).await.map(Json)
}

async fn assign(
    State(console): State<Console>,
    Path(id): Path<String>,
    viewer: Viewer,
    writer: Writer,
    headers: HeaderMap,
    body: Body,
) -> Answer<Json<Handling>> {
    let Assignee { person } = body::read(&headers, body).await?;
    let find = move |store: &stance_store::Store| {
        let Some(name) = person else { return Ok(None) };
        let found = store.people()?.into_iter().find(|person| person.name == name);
        let unknown = || StoreError::Unfit(format!("nobody signs in as `{name}`; name somebody who does"));
        found.map(|person| Some(person.id)).ok_or_else(unknown)
    };
    let id = handling::assign(&console, id, &viewer, writer.author.actor, find).await?;
    told(&console, viewer, id).await.map(Json)
}

async fn write_note(
    State(console): State<Console>,
    Path(id): Path<String>,
    viewer: Viewer,
    writer: Writer,
    headers: HeaderMap,
    body: Body,
) -> Answer<(StatusCode, Json<Handling>)> {
    let NewNote { text } = body::read(&headers, body).await?;
    let id = handling::write_note(&console, id, &viewer, writer.author.actor, text).await?;
    Ok((StatusCode::CREATED, Json(told(&console, viewer, id).await?)))
}
