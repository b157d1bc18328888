//! Runs as a viewer may see them: an account that somebody may not see does not exist for them.

use crate::viewer::Visible;
use stance_store::{Census, Result, RunId, RunState, RunSummary, Store, StoreError};
use std::collections::BTreeSet;

/// Runs that are looked at for the last one that is done.
const LOOKED_AT: u32 = 100;

/// What a viewer may see of runs.
pub(crate) enum Seen {
    /// All of every run.
    All,
    /// These scopes, by number.
    Only(BTreeSet<i64>),
}

impl Seen {
    pub(crate) fn of(census: &Census, visible: &Visible) -> Self {
        match visible {
            Visible::All => Self::All,
            Visible::Only(_) => {
                let held = census.scopes.values().filter(|scope| visible.holds(&scope.id));
                Self::Only(held.map(|scope| scope.number).collect())
            }
        }
    }

    /// Whether a scope may be seen.
    pub(crate) fn holds(&self, scope: i64) -> bool {
        match self {
            Self::All => true,
            Self::Only(scopes) => scopes.contains(&scope),
        }
    }

    /// The last runs, the latest first.
    pub(crate) fn runs(&self, store: &Store, before: Option<RunId>, limit: u32) -> Result<Vec<RunSummary>> {
        match self {
            Self::All => store.runs(before, limit),
            Self::Only(scopes) => store.runs_of(scopes, before, limit),
        }
    }

    /// The last run that is done.
    pub(crate) fn last_done(&self, store: &Store) -> Result<Option<RunSummary>> {
        let runs = self.runs(store, None, LOOKED_AT)?;
        Ok(runs.into_iter().find(|run| run.state == RunState::Done))
    }

    /// The run of a number or a name.
    pub(crate) fn run(&self, store: &Store, asked: &str) -> Result<Option<RunSummary>> {
        let number = asked.parse::<i64>().ok().map(RunId::from);
        let by_number = match number {
            Some(number) => self.numbered(store, number)?,
            None => None,
        };
        match by_number {
            Some(run) => Ok(Some(run)),
            None => match store.run_named(asked)? {
                Some(named) => self.numbered(store, named.id),
                None => Ok(None),
            },
        }
    }

    /// The run of a number.
    pub(crate) fn numbered(&self, store: &Store, run: RunId) -> Result<Option<RunSummary>> {
        let found = match self {
            Self::All => store.summary(run),
            Self::Only(scopes) => store.run_of(scopes, run),
        };
        match found {
            Ok(run) => Ok(Some(run)),
            Err(StoreError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
