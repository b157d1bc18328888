//! Files and standard output.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The form of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "form of documents")]
pub enum DocumentForm {
    /// Stance's own, as the lines of a report in JSON lines.
    #[default]
    Stance,
    /// OCSF Compliance Findings.
    Ocsf,
}

/// A file that grows by a line for each document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct FileSink {
    /// The file; a relative one lies in the working directory.
    #[schemars(extend("examples" = ["findings.jsonl"]))]
    pub path: PathBuf,
    /// The form of its lines.
    #[serde(default)]
    pub form: DocumentForm,
}

/// Standard output.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
pub struct StdoutSink {
    /// The form of the lines.
    pub form: DocumentForm,
}
