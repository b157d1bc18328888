//! What can be done with integrations, by pages and by programs.

mod onboarding;

pub(crate) use onboarding::{Onboarding, onboarding};

use crate::Console;
use crate::error::{PageError, PageResult};
use stance_store::{Actor, Integration, IntegrationId, RunId, RunState};

/// Runs of an integration among which the one is that goes on.
const LATEST: u32 = 20;

fn does_not_scan() -> PageError {
    PageError::Bad("this server does not scan".to_owned())
}

/// Whether a configuration can be used.
pub(crate) async fn check(console: &Console, configuration: String) -> PageResult<()> {
    let scanner = console.scanner().ok_or_else(does_not_scan)?;
    let checked = tokio::task::spawn_blocking(move || scanner.check(&configuration)).await;
    match checked {
        Ok(checked) => checked.map_err(PageError::Bad),
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Begins to try the access, unless that goes on already.
pub(crate) async fn begin_trial(console: &Console, id: IntegrationId) -> PageResult<Integration> {
    if console.scanner().is_none() {
        return Err(does_not_scan());
    }
    let integration = console.look(move |store| store.integration(id)).await?;
    console.begin_trial(id, integration.configuration.clone());
    Ok(integration)
}

/// Asks a run to stop; it ends with what it has read.
pub(crate) async fn stop_run(console: &Console, run: RunId, by: Actor) -> PageResult<()> {
    let now = console.now();
    if console.look(move |store| store.ask_to_stop(run, &by, now)).await? {
        return Ok(());
    }
    let number = run.number();
    Err(PageError::Conflict(format!("run {number} does not go on, or was asked to stop already")))
}

/// Asks the run of an integration that goes on to stop.
pub(crate) async fn stop(console: &Console, id: IntegrationId, by: Actor) -> PageResult<()> {
    let (integration, runs) = console
        .look(move |store| Ok((store.integration(id)?, store.runs_of_integration(id, LATEST)?)))
        .await?;
    match runs.iter().find(|run| run.state == RunState::UnderWay) {
        Some(run) => stop_run(console, run.id, by).await,
        None => Err(PageError::Conflict(format!(
            "`{}` is not being scanned; there is nothing to stop",
            integration.name
        ))),
    }
}
