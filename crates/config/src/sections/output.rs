//! Reports to write.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A report to write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// The report's format, as of the flag `--format`: `terminal`, `json`, `html` and others.
    #[schemars(extend("examples" = ["html"]))]
    pub format: String,
    /// File to write; a relative one is written in the working directory. The terminal unless given.
    #[serde(default)]
    #[schemars(extend("examples" = ["report.html"]))]
    pub path: Option<PathBuf>,
}
