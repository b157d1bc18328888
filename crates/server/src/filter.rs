//! Which findings are wanted: read from an address, applied to cells.

use crate::dimension::Dimension;
use crate::facts::Facts;
use crate::query::Query;
use crate::viewer::{Viewer, Visible};
use chrono::{DateTime, Days, NaiveDate, Utc};
use stance_model::{RuleId, Severity, Standing};
use stance_store::{Assigned, Cell, Census, Constraints, PersonId, Tally};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Which findings are wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Filter {
    /// Wanted values by dimension; a dimension that is not there takes all.
    pub(crate) wanted: BTreeMap<Dimension, BTreeSet<String>>,
    /// What no cell tells.
    pub(crate) constraints: Constraints,
}

impl Filter {
    /// Reads what an address asks for. `viewer` is whom it means by `me`, `now` is what "so many days ago" counts from.
    pub(crate) fn of(query: &Query, viewer: &Viewer, now: DateTime<Utc>) -> Result<Self, String> {
        Self::read(query, viewer.person, now)
    }

    /// Reads what an address asks for, where nobody may be there for `me` to mean.
    pub(crate) fn read(query: &Query, me: Option<PersonId>, now: DateTime<Utc>) -> Result<Self, String> {
        let mut filter = Self::default();
        for (name, value) in query.pairs().filter(|(_, value)| !value.is_empty()) {
            if let Some(dimension) = Dimension::of(name) {
                // a control's number may hold a comma; nothing else does
                let values: Vec<&str> =
                    if dimension == Dimension::Control { vec![value] } else { value.split(',').collect() };
                let wanted = filter.wanted.entry(dimension).or_default();
                wanted.extend(values.into_iter().map(str::to_owned));
            }
        }
        filter.constraints.text = query.first("q").map(str::to_owned);
        filter.constraints.tag = query.first("tag").map(|tag| match tag.split_once('=') {
            Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
            None => (tag.to_owned(), None),
        });
        filter.constraints.resource = match query.first("resource") {
            Some(text) => {
                Some(text.parse().map_err(|_| format!("`{text}` is not the number of a resource"))?)
            }
            None => None,
        };
        filter.constraints.exception = match query.first("exception") {
            Some(text) => {
                Some(text.parse().map_err(|_| format!("`{text}` is not the number of an exception"))?)
            }
            None => None,
        };
        filter.constraints.assigned = match query.first("assigned") {
            Some("me") => {
                let me = me.ok_or("nobody is signed in; ask for a name, or `nobody`")?;
                Some(Assigned::To(me))
            }
            Some("nobody") => Some(Assigned::ToNobody),
            Some(name) => Some(Assigned::Named(name.to_owned())),
            None => None,
        };
        filter.constraints.first_seen_from =
            query.first("first_seen").map(|text| moment(text, now)).transpose()?;
        filter.constraints.since_from = query.first("since").map(|text| moment(text, now)).transpose()?;
        for (dimension, values) in &filter.wanted {
            for value in values {
                filter_value(*dimension, value)?;
            }
        }
        Ok(filter)
    }

    /// Those cells that are wanted and may be seen.
    pub(crate) fn cells<'c>(&self, census: &'c Census, facts: &Facts, visible: &Visible) -> Vec<&'c Cell> {
        let ready = self.ready(census, facts, visible);
        census.cells.iter().filter(|cell| ready.takes(cell)).collect()
    }

    /// The filter made quick: what depends on a scope or a rule alone is found out once.
    pub(crate) fn ready(&self, census: &Census, facts: &Facts, visible: &Visible) -> Ready {
        let scopes = census
            .scopes
            .values()
            .filter(|scope| visible.holds(&scope.id))
            .filter(|scope| self.all_of(Dimension::is_of_scope, |dimension| dimension.of_scope(scope)));
        let rules: HashSet<&RuleId> = census.cells.iter().map(|cell| &cell.rule).collect();
        let rules = rules.into_iter().map(|rule| {
            let is_wanted = self
                .all_of(Dimension::is_of_rule, |dimension| dimension.of_rule(rule, facts, &census.settings));
            (rule.clone(), is_wanted)
        });
        Ready {
            scopes: scopes.map(|scope| scope.number).collect(),
            rules: rules.collect(),
            regions: self.wanted.get(&Dimension::Region).cloned(),
            severities: self.wanted.get(&Dimension::Severity).cloned(),
            standings: self.wanted.get(&Dimension::Standing).cloned(),
        }
    }

    fn all_of(
        &self,
        is_meant: impl Fn(Dimension) -> bool,
        values: impl Fn(Dimension) -> Vec<String>,
    ) -> bool {
        let mut meant = self.wanted.iter().filter(|(dimension, _)| is_meant(**dimension));
        meant.all(|(dimension, wanted)| values(*dimension).iter().any(|value| wanted.contains(value)))
    }
}

/// A filter that is quick.
pub(crate) struct Ready {
    scopes: HashSet<i64>,
    rules: HashMap<RuleId, bool>,
    regions: Option<BTreeSet<String>>,
    severities: Option<BTreeSet<String>>,
    standings: Option<BTreeSet<String>>,
}

impl Ready {
    pub(crate) fn takes(&self, cell: &Cell) -> bool {
        let is_in = |set: &Option<BTreeSet<String>>, value: &str| {
            set.as_ref().is_none_or(|wanted| wanted.contains(value))
        };
        self.scopes.contains(&cell.scope)
            && is_in(&self.standings, crate::dimension::standing_key(cell.standing))
            && is_in(&self.severities, cell.severity.as_str())
            && is_in(&self.regions, cell.region.as_str())
            && self.rules.get(&cell.rule).copied().unwrap_or_default()
    }

    /// Whether a tally is wanted, as far as it can tell: it knows neither region nor standing.
    pub(crate) fn takes_tally(&self, tally: &Tally) -> bool {
        self.scopes.contains(&tally.scope)
            && self.severities.as_ref().is_none_or(|wanted| wanted.contains(tally.severity.as_str()))
            && self.rules.get(&tally.rule).copied().unwrap_or(self.rules.is_empty())
    }
}

fn filter_value(dimension: Dimension, value: &str) -> Result<(), String> {
    match dimension {
        Dimension::Severity => value.parse::<Severity>().map(drop).map_err(|error| error.to_string()),
        Dimension::Standing => crate::dimension::standing_of(value).map(drop).ok_or_else(|| {
            let known = crate::dimension::STANDINGS.map(crate::dimension::standing_key).join(", ");
            format!("`{value}` is not a status; use one of {known}")
        }),
        _ => Ok(()),
    }
}

/// A moment: a day, so many days ago, or a moment to the second.
pub(crate) fn moment(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    let wrong = || format!("`{text}` is not a time; write a day as 2026-01-31, or days ago as 7d");
    if let Some(days) = text.strip_suffix('d') {
        let days = days.parse().map_err(|_| wrong())?;
        return now.checked_sub_days(Days::new(days)).ok_or_else(wrong);
    }
    if let Ok(exact) = DateTime::parse_from_rfc3339(text) {
        return Ok(exact.to_utc());
    }
    let day: NaiveDate = text.parse().map_err(|_| wrong())?;
    Ok(day.and_hms_opt(0, 0, 0).unwrap_or_default().and_utc())
}

/// Cells in the order in which their findings are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Failing first, the worst first.
    #[default]
    Severity,
    Account,
    Rule,
    Region,
}

impl Sort {
    pub(crate) const ALL: [Self; 4] = [Self::Severity, Self::Account, Self::Rule, Self::Region];

    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Severity => "severity",
            Self::Account => "account",
            Self::Rule => "rule",
            Self::Region => "region",
        }
    }

    pub(crate) fn of(query: &Query) -> Self {
        let asked = query.first("sort").unwrap_or_default();
        Self::ALL.into_iter().find(|sort| sort.key() == asked).unwrap_or_default()
    }

    /// Puts cells into the order.
    pub(crate) fn apply(self, cells: &mut [&Cell], census: &Census) {
        let name = |cell: &Cell| census.scope(cell.scope).map(|scope| (scope.name(), scope.id.as_str()));
        let worst = |cell: &Cell| (standing_rank(cell.standing), std::cmp::Reverse(cell.severity));
        cells.sort_by(|left, right| {
            let first = match self {
                Self::Severity => std::cmp::Ordering::Equal,
                Self::Account => name(left).cmp(&name(right)),
                Self::Rule => left.rule.cmp(&right.rule),
                Self::Region => left.region.cmp(&right.region),
            };
            first
                .then_with(|| worst(left).cmp(&worst(right)))
                .then_with(|| left.rule.cmp(&right.rule))
                .then_with(|| name(left).cmp(&name(right)))
                .then_with(|| left.region.cmp(&right.region))
        });
    }
}

fn standing_rank(standing: Standing) -> usize {
    crate::dimension::STANDINGS.iter().position(|held| *held == standing).unwrap_or_default()
}
