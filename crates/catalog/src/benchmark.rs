//! Benchmarks: sections and controls of a standard, each control naming rules.

use serde::Deserialize;
use stance_model::RuleId;

/// Sections and controls of a standard.
#[derive(Clone, Debug)]
pub struct Benchmark {
    /// Its id, `aws-cis-3.0`.
    pub id: String,
    /// The file that holds it.
    pub file: String,
    /// Its name.
    pub title: String,
    /// Its version.
    pub version: String,
    /// Whether it is told of in every report, and not only where it is asked for.
    pub featured: bool,
    /// Its sections in order.
    pub sections: Vec<Section>,
}

impl Benchmark {
    /// All controls in order.
    pub fn controls(&self) -> impl Iterator<Item = &Control> {
        self.sections.iter().flat_map(|section| &section.controls)
    }
}

/// A section of a benchmark.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Its number.
    pub id: String,
    /// A short title of our own.
    pub title: String,
    /// Its controls in order.
    #[serde(default)]
    pub controls: Vec<Control>,
}

/// A control of a benchmark.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Its number.
    pub id: String,
    /// A short title of our own.
    pub title: String,
    /// The benchmark's own level or profile.
    #[serde(default)]
    pub level: Option<u8>,
    /// Whether a person has to look.
    #[serde(default)]
    pub manual: bool,
    /// Whether rules could tell, but nobody has written them yet.
    #[serde(default)]
    pub unassessed: bool,
    /// Why no rule stands behind it.
    #[serde(default)]
    pub note: Option<String>,
    /// The rules behind it.
    #[serde(default)]
    pub rules: Vec<RuleId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BenchmarkFile {
    pub title: String,
    pub version: String,
    #[serde(default)]
    pub featured: bool,
    pub sections: Vec<Section>,
}
