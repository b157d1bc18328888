//! What a server does beside answering: exceptions that have ended cover nothing any more, history that is no longer
//! to be kept is forgotten, and people are told of integrations whose time is over.

use crate::scans::{Stopping, told};
use crate::{Console, Overdue};
use chrono::TimeDelta;
use stance_store::{Accounts, Integration};
use std::time::Duration;

/// How often.
const EVERY: Duration = Duration::from_mins(1);

/// Keeps the store in order until `stopping`.
pub(crate) async fn run(console: Console, mut stopping: Stopping) {
    loop {
        apply_exceptions(&console).await;
        forget(&console).await;
        tell_overdue(&console).await;
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = told(&mut stopping) => return,
        }
    }
}

async fn apply_exceptions(console: &Console) {
    let now = console.now();
    match console.look(move |store| store.apply_exceptions(now)).await {
        Ok(0) => {}
        Ok(findings) => tracing::info!(findings, "exceptions count otherwise than before"),
        Err(error) => tracing::error!(%error, "exceptions cannot be applied"),
    }
}

async fn forget(console: &Console) {
    let now = console.now();
    match console.look(move |store| store.forget_old(now)).await {
        Ok(forgotten) if forgotten.runs > 0 => {
            let stance_store::Forgotten { runs, resources, verdicts, configurations } = forgotten;
            tracing::info!(runs, resources, verdicts, configurations, "old history was forgotten");
        }
        Ok(_) => {}
        Err(error) => tracing::error!(%error, "old history cannot be forgotten"),
    }
}

async fn tell_overdue(console: &Console) {
    let now = console.now();
    let told = match console.look(stance_store::Store::integrations).await {
        Ok(integrations) => {
            let late: Vec<Overdue> = integrations.into_iter().filter(|it| it.enabled).map(overdue).collect();
            console.overdue(&late, now).await
        }
        Err(error) => Err(error),
    };
    if let Err(error) = told {
        tracing::error!(%error, "nobody can be told of what is overdue");
    }
}

/// An integration is late when half of its span has gone by beside the time when it was due, and an hour at least.
fn overdue(integration: Integration) -> Overdue {
    let bearable = (integration.schedule.every() / 2).max(TimeDelta::hours(1));
    // which accounts it reads is known to AWS alone
    Overdue { name: integration.name, due_at: integration.next_at + bearable, accounts: Accounts::All }
}
