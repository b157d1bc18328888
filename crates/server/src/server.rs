//! The server as a whole.

use crate::facts::Facts;
use crate::{Level, ServeError, Viewer, Visible, router};
use axum::Extension;
use chrono::{DateTime, Utc};
use stance_catalog::Catalog;
use stance_store::{Census, Result, Store};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;

/// What every request needs.
#[derive(Clone)]
pub struct Console(Arc<Shared>);

struct Shared {
    store: Store,
    facts: Facts,
    clock: fn() -> DateTime<Utc>,
}

impl Console {
    /// A console over a store and the catalog whose rules judged. `clock` tells the time.
    pub fn new(store: Store, catalog: Catalog, clock: fn() -> DateTime<Utc>) -> Self {
        Self(Arc::new(Shared { store, facts: Facts::of(catalog), clock }))
    }

    pub(crate) fn facts(&self) -> &Facts {
        &self.0.facts
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
        let asked = tokio::task::spawn_blocking(move || {
            let census = shared.store.census()?;
            work(&shared.store, &shared.facts, &census)
        });
        match asked.await {
            Ok(answer) => answer,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

/// Serves the console until `stop` is ready.
///
/// # Errors
/// If nobody can connect.
pub async fn serve(
    console: Console,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::result::Result<(), ServeError> {
    let address = listener.local_addr().map_or_else(|_| "?".to_owned(), |held: SocketAddr| held.to_string());
    axum::serve(listener, router(console))
        .with_graceful_shutdown(stop)
        .await
        .map_err(|source| ServeError::Listen { address, source })
}

/// Serves the console to whoever connects, to look at only: for what is no secret.
///
/// # Errors
/// If nobody can connect.
pub async fn serve_open(
    console: Console,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::result::Result<(), ServeError> {
    let guest = Viewer { name: "guest".to_owned(), level: Level::Read, visible: Visible::All };
    axum::serve(listener, router(console).layer(Extension(guest)))
        .with_graceful_shutdown(stop)
        .await
        .map_err(|source| ServeError::Listen { address: "?".to_owned(), source })
}
