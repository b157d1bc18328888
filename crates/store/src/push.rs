//! Runs that somebody sends: taken in under a name, once.

use crate::bundle::BundleReader;
use crate::import::{Imported, import};
use crate::lookup::named;
use crate::runs::{RunId, RunSummary, insert};
use crate::{Result, Store};
use chrono::{DateTime, Utc};
use std::io::BufRead;

/// What became of a run that somebody sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakenIn {
    /// It is in the store now.
    New(RunId, Imported),
    /// There was a run of that name, and nothing was changed.
    Known(RunSummary),
}

impl Store {
    /// Takes a run in under a name, unless there is one of that name. All of it or, where something is wrong,
    /// nothing: then the name is free as before.
    ///
    /// # Errors
    /// If the run cannot be read, says something twice, or the store fails.
    pub fn take_in(&self, name: &str, now: DateTime<Utc>, bundle: impl BufRead) -> Result<TakenIn> {
        let bundle = BundleReader::open(bundle)?;
        let taken = self.database().write(|session| {
            if let Some(known) = named(session, name)? {
                return Ok(TakenIn::Known(known));
            }
            let run = insert(session, name, now)?;
            Ok(TakenIn::New(run, import(session, run, bundle)?))
        })?;
        if matches!(taken, TakenIn::New(..)) {
            self.database().tidy()?;
        }
        Ok(taken)
    }
}
