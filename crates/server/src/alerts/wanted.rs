//! What somebody wants of an alert, by a page or by a program: whether it can be had, and whether it arrives.

use super::filter::kept as kept_filter;
use super::found;
use crate::error::{PageError, PageResult};
use crate::{Console, Viewer};
use chrono::{DateTime, Utc};
use stance_store::{Accounts, Actor, AlertChange, Channel, MessageId, SecretPlace, Watches};

/// An alert as it can be kept. `accounts` are those of which it may tell. Reads files, and so is not for threads that
/// answer.
pub(crate) fn checked(
    wanted: AlertChange,
    console: &Console,
    accounts: &Accounts,
    now: DateTime<Utc>,
) -> PageResult<AlertChange> {
    if wanted.watches == Watches::FailedRuns && *accounts != Accounts::All {
        let message =
            "why a run failed may tell of any account; somebody who may see all has to make this alert";
        return Err(PageError::Bad(message.to_owned()));
    }
    let filter = match wanted.watches {
        Watches::Findings => kept_filter(&wanted.filter, now).map_err(PageError::Bad)?,
        Watches::FailedRuns | Watches::Overdue => String::new(),
    };
    let named: &[&SecretPlace] = match &wanted.channel {
        Channel::Webhook { address, secret } => &[address, secret],
        Channel::Slack { address } => &[address],
        Channel::Mail { .. } => &[],
    };
    let offered = console.alerts().places().offered();
    if let Some(unknown) = named.iter().find(|place| !offered.contains(place)) {
        let name = super::place_name(unknown);
        return Err(PageError::Bad(format!(
            "there is no `{name}` that a channel may use; choose one of the list"
        )));
    }
    // an address that is none is told now, and not when there is something to tell
    console
        .alerts()
        .messenger(&wanted.channel)
        .map_err(|reason| PageError::Bad(format!("this channel cannot be used: {reason}")))?;
    Ok(AlertChange { filter, ..wanted })
}

/// Sends a test message of an alert that somebody may see, and waits for what becomes of it.
pub(crate) async fn send_test(
    console: &Console,
    viewer: &Viewer,
    number: i64,
    by: Actor,
) -> PageResult<MessageId> {
    let (visible, now) = (viewer.visible.clone(), console.now());
    let message = console
        .look(move |store| {
            let alert = found(store, &visible, number)?;
            store.note_test(alert.id, &by, now)
        })
        .await?;
    console.deliver_one(message, now).await?;
    Ok(message)
}
