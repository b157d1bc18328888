//! The report to take along, as the page of reports makes it.

use super::operation::{Operation, Topic};
use super::parameter::{Kind, Parameter};
use crate::reports::{FORMATS, Status, send};
use axum::http::StatusCode;
use stance_report::Format;

pub(crate) fn operation() -> Operation {
    let operation = Operation::get(
        "/api/v1/report",
        "makeReport",
        Topic::Reports,
        "Make a report of a benchmark or of everything",
        send,
    )
    .told("It tells of each account what the last run about it has found, among those that whoever asks may see. Nothing of it is kept: it is made for each answer.")
    .takes([
        Parameter::query("format", Kind::OneOf(FORMATS.map(Format::name).into()), "which form it has").required(),
        Parameter::query("benchmark", Kind::Text, "the benchmark's id; everything unless given"),
        Parameter::query("account", Kind::Text, "the account's id; all unless given").list(),
        Parameter::query(
            "status",
            Kind::OneOf(Status::ALL.map(Status::key).into()),
            "which findings stand in its rows, where it is a table of them; all unless given",
        ),
    ])
    .refuses(StatusCode::NOT_FOUND, "there is no such benchmark or account");
    FORMATS.into_iter().fold(operation, |operation, format| operation.answers_raw(bare(format), "the report"))
}

/// The media type of a form without what follows it.
fn bare(format: Format) -> &'static str {
    let kind = crate::reports::media_type(format);
    kind.split(';').next().unwrap_or(kind)
}
