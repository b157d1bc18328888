//! Taking a run that somebody sends, as `stance scan … --server` does.

use super::operation::{Operation, Topic};
use super::parameter::{Kind, Parameter};
use super::problem::{Answer, Problem};
use super::runs::Run;
use super::seen::Seen;
use crate::query::Query;
use crate::{Console, Level, Viewer, Visible};
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use stance_model::ScopeId;
use stance_store::{BundleError, BundleReader, RunState, RunSummary, Store, StoreError, TakenIn};
use std::fs::File;
use std::io::{BufReader, Seek, Write};
use tokio::sync::mpsc;

/// The media type of a run.
pub const RUN_MEDIA_TYPE: &str = "application/vnd.stance.run";
/// The header that names a run.
pub const RUN_NAME: &str = "stance-run-name";
/// As long as a name may be, in bytes.
const LONGEST_NAME: usize = 200;
/// Parts of a body that wait to be written.
const WAITING: usize = 16;
/// Bytes that are read at a time.
const BUFFER: usize = 1 << 16;

/// As large as a run may be when it is sent, in bytes. Put it into requests as an extension to set another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LargestRun(pub u64);

impl Default for LargestRun {
    /// A run of ten million findings, with room to spare.
    fn default() -> Self {
        Self(4 << 30)
    }
}

pub(crate) fn operation() -> Operation {
    Operation::post("/api/v1/runs", "pushRun", Topic::Runs, "Takes a run in", take)
        .told("The body is a run as `stance scan` writes it. It is taken in whole or not at all. The same name sent again changes nothing and answers what became of the first. Whoever may see some accounts only may send these alone.")
        .needs(Level::Manage)
        .takes([
            Parameter::query("name", Kind::Name(LONGEST_NAME), "the run's name, of the sender's choice; sent again, it is known"),
            Parameter::header(RUN_NAME, Kind::Name(LONGEST_NAME), "the run's name, where the address does not tell it"),
        ])
        .reads_raw(RUN_MEDIA_TYPE)
        .answers::<Run>("a run of that name was taken in before; nothing was changed")
        .answers_with::<Run>(StatusCode::CREATED, "the run is in the store")
        .refuses(StatusCode::CONFLICT, "a run of that name is under way, or came to nothing")
        .refuses(StatusCode::PAYLOAD_TOO_LARGE, "the run is too large")
        .refuses(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the body is not said to be a run")
}

async fn take(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    viewer: Viewer,
    largest: Option<Extension<LargestRun>>,
    headers: HeaderMap,
    body: Body,
) -> Answer<Response> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let name = name(&query, &headers)?;
    if headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind != RUN_MEDIA_TYPE) {
        let detail = format!("send a run, with the header `Content-Type: {RUN_MEDIA_TYPE}`");
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    let asked = name.clone();
    let asker = viewer.visible.clone();
    let known = console.ask(move |store, _, census| match store.run_named(&asked)? {
        Some(known) => Ok(Some(Known::of(known, store, &Seen::of(census, &asker))?)),
        None => Ok(None),
    });
    if let Some(known) = known.await? {
        return known.answer();
    }
    let LargestRun(largest) = largest.map(|Extension(largest)| largest).unwrap_or_default();
    let told =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|told| told > largest) {
        return Err(too_large(largest));
    }
    let file = kept(body, largest).await?;
    let now = console.now();
    let visible = viewer.visible.clone();
    let taken = console
        .ask(move |store, _, census| {
            let read = || -> Result<BufReader<File>, BundleError> {
                let mut file = file.try_clone()?;
                file.rewind()?;
                Ok(BufReader::with_capacity(BUFFER, file))
            };
            if let Visible::Only(_) = visible {
                // all of it is looked at before any of it is taken
                let mut bundle = BundleReader::open(read()?)?;
                while let Some(scope) = bundle.next_scope()? {
                    if !visible.holds(&scope.run.scope) {
                        return Ok(Outcome::NotTheirs(scope.run.scope));
                    }
                }
            }
            let taken = store.take_in(&name, now, read()?)?;
            Ok(match taken {
                TakenIn::New(run, _) => Outcome::New(store.summary(run)?),
                TakenIn::Known(known) => {
                    Outcome::Known(Known::of(known, store, &Seen::of(census, &visible))?)
                }
            })
        })
        .await
        .map_err(|error| match error {
            StoreError::Bundle(_) => Problem::bad(format!("{error}; nothing was changed")),
            error => error.into(),
        })?;
    match taken {
        Outcome::New(run) => {
            let place = format!("/api/v1/runs/{}", run.id.number());
            Ok((StatusCode::CREATED, [(header::LOCATION, place)], Json(Run::from(run))).into_response())
        }
        Outcome::Known(known) => known.answer(),
        Outcome::NotTheirs(scope) => Err(Problem::new(
            StatusCode::FORBIDDEN,
            format!("the run is about account `{scope}`, which is not one of yours; nothing was changed"),
        )),
    }
}

/// What became of a run that was sent.
enum Outcome {
    New(RunSummary),
    Known(Known),
    NotTheirs(ScopeId),
}

/// A run that was there before.
enum Known {
    /// All of it may be told.
    Theirs(RunSummary),
    /// It is about accounts of others too, of which nothing is told.
    OfOthers(String),
}

impl Known {
    fn of(run: RunSummary, store: &Store, seen: &Seen) -> stance_store::Result<Self> {
        let share = seen.numbered(store, run.id)?.filter(|share| share.scopes == run.scopes);
        Ok(share.map_or(Self::OfOthers(run.uid), Self::Theirs))
    }

    /// What became of the first run of a name.
    fn answer(self) -> Answer<Response> {
        let conflict = |detail: String| Err(Problem::new(StatusCode::CONFLICT, detail));
        match self {
            Self::OfOthers(name) => {
                conflict(format!("the name `{name}` is taken; send the run under another"))
            }
            Self::Theirs(run) => match run.state {
                RunState::Done => Ok((StatusCode::OK, Json(Run::from(run))).into_response()),
                RunState::UnderWay => {
                    conflict(format!("run `{}` is under way; wait until it is done", run.uid))
                }
                RunState::Failed | RunState::Abandoned => {
                    conflict(format!("run `{}` came to nothing; send this one under another name", run.uid))
                }
            },
        }
    }
}

/// The name that the address or a header tells.
fn name(query: &Query, headers: &HeaderMap) -> Answer<String> {
    let told = headers.get(RUN_NAME).and_then(|value| value.to_str().ok());
    match (query.first("name"), told) {
        (Some(name), Some(other)) if name != other => Err(Problem::bad(format!(
            "the run is called `{name}` in the address and `{other}` in the header; give one name"
        ))),
        (Some(name), _) | (None, Some(name)) => Ok(name.to_owned()),
        (None, None) => Err(Problem::bad(format!(
            "the run has no name; give one of your choice as `?name=…` or in the header `{RUN_NAME}`"
        ))),
    }
}

fn too_large(largest: u64) -> Problem {
    let detail = format!("the run is larger than {largest} bytes; nothing was changed");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
}

/// Writes a body into a file that is gone when it is closed.
async fn kept(body: Body, largest: u64) -> Answer<File> {
    let failed = |error: std::io::Error| {
        tracing::error!(%error, "a run that is sent cannot be kept");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the run cannot be kept; the server's log tells more")
    };
    let (sender, mut parts) = mpsc::channel::<Bytes>(WAITING);
    let writing = tokio::task::spawn_blocking(move || {
        let mut file = tempfile::tempfile()?;
        while let Some(part) = parts.blocking_recv() {
            file.write_all(&part)?;
        }
        Ok(file)
    });
    let mut body = body.into_data_stream();
    let mut length = 0;
    while let Some(part) = body.next().await {
        let part =
            part.map_err(|_| Problem::bad("the run was cut short; send it again; nothing was changed"))?;
        length += part.len() as u64;
        if length > largest {
            return Err(too_large(largest));
        }
        if sender.send(part).await.is_err() {
            // the file cannot be written; why not is told below
            break;
        }
    }
    drop(sender);
    match writing.await {
        Ok(written) => written.map_err(failed),
        Err(error) => Err(failed(std::io::Error::other(error))),
    }
}
