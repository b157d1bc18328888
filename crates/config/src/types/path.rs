//! Paths of files that the configuration reads.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The name by which the reader knows that a path has to be completed.
pub(crate) const NAME: &str = "InputPath";

/// A file or folder to read. A relative one that was written in a file is sought beside that file,
/// any other in the working directory; `~/` is the home folder.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "path")]
pub struct InputPath(PathBuf);

impl InputPath {
    /// The path, completed.
    pub fn as_path(&self) -> &Path {
        &self.0
    }
}

impl AsRef<Path> for InputPath {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}
