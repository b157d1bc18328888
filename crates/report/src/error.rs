//! What can go wrong while a report is written.

use crate::Format;
use stance_model::printable;
use std::{io, path::PathBuf};
use thiserror::Error;

/// The text names no format.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{}` is not a format; use one of {}", printable(.0), Format::ALL.map(Format::name).join(", "))]
pub struct UnknownFormat(pub(crate) String);

/// A report could not be written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The writer refused.
    #[error("the report could not be written")]
    Output(#[from] io::Error),
    /// The file could not be written; what stood under its name before still stands there.
    #[error("`{}` could not be written", printable(&path.to_string_lossy()))]
    File {
        /// The file's name.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Part of the report has no form in JSON.
    #[error("the report could not be put into JSON")]
    Json(#[source] serde_json::Error),
}

impl From<serde_json::Error> for WriteError {
    fn from(error: serde_json::Error) -> Self {
        // a full disk must look the same whichever format met it
        if error.is_io() { Self::Output(error.into()) } else { Self::Json(error) }
    }
}

impl From<::csv::Error> for WriteError {
    fn from(error: ::csv::Error) -> Self {
        Self::Output(match error.into_kind() {
            ::csv::ErrorKind::Io(error) => error,
            other => io::Error::other(format!("{other:?}")),
        })
    }
}
