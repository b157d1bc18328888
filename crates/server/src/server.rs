//! What every request needs.

use crate::AlertOptions;
use crate::facts::Facts;
use crate::scans::{Scanner, Stopping, Trial, Trials};
use chrono::{DateTime, Utc};
use stance_catalog::Catalog;
use stance_store::{Census, IntegrationId, Result, Store};
use std::sync::{Arc, OnceLock};
use tokio::sync::watch;

/// What every request needs.
#[derive(Clone)]
pub struct Console(Arc<Shared>);

struct Shared {
    store: Store,
    facts: Facts,
    clock: fn() -> DateTime<Utc>,
    scanner: Option<Arc<dyn Scanner>>,
    trials: Trials,
    stopping: watch::Sender<bool>,
    alerts: OnceLock<AlertOptions>,
    url: OnceLock<String>,
}

impl Console {
    /// A console over a store and the catalog whose rules judged. `clock` tells the time.
    pub fn new(store: Store, catalog: Catalog, clock: fn() -> DateTime<Utc>) -> Self {
        Self::with(store, catalog, clock, None)
    }

    /// A console that scans too: what is due, and what somebody asks for.
    pub fn scanning(
        store: Store,
        catalog: Catalog,
        clock: fn() -> DateTime<Utc>,
        scanner: Arc<dyn Scanner>,
    ) -> Self {
        Self::with(store, catalog, clock, Some(scanner))
    }

    fn with(
        store: Store,
        catalog: Catalog,
        clock: fn() -> DateTime<Utc>,
        scanner: Option<Arc<dyn Scanner>>,
    ) -> Self {
        Self(Arc::new(Shared {
            store,
            facts: Facts::of(catalog),
            clock,
            scanner,
            trials: Trials::default(),
            stopping: watch::Sender::new(false),
            alerts: OnceLock::new(),
            url: OnceLock::new(),
        }))
    }

    /// Whoever scans, if this server does.
    pub(crate) fn scanner(&self) -> Option<Arc<dyn Scanner>> {
        self.0.scanner.clone()
    }

    /// The last trial of an integration's access.
    pub(crate) fn trial(&self, id: IntegrationId) -> Option<Trial> {
        self.0.trials.of(id)
    }

    /// Begins a trial of an integration's access, where this server scans.
    pub(crate) fn begin_trial(&self, id: IntegrationId, configuration: String) {
        if let Some(scanner) = self.scanner() {
            self.0.trials.begin(id, configuration, scanner, self.stopping(), self.0.clock);
        }
    }

    /// True once the server stops.
    pub(crate) fn stopping(&self) -> Stopping {
        self.0.stopping.subscribe()
    }

    /// Has everything that goes on come to its end.
    pub(crate) fn stop(&self) {
        self.0.stopping.send_replace(true);
    }

    /// A console whose alerts go where whoever runs the server has set up; to be said once, before it is used.
    #[must_use]
    pub fn with_alerts(self, options: AlertOptions) -> Self {
        if self.0.alerts.set(options).is_err() {
            tracing::error!("where alerts go was said before; it stays as it was");
        }
        self
    }

    pub(crate) fn alerts(&self) -> &AlertOptions {
        self.0.alerts.get_or_init(AlertOptions::default)
    }

    /// What links to this server begin with, where it is known by a name.
    pub(crate) fn public_url(&self) -> Option<&str> {
        self.alerts().public_url().or_else(|| self.0.url.get().map(String::as_str))
    }

    /// Says by what address people reach the server.
    pub(crate) fn know_url(&self, url: &str) {
        // it is the same whenever it is said
        let _ = self.0.url.set(url.to_owned());
    }

    pub(crate) fn facts(&self) -> &Facts {
        &self.0.facts
    }

    /// The store, for work that is away from the threads that answer already.
    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        (self.0.clock)()
    }

    /// Does work on the store away from the threads that answer.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store, &Facts, &Arc<Census>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let shared = Arc::clone(&self.0);
        self.look(move |store| {
            let census = store.census()?;
            work(store, &shared.facts, &census)
        })
        .await
    }

    /// Does work on the store that needs no counts, away from the threads that answer.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let shared = Arc::clone(&self.0);
        match tokio::task::spawn_blocking(move || work(&shared.store)).await {
            Ok(answer) => answer,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Has the store keep something that nobody waits for.
    pub(crate) fn note(&self, work: impl FnOnce(&Store) -> Result<()> + Send + 'static) {
        let shared = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || {
            if let Err(error) = work(&shared.store) {
                tracing::warn!(%error, "something was not kept");
            }
        });
    }
}
