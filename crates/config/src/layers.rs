//! What a configuration is made of.

use crate::ConfigError;
use crate::files::read_text;
use serde_json::Value;
use std::fmt;
use std::path::{Path, PathBuf};

/// All that a configuration is made of, each layer over the one before.
#[derive(Clone, Default)]
pub struct Layers {
    /// The file.
    pub file: Option<FileLayer>,
    /// The whole environment; variables whose names begin with `STANCE__` are a layer, and references to
    /// secrets and the home folder are looked up in it.
    pub environment: Vec<(String, String)>,
    /// Flags that set keys.
    pub flags: Vec<FlagValue>,
    /// The formats that `outputs` may name; any, where the list is empty.
    pub formats: Vec<String>,
}

impl fmt::Debug for Layers {
    /// Files, variables and flags may hold secrets, so that only their names are shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layers").field("file", &self.file).field("flags", &self.flags).finish_non_exhaustive()
    }
}

/// The layer of the file.
#[derive(Clone)]
pub struct FileLayer {
    /// The file's path, as messages show it; relative paths in the file begin at its folder.
    pub path: PathBuf,
    /// What stands in it.
    pub text: String,
}

impl fmt::Debug for FileLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileLayer").field("path", &self.path).finish_non_exhaustive()
    }
}

impl FileLayer {
    /// Reads the file.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = read_text(path)?;
        Ok(Self { path: path.to_owned(), text })
    }
}

/// A key that a flag sets.
#[derive(Clone)]
pub struct FlagValue {
    /// The key's path, `aws.max_rate`.
    pub key: String,
    /// Its value.
    pub value: Value,
    /// The flag, `--max-rate`.
    pub flag: String,
}

impl fmt::Debug for FlagValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlagValue").field("flag", &self.flag).field("key", &self.key).finish_non_exhaustive()
    }
}
