//! What the catalog says of rules, by rule, as pages need it.

use stance_catalog::{Benchmark, Catalog, Rule};
use stance_store::NamedRule;
use std::collections::HashMap;

/// Where a rule stands in a benchmark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The benchmark's id.
    pub(crate) benchmark: String,
    /// The control's number.
    pub(crate) control: String,
}

/// What a catalog calls its rules, as a store learns it.
pub fn named_rules(catalog: &Catalog) -> impl Iterator<Item = NamedRule> + '_ {
    catalog.rules().map(|rule| NamedRule {
        id: rule.id.to_string(),
        service: rule.service.clone(),
        names: rule.text.aliases.all().map(|(_, name)| name.to_owned()).collect(),
    })
}

/// What the catalog says.
pub(crate) struct Facts {
    catalog: Catalog,
    places: HashMap<String, Vec<Place>>,
}

impl Facts {
    pub(crate) fn of(catalog: Catalog) -> Self {
        let mut places: HashMap<String, Vec<Place>> = HashMap::new();
        for benchmark in catalog.benchmarks() {
            for control in benchmark.controls() {
                let place = Place { benchmark: benchmark.id.clone(), control: control.id.clone() };
                for rule in &control.rules {
                    places.entry(rule.as_str().to_owned()).or_default().push(place.clone());
                }
            }
        }
        Self { catalog, places }
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// A rule; nothing where the catalog no longer has it.
    pub(crate) fn rule(&self, id: &str) -> Option<&Rule> {
        self.catalog.rule(id)
    }

    /// What must hold, or the rule's id where the catalog no longer has it.
    pub(crate) fn title<'f>(&'f self, id: &'f str) -> &'f str {
        self.rule(id).map_or(id, |rule| rule.text.title.as_str())
    }

    /// Where a rule stands in benchmarks.
    pub(crate) fn places(&self, rule: &str) -> &[Place] {
        self.places.get(rule).map(Vec::as_slice).unwrap_or_default()
    }

    /// A benchmark.
    pub(crate) fn benchmark(&self, id: &str) -> Option<&Benchmark> {
        self.catalog.benchmark(id)
    }

    /// The benchmarks, those that most people ask for first.
    pub(crate) fn benchmarks(&self) -> Vec<&Benchmark> {
        let mut all: Vec<&Benchmark> = self.catalog.benchmarks().collect();
        all.sort_by_key(|benchmark| (!benchmark.featured, benchmark.title.as_str()));
        all
    }
}
