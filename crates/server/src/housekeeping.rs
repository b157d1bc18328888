//! What a server does beside answering: history that is no longer to be kept is forgotten.

use crate::Console;
use crate::scans::Stopping;
use std::time::Duration;

/// How often.
const EVERY: Duration = Duration::from_hours(1);

/// Keeps the store in order until `stopping`.
pub(crate) async fn run(console: Console, mut stopping: Stopping) {
    loop {
        let now = console.now();
        match console.look(move |store| store.forget_old(now)).await {
            Ok(forgotten) if forgotten.runs > 0 => {
                let stance_store::Forgotten { runs, resources, verdicts, configurations } = forgotten;
                tracing::info!(runs, resources, verdicts, configurations, "old history was forgotten");
            }
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "old history cannot be forgotten"),
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            // the sender is part of the console, which is held here
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
    }
}
