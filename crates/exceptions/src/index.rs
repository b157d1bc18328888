//! Which exceptions may cover a finding, without trying all.

use crate::{Criteria, Pattern, RuleNames, Subject};
use std::collections::{BTreeSet, HashMap};

/// The most rules by which an exception is filed; one about more is filed by another field.
const MOST_RULES: usize = 64;

/// Exceptions by the exact texts of one of their fields. Each is filed under one field, the one that
/// tells the most, once for each of its values.
#[derive(Debug, Default)]
pub(crate) struct Index {
    by_finding: HashMap<String, Vec<usize>>,
    by_resource: HashMap<String, Vec<usize>>,
    by_rule: HashMap<usize, Vec<usize>>,
    by_account: HashMap<String, Vec<usize>>,
    others: Vec<usize>,
}

impl Index {
    /// Files an exception under its number.
    pub fn file(&mut self, number: usize, criteria: &Criteria, rules: Option<&RuleSet>) {
        let few = rules.filter(|rules| rules.count <= MOST_RULES);
        if !criteria.finding.is_empty() {
            for id in &criteria.finding {
                self.by_finding.entry(id.as_str().to_owned()).or_default().push(number);
            }
        } else if let Some(texts) = exact(&criteria.resource) {
            file(&mut self.by_resource, texts, number);
        } else if let Some(rules) = few {
            for rule in rules.members() {
                self.by_rule.entry(rule).or_default().push(number);
            }
        } else if let Some(texts) = exact(&criteria.account) {
            file(&mut self.by_account, texts, number);
        } else {
            self.others.push(number);
        }
    }

    /// The numbers of all exceptions that may cover the finding, some of them more than once.
    pub fn candidates(
        &self,
        subject: &Subject<'_>,
        short_id: &str,
        rule: Option<usize>,
    ) -> impl Iterator<Item = usize> {
        [
            self.by_finding.get(subject.finding),
            self.by_resource.get(subject.resource_name),
            self.by_resource.get(short_id),
            self.by_resource.get(subject.resource_id),
            rule.and_then(|rule| self.by_rule.get(&rule)),
            self.by_account.get(subject.account),
            Some(&self.others),
        ]
        .into_iter()
        .flatten()
        .flatten()
        .copied()
    }
}

fn file(field: &mut HashMap<String, Vec<usize>>, texts: BTreeSet<&str>, number: usize) {
    for text in texts {
        field.entry(text.to_owned()).or_default().push(number);
    }
}

/// The texts of a field, where it has some and all are exact.
fn exact(patterns: &[Pattern]) -> Option<BTreeSet<&str>> {
    if patterns.is_empty() { None } else { patterns.iter().map(Pattern::exact).collect() }
}

/// Rules by their places in [`RuleNames`], a bit for each.
#[derive(Debug)]
pub(crate) struct RuleSet {
    bits: Vec<u64>,
    count: usize,
}

impl RuleSet {
    /// The rules that any of the patterns stands for; nothing where there is no pattern.
    pub fn of(patterns: &[Pattern], names: &RuleNames) -> Option<Self> {
        if patterns.is_empty() {
            return None;
        }
        let members: BTreeSet<usize> = patterns.iter().flat_map(|pattern| names.matching(pattern)).collect();
        let mut bits = vec![0; names.len().div_ceil(64)];
        for member in &members {
            if let Some(word) = bits.get_mut(member / 64) {
                *word |= 1 << (member % 64);
            }
        }
        Some(Self { bits, count: members.len() })
    }

    /// Whether the rule at that place is one of them.
    pub fn contains(&self, rule: usize) -> bool {
        self.bits.get(rule / 64).is_some_and(|word| word >> (rule % 64) & 1 == 1)
    }

    /// Their places.
    pub fn members(&self) -> impl Iterator<Item = usize> {
        (0..self.bits.len() * 64).filter(|rule| self.contains(*rule))
    }
}
