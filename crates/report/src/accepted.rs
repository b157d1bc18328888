//! Findings that exceptions accept, by exception.

use crate::words;
use chrono::NaiveDate;
use stance_model::{Finding, RuleId, Standing};
use std::collections::BTreeMap;

/// An exception and what it accepts.
pub(crate) struct Accepted {
    /// What it is called, if it has a name.
    pub name: Option<String>,
    pub reason: String,
    pub owner: String,
    /// The last day on which it holds; nothing where it has no end.
    pub until: Option<NaiveDate>,
    /// How many findings of each rule it accepts.
    pub rules: BTreeMap<RuleId, usize>,
    /// What the first of them is about.
    pub example: String,
}

impl Accepted {
    /// How many findings it accepts.
    pub fn findings(&self) -> usize {
        self.rules.values().sum()
    }
}

/// What tells one exception from another: owner, reason, end, name.
type Key = (String, String, Option<NaiveDate>, Option<String>);

/// Gathers exceptions while findings go by.
#[derive(Default)]
pub(crate) struct AcceptedGatherer(BTreeMap<Key, Accepted>);

impl AcceptedGatherer {
    /// Takes a finding into account.
    pub fn add(&mut self, finding: &Finding) {
        let Some(mark) = finding.exception.as_deref().filter(|_| finding.standing() == Standing::Excepted)
        else {
            return;
        };
        let key = (mark.owner.clone(), mark.reason.clone(), mark.until, mark.id.clone());
        let accepted = self.0.entry(key).or_insert_with(|| Accepted {
            name: mark.id.clone(),
            reason: mark.reason.clone(),
            owner: mark.owner.clone(),
            until: mark.until,
            rules: BTreeMap::new(),
            example: words::subject(finding),
        });
        *accepted.rules.entry(finding.rule.clone()).or_default() += 1;
    }

    /// The exceptions, those that accept most first.
    pub fn finish(self) -> Vec<Accepted> {
        let mut accepted: Vec<_> = self.0.into_values().collect();
        accepted.sort_by_key(|accepted| std::cmp::Reverse(accepted.findings()));
        accepted
    }
}
