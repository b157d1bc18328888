//! Choosing rules: by service, id, benchmark, severity.

use crate::error::nearest;
use crate::{Catalog, Rule};
use stance_model::Severity;
use std::collections::BTreeSet;
use thiserror::Error;

/// Which rules to evaluate; an empty list chooses all.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Services by the catalog's name.
    pub services: Vec<String>,
    /// Rules by id or alias.
    pub rules: Vec<String>,
    /// Rules that are left out, by id or alias.
    pub excluded: Vec<String>,
    /// Rules behind the controls of these benchmarks.
    pub benchmarks: Vec<String>,
    /// The least severity.
    pub severity: Option<Severity>,
}

/// A selection names what is not there, or chooses nothing.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SelectionError {
    /// A name that the catalog does not have.
    #[error("there is no {kind} `{name}`{hint}; `{command}` lists them")]
    Unknown {
        /// What it should be.
        kind: &'static str,
        /// The name.
        name: String,
        /// A near name.
        hint: String,
        /// Where to look.
        command: &'static str,
    },
    /// The filters together leave no rule.
    #[error("no rule fits all of the filters; loosen `--service`, `--rule`, `--benchmark` or `--severity`")]
    Nothing,
}

impl Selection {
    /// The rules chosen, by id.
    ///
    /// # Errors
    /// A name that the catalog does not have, or no rule at all.
    pub fn choose<'c>(&self, catalog: &'c Catalog) -> Result<Vec<&'c Rule>, SelectionError> {
        let services: BTreeSet<&str> = catalog.rules().map(|rule| rule.service.as_str()).collect();
        for service in &self.services {
            if !services.contains(service.as_str()) {
                return Err(unknown("service", service, services.iter().copied(), "stance rules list"));
            }
        }
        let (named, excluded) = (named(catalog, &self.rules)?, named(catalog, &self.excluded)?);
        let mut in_benchmarks = BTreeSet::new();
        for id in &self.benchmarks {
            let Some(benchmark) = catalog.benchmark(id) else {
                let known = catalog.benchmarks().map(|benchmark| benchmark.id.as_str());
                return Err(unknown("benchmark", id, known, "stance benchmarks list"));
            };
            in_benchmarks.extend(
                benchmark.controls().flat_map(|control| &control.rules).map(stance_model::RuleId::as_str),
            );
        }
        let chosen: Vec<&Rule> = catalog
            .rules()
            .filter(|rule| self.services.is_empty() || self.services.contains(&rule.service))
            .filter(|rule| self.rules.is_empty() || named.contains(rule.id.as_str()))
            .filter(|rule| !excluded.contains(rule.id.as_str()))
            .filter(|rule| self.benchmarks.is_empty() || in_benchmarks.contains(rule.id.as_str()))
            .filter(|rule| self.severity.is_none_or(|least| rule.text.severity >= least))
            .collect();
        if chosen.is_empty() { Err(SelectionError::Nothing) } else { Ok(chosen) }
    }
}

/// The ids of the rules that are named by id or alias; one alias may stand for several.
fn named<'c>(catalog: &'c Catalog, names: &[String]) -> Result<BTreeSet<&'c str>, SelectionError> {
    let mut named = BTreeSet::new();
    for name in names {
        let is_meant = |rule: &&Rule| {
            rule.id.as_str() == name || rule.text.aliases.all().any(|(_, alias)| alias == name)
        };
        let matching: Vec<&str> = catalog.rules().filter(is_meant).map(|rule| rule.id.as_str()).collect();
        if matching.is_empty() {
            let known = catalog.rules().map(|rule| rule.id.as_str());
            return Err(unknown("rule", name, known, "stance rules list"));
        }
        named.extend(matching);
    }
    Ok(named)
}

fn unknown<'n>(
    kind: &'static str,
    name: &str,
    known: impl IntoIterator<Item = &'n str>,
    command: &'static str,
) -> SelectionError {
    SelectionError::Unknown {
        kind,
        name: name.to_owned(),
        hint: nearest(name, known).map(|near| format!(", did you mean `{near}`")).unwrap_or_default(),
        command,
    }
}
