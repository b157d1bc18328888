//! What the host of an agent does for it.

use crate::v1;
use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// What the host of an agent does for it.
pub trait Host: Send + Sync + 'static {
    /// Carries a run out, and gives it as it is to be delivered. Blocks as long as that takes.
    ///
    /// # Errors
    /// Why it came to nothing, for people.
    fn carry_out(&self, run: &v1::Run, watch: &Watch) -> Result<File, String>;

    /// What the host says of itself.
    fn description(&self) -> v1::AgentDescription;

    /// What is not as it should be, each in a line for people.
    fn complaints(&self) -> Vec<String>;

    /// Hears every few seconds that the agent lives.
    fn alive(&self);
}

/// What connects a run that goes on with the agent.
#[derive(Clone)]
pub struct Watch {
    progress: Arc<Mutex<v1::RunStatus>>,
    stopping: watch::Receiver<bool>,
}

impl Watch {
    pub(super) fn of(run: &str, stopping: watch::Receiver<bool>) -> Self {
        let progress = v1::RunStatus { run: run.to_owned(), ..v1::RunStatus::default() };
        Self { progress: Arc::new(Mutex::new(progress)), stopping }
    }

    /// True once the run should end and deliver what it has.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.clone()
    }

    /// Says how far the run is.
    pub fn tell(&self, change: impl FnOnce(&mut v1::RunStatus)) {
        change(&mut self.progress.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn progress(&self) -> v1::RunStatus {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
