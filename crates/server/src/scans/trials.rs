//! Trials of the access: begun by a form, looked at when they are done. Kept in memory: a trial is about the moment.

use super::{AccessReport, Scanner, Stopping};
use chrono::{DateTime, Utc};
use stance_store::IntegrationId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How a trial stands.
#[derive(Clone, Debug)]
pub(crate) enum Trial {
    /// It goes on since then.
    UnderWay(DateTime<Utc>),
    /// What it told, and when.
    Done(DateTime<Utc>, Result<AccessReport, String>),
}

/// The last trial of each integration.
#[derive(Clone, Default)]
pub(crate) struct Trials(Arc<Mutex<HashMap<IntegrationId, Trial>>>);

impl Trials {
    /// The last trial.
    pub(crate) fn of(&self, id: IntegrationId) -> Option<Trial> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Begins a trial, unless one goes on.
    pub(crate) fn begin(
        &self,
        id: IntegrationId,
        configuration: String,
        scanner: Arc<dyn Scanner>,
        stopping: Stopping,
        clock: fn() -> DateTime<Utc>,
    ) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(held.get(&id), Some(Trial::UnderWay(_))) {
            return;
        }
        held.insert(id, Trial::UnderWay(clock()));
        let trials = self.clone();
        tokio::task::spawn_blocking(move || {
            let told = scanner.try_access(&configuration, &stopping);
            let done = Trial::Done(clock(), told);
            trials.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, done);
        });
    }
}
