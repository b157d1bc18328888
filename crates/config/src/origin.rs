//! Where values were written.

use stance_model::printable;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Where a value was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere; it is what Stance takes unless told.
    #[default]
    Default,
    /// In a file.
    File {
        /// The file's path, as it was named.
        file: Arc<Path>,
        /// The line, from 1.
        line: usize,
        /// The column, from 1, in characters.
        column: usize,
    },
    /// In a variable of the environment.
    Environment(
        /// The variable's name.
        Arc<str>,
    ),
    /// On the command line.
    Flag(
        /// The flag, with its dashes.
        Arc<str>,
    ),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.pad("default"),
            Self::File { file, line, .. } => {
                write!(f, "{}:{line}", printable(&file.to_string_lossy()))
            }
            Self::Environment(name) | Self::Flag(name) => f.pad(&printable(name)),
        }
    }
}

/// Where each value of a configuration was written, by its path (`aws.accounts[1].id`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(BTreeMap<String, Origin>);

impl Origins {
    /// Where the value at that path was written; the default, where nobody wrote it.
    pub fn of(&self, path: &str) -> Origin {
        self.0.get(path).cloned().unwrap_or_default()
    }

    /// Every value that somebody wrote, sections and items of lists too, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Origin)> {
        self.0.iter().map(|(path, origin)| (path.as_str(), origin))
    }

    pub(crate) fn add(&mut self, path: String, origin: Origin) {
        self.0.insert(path, origin);
    }

    /// Whether somebody wrote a value at that path.
    pub fn is_set(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }
}
