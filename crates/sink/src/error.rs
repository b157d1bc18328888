//! What can go wrong before and around a delivery.

use stance_model::printable;
use std::{io, path::PathBuf};
use thiserror::Error;

/// A sink cannot be used, or what it should deliver cannot be read.
#[derive(Debug, Error)]
pub enum SinkError {
    /// A setting of the sink is wrong.
    #[error("the sink `{sink}` cannot be used: {reason}")]
    Settings {
        /// The sink's name.
        sink: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// There is no folder for what is not delivered yet.
    #[error(
        "the sink `{sink}` has no folder to keep batches in; set its `folder`, or the variable `XDG_STATE_HOME` or `HOME`"
    )]
    NoFolder {
        /// The sink's name.
        sink: String,
    },
    /// The sink's folder, or a file in it, cannot be used.
    #[error("`{}` cannot be used", printable(&path.to_string_lossy()))]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process delivers from the same folder.
    #[error("another process delivers from `{}`; wait until it has ended", printable(&path.to_string_lossy()))]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The run time could not be started.
    #[error("the delivery could not be started")]
    Start(#[source] io::Error),
    /// A document has no form in JSON.
    #[error("a document could not be put into JSON")]
    Document(#[source] serde_json::Error),
    /// The findings could not be read through.
    #[error("the findings could not be read")]
    Findings(#[source] io::Error),
}
