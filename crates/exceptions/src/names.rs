//! Names of rules: ids, former ids, what others call the same condition.

use crate::Pattern;
use std::collections::{BTreeMap, BTreeSet};

/// Which rules go by which names.
#[derive(Clone, Debug, Default)]
pub struct RuleNames {
    /// Rule ids in order; an index into them stands for a rule elsewhere in this crate.
    ids: Vec<String>,
    by_name: BTreeMap<String, BTreeSet<usize>>,
}

impl RuleNames {
    /// From pairs of a rule's id and a name of it; a rule goes by its id without being told so.
    pub fn new<'n>(pairs: impl IntoIterator<Item = (&'n str, &'n str)>) -> Self {
        let pairs: Vec<(&str, &str)> = pairs.into_iter().collect();
        let ids: BTreeSet<&str> = pairs.iter().map(|(id, _)| *id).collect();
        let ids: Vec<String> = ids.into_iter().map(str::to_owned).collect();
        let mut names = Self { ids, by_name: BTreeMap::new() };
        for (id, name) in pairs {
            if let Some(index) = names.index(id) {
                names.by_name.entry(name.to_owned()).or_default().insert(index);
            }
        }
        names
    }

    /// Where the rule of that id stands.
    pub(crate) fn index(&self, id: &str) -> Option<usize> {
        self.ids.binary_search_by(|known| known.as_str().cmp(id)).ok()
    }

    /// How many rules there are.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The rule at that place.
    pub(crate) fn id(&self, index: usize) -> &str {
        self.ids.get(index).map_or("", String::as_str)
    }

    /// The rules that a pattern stands for: by id, and where it is exact by any other name too.
    pub(crate) fn matching(&self, pattern: &Pattern) -> BTreeSet<usize> {
        match pattern.exact() {
            Some(name) => {
                let named = self.by_name.get(name).into_iter().flatten().copied();
                self.index(name).into_iter().chain(named).collect()
            }
            None => (0..self.ids.len()).filter(|index| pattern.matches(self.id(*index))).collect(),
        }
    }

    /// All names, without the ids themselves, each with its rules.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, &BTreeSet<usize>)> {
        self.by_name.iter().map(|(name, rules)| (name.as_str(), rules))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_goes_by_its_id_and_by_every_other_exact_name() {
        let names = RuleNames::new([("aws-b", "old-b"), ("aws-a", "s3_check"), ("aws-b", "s3_check")]);
        let matching = |text: &str| {
            let found = names.matching(&text.parse().unwrap());
            found.into_iter().map(|index| names.id(index).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(matching("aws-b"), ["aws-b"]);
        assert_eq!(matching("old-b"), ["aws-b"]);
        assert_eq!(matching("s3_check"), ["aws-a", "aws-b"]);
        assert_eq!(matching("aws-*"), ["aws-a", "aws-b"]);
        // wildcards are for our own ids: others' names would bring surprises
        assert!(matching("s3_*").is_empty() && matching("none").is_empty());
    }
}
