//! What a run looked at: only there does silence mean that something is gone.

use super::names::{NameKind, Names};
use crate::Result;
use crate::database::Session;
use stance_model::{ListingState, Region, RuleId, Run};
use std::collections::{HashMap, HashSet};

/// What a run looked at in a scope.
pub(crate) struct Looked {
    /// By type and region: whether all was listed.
    listings: HashMap<(i64, i64), Sight>,
    rules: HashSet<i64>,
    global: i64,
}

/// What silence about something means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// It was looked for everywhere: it is gone.
    Whole,
    /// It was to be looked for, and could not be: nothing is known of it any more.
    Failed,
    /// Nobody meant to look: the last verdict stands, with its date.
    None,
}

impl Looked {
    pub(crate) fn of(
        run: &Run,
        rules: &HashSet<RuleId>,
        names: &mut Names,
        session: &mut dyn Session,
    ) -> Result<Self> {
        let mut listings = HashMap::new();
        for listing in &run.listings {
            let kind = names.id(session, NameKind::ResourceType, listing.resource_type.as_str())?;
            let region = names.id(session, NameKind::Region, listing.region.as_str())?;
            let sight = match listing.state {
                ListingState::Read { .. } | ListingState::Unsupported => Sight::Whole,
                ListingState::Unreadable { .. } => Sight::Failed,
            };
            listings.insert((kind, region), sight);
        }
        let mut looked = Self {
            listings,
            rules: HashSet::new(),
            global: names.id(session, NameKind::Region, Region::GLOBAL)?,
        };
        for rule in rules {
            looked.rules.insert(names.id(session, NameKind::Rule, rule.as_str())?);
        }
        Ok(looked)
    }

    /// What it means that no resource of the type was met in the region.
    pub(crate) fn sight_of_resource(&self, kind: i64, region: i64) -> Sight {
        let here = self.listings.get(&(kind, region));
        // what is listed once for the scope lives in regions all the same, as buckets do
        let global = self.listings.get(&(kind, self.global));
        match (here, global) {
            (Some(Sight::Failed), _) | (None, Some(Sight::Failed)) => Sight::Failed,
            (Some(_), _) | (None, Some(_)) => Sight::Whole,
            (None, None) => Sight::None,
        }
    }

    /// Whether the rule judged.
    pub(crate) fn is_judged_by(&self, rule: i64) -> bool {
        self.rules.contains(&rule)
    }
}
