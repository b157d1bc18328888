//! A report as a file: made away from the threads that answer, and sent when it is whole.

use super::{Asked, media_type};
use crate::access::Asker;
use crate::api::{Problem, stored};
use crate::error::PageError;
use crate::query::Query;
use crate::{Console, Viewer};
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use stance_report::TerminalOptions;
use std::sync::Arc;

/// Why there is no report.
enum Refused {
    Page(PageError),
    Problem(Problem),
}

/// The file.
pub(crate) async fn send(State(console): State<Console>, viewer: Viewer, request: Request) -> Response {
    let asker = Asker::of(&request);
    let query = Query::parse(request.uri().query().unwrap_or_default());
    match made(&console, &viewer, &query).await {
        Ok(response) => response,
        Err(Refused::Page(error)) => asker.refuse(error),
        Err(Refused::Problem(problem)) => problem.into_response(),
    }
}

async fn made(console: &Console, viewer: &Viewer, query: &Query) -> Result<Response, Refused> {
    let now = console.now();
    let asked = Asked::of(query, console.facts()).map_err(Refused::Page)?;
    let (asker, visible, of) = (console.clone(), viewer.visible.clone(), asked.clone());
    let report = console
        .ask(move |_, _, census| Ok(of.report(&asker, &Arc::clone(census), &visible, now)))
        .await
        .map_err(|error| Refused::Page(error.into()))?
        .map_err(Refused::Page)?;
    let format = asked.format;
    let (length, body) =
        stored(move |out| stance_report::write(&report, format, &TerminalOptions::default(), out))
            .await
            .map_err(Refused::Problem)?;
    let headers = [
        (header::CONTENT_TYPE, media_type(format).to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", asked.file_name(now))),
    ];
    Ok((headers, body).into_response())
}
