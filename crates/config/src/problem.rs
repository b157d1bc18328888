//! What can be wrong with a configuration, and what is worth a word.

use crate::Origin;
use stance_model::printable;
use std::{fmt, io, path::PathBuf};
use thiserror::Error;

/// Something that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it was written.
    pub origin: Origin,
    /// What is wrong and what to do, with the offending key in backticks; never the value of a secret.
    pub message: String,
}

impl Problem {
    /// A problem at that place.
    pub fn new(origin: Origin, message: impl Into<String>) -> Self {
        Self { origin, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        place(f, &self.origin)?;
        f.write_str(&printable(&self.message))
    }
}

/// The origin with its column, and a colon; nothing for what was not written anywhere.
fn place(f: &mut fmt::Formatter<'_>, origin: &Origin) -> fmt::Result {
    match origin {
        Origin::Default => Ok(()),
        Origin::File { column, .. } => write!(f, "{origin}:{column}: "),
        Origin::Environment(_) | Origin::Flag(_) => write!(f, "{origin}: "),
    }
}

/// Something that is not wrong, but that whoever wrote it should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The path of the key that it is about, `github.token`.
    pub key: String,
    /// Where that key was written.
    pub origin: Origin,
    /// What to know.
    pub message: String,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        place(f, &self.origin)?;
        f.write_str(&printable(&self.message))
    }
}

/// A configuration could not be taken.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A file could not be read.
    #[error("`{}` could not be read", printable(&path.to_string_lossy()))]
    Unreadable {
        /// The file's name.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What was written is wrong; every problem that was found.
    #[error("{}", lines(.0))]
    Problems(Vec<Problem>),
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}
