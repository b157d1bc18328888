//! Sending what waits to be sent, and trying again what was not taken.

use super::compose::{Composed, compose};
use crate::Console;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt as _;
use stance_sink::{Message, Sent};
use stance_store::{Cause, DueMessage, MessageId, MessageState, Store, StoreError};
use std::time::Duration;

/// So long nobody else takes a message that is being sent.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// A message is tried again after so long, then after twice as long, and so on.
const FIRST_PAUSE: TimeDelta = TimeDelta::minutes(1);
/// No pause is longer, unless the receiver asks for it.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(1);
/// After so long a message is given up.
const PATIENCE: TimeDelta = TimeDelta::days(3);
/// Messages that are taken in one go: few enough that receivers that do not answer hold none beyond its lease.
const AT_A_TIME: u32 = 24;
/// Receivers that are asked at the same time.
const AT_ONCE: usize = 4;
/// How often it is looked whether something is to be sent.
const INTERVAL: Duration = Duration::from_secs(15);

/// What became of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Taken by their receivers.
    pub sent: u64,
    /// To be tried again.
    pub postponed: u64,
    /// Not to be tried again.
    pub given_up: u64,
    /// Had nothing to tell.
    pub nothing: u64,
}

/// How one message ended.
enum Ended {
    Sent,
    Postponed,
    GivenUp,
    Nothing,
    /// Somebody else sends it.
    NotOurs,
}

/// What to do with a message.
enum Task {
    Send(Box<Message>),
    Ended(Ended),
}

/// Sends what waits, again and again, until it is dropped.
pub(crate) async fn keep_delivering(console: Console) {
    let mut tick = tokio::time::interval(INTERVAL);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        loop {
            match console.deliver_due(console.now()).await {
                // more may wait
                Ok(delivery) if delivery.total() >= u64::from(AT_A_TIME) => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "alerts cannot be sent");
                    break;
                }
            }
        }
    }
}

impl Delivery {
    /// How many messages something became of.
    fn total(self) -> u64 {
        self.sent + self.postponed + self.given_up + self.nothing
    }
}

impl Console {
    /// Sends the messages of alerts that are due. What is not taken is tried again when it is due anew, under the same
    /// id. Several servers over one store may do this at the same time.
    ///
    /// # Errors
    /// If the store fails; what receivers do is kept with the messages.
    pub async fn deliver_due(&self, now: DateTime<Utc>) -> Result<Delivery, StoreError> {
        let due = self.look(move |store| store.due_messages(now, AT_A_TIME)).await?;
        let mut delivery = Delivery::default();
        let mut ended = futures_util::stream::iter(due.into_iter().map(|due| self.deliver(due, now)))
            .buffer_unordered(AT_ONCE);
        while let Some(one) = ended.next().await {
            match one? {
                Ended::Sent => delivery.sent += 1,
                Ended::Postponed => delivery.postponed += 1,
                Ended::GivenUp => delivery.given_up += 1,
                Ended::Nothing => delivery.nothing += 1,
                Ended::NotOurs => {}
            }
        }
        Ok(delivery)
    }

    /// Sends one message now.
    pub(crate) async fn deliver_one(&self, id: MessageId, now: DateTime<Utc>) -> Result<(), StoreError> {
        if let Some(due) = self.look(move |store| store.due_message(id)).await? {
            self.deliver(due, now).await?;
        }
        Ok(())
    }

    async fn deliver(&self, due: DueMessage, now: DateTime<Utc>) -> Result<Ended, StoreError> {
        let (console, asked) = (self.clone(), due.clone());
        let task = self.look(move |store| prepare(&console, store, &asked, now)).await?;
        let message = match task {
            Task::Send(message) => message,
            Task::Ended(ended) => return Ok(ended),
        };
        let (console, channel) = (self.clone(), due.alert.chosen.channel.clone());
        let messenger = self.look(move |_| Ok(console.alerts().messenger(&channel))).await?;
        let sent = match messenger {
            Ok(messenger) => messenger.send(&message).await,
            // the operator may set it right while the message waits
            Err(reason) => Sent::Later { reason, after: None },
        };
        self.look(move |store| settle(store, &due, sent, now)).await
    }
}

/// Takes a message, and finds out what it says unless that is known.
fn prepare(
    console: &Console,
    store: &Store,
    due: &DueMessage,
    now: DateTime<Utc>,
) -> Result<Task, StoreError> {
    let id = due.message.id;
    if !store.claim_message(&due.message, now, now + LEASE)? {
        return Ok(Task::Ended(Ended::NotOurs));
    }
    let give_up = |reason: &str| {
        store.settle_message(id, MessageState::GivenUp, Some(reason), now)?;
        Ok(Task::Ended(Ended::GivenUp))
    };
    let is_test = matches!(due.message.cause, Cause::Test(_));
    if !due.alert.chosen.active && !is_test {
        return give_up("the alert was switched off before it was sent");
    }
    let Some(reach) = &due.alert.reach else {
        return give_up("its maker is kept out or may no longer make alerts; make it anew");
    };
    if let Some(body) = &due.body {
        return match serde_json::from_slice(body) {
            Ok(message) => Ok(Task::Send(message)),
            Err(_) => give_up("another version of Stance has written it"),
        };
    }
    match compose(console, store, due, reach, now)? {
        Composed::Nothing => {
            store.settle_message(id, MessageState::Nothing, None, now)?;
            Ok(Task::Ended(Ended::Nothing))
        }
        Composed::Unfit(reason) => give_up(&reason),
        Composed::Message(message, findings) => {
            let body = serde_json::to_vec(&message).map_err(|error| StoreError::Content {
                place: "alert_message.body",
                message: error.to_string(),
            })?;
            store.keep_body(id, &body, findings)?;
            Ok(Task::Send(message))
        }
    }
}

fn settle(store: &Store, due: &DueMessage, sent: Sent, now: DateTime<Utc>) -> Result<Ended, StoreError> {
    let id = due.message.id;
    let is_test = matches!(due.message.cause, Cause::Test(_));
    match sent {
        Sent::Taken => {
            store.settle_message(id, MessageState::Sent, None, now)?;
            Ok(Ended::Sent)
        }
        Sent::Refused { reason } => {
            store.settle_message(id, MessageState::GivenUp, Some(&reason), now)?;
            Ok(Ended::GivenUp)
        }
        // whoever tries an alert looks at once, and can try again
        Sent::Later { reason, .. } if is_test => {
            store.settle_message(id, MessageState::GivenUp, Some(&reason), now)?;
            Ok(Ended::GivenUp)
        }
        Sent::Later { reason, after } => {
            let first = due.message.first_tried_at.unwrap_or(now);
            if now - first >= PATIENCE {
                let days = PATIENCE.num_days();
                let reason = format!("{reason} (tried for {days} days)");
                store.settle_message(id, MessageState::GivenUp, Some(&reason), now)?;
                return Ok(Ended::GivenUp);
            }
            let asked = after.and_then(|after| TimeDelta::from_std(after).ok()).unwrap_or_default();
            // no receiver puts a message off for longer than it is kept
            let pause = pause(due.message.attempts).max(asked).min(PATIENCE);
            store.postpone_message(id, now + pause, &reason)?;
            Ok(Ended::Postponed)
        }
    }
}

/// How long to wait after so many tries before this one.
fn pause(tries: u64) -> TimeDelta {
    let doubled = 1_i32.checked_shl(u32::try_from(tries).unwrap_or(u32::MAX)).filter(|factor| *factor > 0);
    let pause = doubled.and_then(|factor| FIRST_PAUSE.checked_mul(factor));
    pause.unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour() {
        let minutes: Vec<i64> = [0, 1, 2, 5, 6, 30, 31, 32, 99, u64::MAX]
            .into_iter()
            .map(|tries| pause(tries).num_minutes())
            .collect();
        assert_eq!(minutes, [1, 2, 4, 32, 60, 60, 60, 60, 60, 60]);
    }
}
