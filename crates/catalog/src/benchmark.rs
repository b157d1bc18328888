//! Benchmarks: sections and controls of a standard, each control naming rules.

use serde::Deserialize;
use stance_model::{Assessment, BenchmarkResult, ControlResult, RuleId, Score, ScoreBreakdown};
use std::collections::{BTreeSet, HashMap};

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

    /// How it stands, from how each rule stands that judged; nothing where none of its rules did.
    pub fn result(&self, judged: impl Fn(&RuleId) -> Option<Score>) -> Option<BenchmarkResult> {
        let behind: BTreeSet<&RuleId> = self.controls().flat_map(|control| &control.rules).collect();
        let scores: HashMap<&RuleId, Score> =
            behind.into_iter().filter_map(|rule| Some((rule, judged(rule)?))).collect();
        if scores.is_empty() {
            return None;
        }
        let mut score = Score::default();
        for of_rule in scores.values() {
            score += *of_rule;
        }
        let controls = self
            .sections
            .iter()
            .flat_map(|section| section.controls.iter().map(move |control| (section, control)))
            .map(|(section, control)| control.result(section, &scores))
            .collect();
        Some(BenchmarkResult { id: self.id.clone(), title: self.title.clone(), score, controls })
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

impl Control {
    fn result(&self, section: &Section, scores: &HashMap<&RuleId, Score>) -> ControlResult {
        let judged: Vec<&Score> = self.rules.iter().filter_map(|rule| scores.get(rule)).collect();
        let mut score = ScoreBreakdown::default();
        for of_rule in &judged {
            score += of_rule.verdicts;
        }
        let assessment = if self.manual {
            Assessment::Manual
        } else if judged.is_empty() {
            Assessment::NotAssessed
        } else if score.failed > 0 {
            Assessment::Fail
        } else if score.unknown > 0 {
            Assessment::Unknown
        } else if score.excepted > 0 {
            Assessment::Excepted
        } else if judged.len() < self.rules.len() {
            // passing half of a control's rules says nothing of the other half
            Assessment::NotAssessed
        } else if score.passed > 0 {
            Assessment::Pass
        } else {
            Assessment::NothingToAssess
        };
        ControlResult {
            id: self.id.clone(),
            title: self.title.clone(),
            section: section.title.clone(),
            assessment,
            rules: self.rules.clone(),
            score,
        }
    }
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
