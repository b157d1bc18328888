//! What to tell people of their exceptions after a run.

use crate::{Exception, Pattern};
use chrono::{DateTime, Days, Utc};
use serde::Serialize;
use stance_model::RuleId;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// Days before its end at which an exception is spoken of.
pub(crate) const SOON: Days = Days::new(14);

/// Something to tell of exceptions after a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum ExceptionNotice {
    /// It ended before the run, and covers nothing any more.
    Ended {
        /// Which.
        exception: Arc<Exception>,
        /// How many findings are open again, as no other exception covers them.
        findings: u64,
    },
    /// It still holds, and ends within two weeks.
    EndsSoon {
        /// Which.
        exception: Arc<Exception>,
        /// How many findings it covers.
        findings: u64,
    },
    /// It matched no finding, though all that it is about was looked at.
    MatchesNothing {
        /// Which.
        exception: Arc<Exception>,
    },
    /// It names a rule that does not exist.
    UnknownRule {
        /// Which.
        exception: Arc<Exception>,
        /// The name.
        rule: String,
    },
    /// Some have no end date; nobody will be reminded of them.
    WithoutEnd {
        /// Which.
        exceptions: Vec<Arc<Exception>>,
        /// How many exceptions there are altogether.
        of: usize,
    },
}

impl fmt::Display for ExceptionNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let until = |exception: &Exception| exception.until.map(|day| day.to_string()).unwrap_or_default();
        match self {
            Self::Ended { exception, findings: 0 } => write!(
                f,
                "{exception} ended on {} and would cover nothing any more; remove it",
                until(exception)
            ),
            Self::Ended { exception, findings } => write!(
                f,
                "{exception} ended on {} and no longer covers {}; mend them, or ask {} for a new date",
                until(exception),
                counted(*findings),
                exception.owner.trim()
            ),
            Self::EndsSoon { exception, findings } => {
                write!(f, "{exception} ends on {}; it covers {}", until(exception), counted(*findings))
            }
            Self::MatchesNothing { exception } => {
                write!(f, "{exception} matches no finding; remove it, or look for a slip in its fields")
            }
            Self::UnknownRule { exception, rule } => {
                write!(
                    f,
                    "{exception} names the rule `{rule}`, which there is not; `stance rules list` lists them"
                )
            }
            Self::WithoutEnd { exceptions, of } => write!(
                f,
                "{} of {of} exceptions {} no end date; `until: 2026-12-31` has one looked at again",
                exceptions.len(),
                if exceptions.len() == 1 { "has" } else { "have" }
            ),
        }
    }
}

fn counted(findings: u64) -> String {
    if findings == 1 { "1 finding".to_owned() } else { format!("{findings} findings") }
}

/// What a run looked at, so that an exception is called useless only where it could have matched.
#[derive(Clone, Copy, Debug)]
pub struct Reviewed<'r> {
    /// The moment that the run takes for "now".
    pub as_of: DateTime<Utc>,
    /// The accounts that were scanned, wholly.
    pub accounts: &'r [&'r str],
    /// The regions that were scanned.
    pub regions: Regions<'r>,
    /// The rules that were evaluated.
    pub rules: &'r BTreeSet<RuleId>,
}

/// The regions that a run looked at.
#[derive(Clone, Copy, Debug)]
pub enum Regions<'r> {
    /// All that are enabled.
    All,
    /// Some only.
    Only(&'r [&'r str]),
}

impl Reviewed<'_> {
    /// Whether some scanned account is meant.
    pub(crate) fn any_account(&self, patterns: &[Pattern]) -> bool {
        patterns.is_empty()
            || self.accounts.iter().any(|account| patterns.iter().any(|pattern| pattern.matches(account)))
    }

    /// Whether all regions that are meant were scanned.
    pub(crate) fn every_region(&self, patterns: &[Pattern]) -> bool {
        match self.regions {
            Regions::All => true,
            Regions::Only(scanned) => {
                let known =
                    |region: &str| region == stance_model::Region::GLOBAL || scanned.contains(&region);
                !patterns.is_empty() && patterns.iter().all(|pattern| pattern.exact().is_some_and(known))
            }
        }
    }
}
