//! What findings can be chosen and grouped by.

use crate::facts::Facts;
use crate::viewer::Visible;
use stance_model::{RuleId, Severity, Standing};
use stance_store::{Cell, Census, RuleSettings, Scope};
use std::borrow::Cow;

/// What findings can be chosen and grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Dimension {
    Standing,
    Severity,
    Provider,
    Account,
    Unit,
    Region,
    Service,
    Type,
    Rule,
    Category,
    Benchmark,
    Control,
}

impl Dimension {
    pub(crate) const ALL: [Self; 12] = [
        Self::Standing,
        Self::Severity,
        Self::Provider,
        Self::Account,
        Self::Unit,
        Self::Region,
        Self::Service,
        Self::Type,
        Self::Rule,
        Self::Category,
        Self::Benchmark,
        Self::Control,
    ];

    /// Its name in addresses.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Standing => "status",
            Self::Severity => "severity",
            Self::Provider => "provider",
            Self::Account => "account",
            Self::Unit => "unit",
            Self::Region => "region",
            Self::Service => "service",
            Self::Type => "type",
            Self::Rule => "rule",
            Self::Category => "category",
            Self::Benchmark => "benchmark",
            Self::Control => "control",
        }
    }

    /// Its name for people.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Standing => "Status",
            Self::Severity => "Severity",
            Self::Provider => "Provider",
            Self::Account => "Account",
            Self::Unit => "Organizational unit",
            Self::Region => "Region",
            Self::Service => "Service",
            Self::Type => "Resource type",
            Self::Rule => "Rule",
            Self::Category => "Category",
            Self::Benchmark => "Benchmark",
            Self::Control => "Control",
        }
    }

    pub(crate) fn of(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dimension| dimension.key() == key)
    }

    /// What belongs to the scope alone.
    pub(crate) fn is_of_scope(self) -> bool {
        matches!(self, Self::Provider | Self::Account | Self::Unit)
    }

    /// What belongs to the rule alone.
    pub(crate) fn is_of_rule(self) -> bool {
        matches!(
            self,
            Self::Service | Self::Type | Self::Rule | Self::Category | Self::Benchmark | Self::Control
        )
    }

    /// The values of a scope.
    pub(crate) fn of_scope(self, scope: &Scope) -> Vec<String> {
        match self {
            Self::Provider => vec![scope.provider.to_string()],
            Self::Account => vec![scope.id.to_string()],
            Self::Unit => scope.details.path.iter().map(|unit| unit.id.clone()).collect(),
            _ => Vec::new(),
        }
    }

    /// The values of a rule.
    pub(crate) fn of_rule(self, rule: &RuleId, facts: &Facts, settings: &RuleSettings) -> Vec<String> {
        let known = facts.rule(rule.as_str());
        let places = facts.places(rule.as_str()).iter();
        // a benchmark in which the rule is off does without it
        let places = places.filter(|place| !settings.is_off_in(rule.as_str(), &place.benchmark));
        match self {
            Self::Rule => vec![rule.to_string()],
            Self::Service => known.map(|rule| rule.service.clone()).into_iter().collect(),
            Self::Type => known.map(|rule| rule.text.resource.to_string()).into_iter().collect(),
            Self::Category => known.map(|rule| rule.text.categories.clone()).unwrap_or_default(),
            Self::Benchmark => {
                let mut ids: Vec<String> = places.map(|place| place.benchmark.clone()).collect();
                ids.dedup();
                ids
            }
            Self::Control => places.map(|place| format!("{}:{}", place.benchmark, place.control)).collect(),
            _ => Vec::new(),
        }
    }

    /// The values of a cell.
    pub(crate) fn of_cell(self, cell: &Cell, census: &Census, facts: &Facts) -> Vec<String> {
        match self {
            Self::Standing => vec![standing_key(cell.standing).to_owned()],
            Self::Severity => vec![cell.severity.as_str().to_owned()],
            Self::Region => vec![cell.region.to_string()],
            _ if self.is_of_scope() => {
                census.scope(cell.scope).map(|scope| self.of_scope(scope)).unwrap_or_default()
            }
            _ => self.of_rule(&cell.rule, facts, &census.settings),
        }
    }

    /// A value as people read it; what somebody may not see has no name.
    pub(crate) fn show<'v>(
        self,
        value: &'v str,
        census: &Census,
        facts: &'v Facts,
        visible: &Visible,
    ) -> Cow<'v, str> {
        let seen = || census.scopes.values().filter(|scope| visible.holds(&scope.id));
        match self {
            Self::Account => match seen()
                .find(|scope| scope.id.as_str() == value)
                .and_then(|scope| scope.details.name.clone())
            {
                Some(name) => Cow::Owned(format!("{name} ({value})")),
                None => Cow::Borrowed(value),
            },
            Self::Unit => {
                let named = seen().flat_map(|scope| &scope.details.path).find(|unit| unit.id == value);
                named.map_or(Cow::Borrowed(value), |unit| Cow::Owned(unit.name.clone()))
            }
            Self::Rule => Cow::Borrowed(facts.title(value)),
            Self::Benchmark => {
                facts.benchmark(value).map_or(Cow::Borrowed(value), |held| Cow::Borrowed(&held.title))
            }
            Self::Standing => {
                standing_of(value).map_or(Cow::Borrowed(value), |held| standing_word(held).into())
            }
            _ => Cow::Borrowed(value),
        }
    }
}

/// A standing's name in addresses.
pub(crate) fn standing_key(standing: Standing) -> &'static str {
    match standing {
        Standing::Failing => "failed",
        Standing::Unknown => "unknown",
        Standing::Excepted => "excepted",
        Standing::Passing => "passed",
    }
}

/// Every standing, the worst first.
pub(crate) const STANDINGS: [Standing; 4] =
    [Standing::Failing, Standing::Unknown, Standing::Excepted, Standing::Passing];

pub(crate) fn standing_of(key: &str) -> Option<Standing> {
    STANDINGS.into_iter().find(|standing| standing_key(*standing) == key)
}

/// A standing for people.
pub(crate) fn standing_word(standing: Standing) -> &'static str {
    match standing {
        Standing::Failing => "Failed",
        Standing::Unknown => "Unknown",
        Standing::Excepted => "Excepted",
        Standing::Passing => "Passed",
    }
}

/// Where a value stands among others: severities and standings have an order of their own.
pub(crate) fn rank(dimension: Dimension, value: &str) -> usize {
    match dimension {
        Dimension::Severity => {
            Severity::WORST_FIRST.iter().position(|severity| severity.as_str() == value).unwrap_or(usize::MAX)
        }
        Dimension::Standing => {
            STANDINGS.iter().position(|standing| standing_key(*standing) == value).unwrap_or(usize::MAX)
        }
        _ => 0,
    }
}
