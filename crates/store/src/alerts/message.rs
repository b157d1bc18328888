//! A message of an alert: why there is one, and what became of it.

use super::alert::Alert;
use crate::database::Value;
use crate::runs::RunId;
use crate::{Result, StoreError};
use chrono::{DateTime, Utc};

/// The number of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(pub(crate) i64);

impl MessageId {
    /// The number.
    pub fn number(self) -> i64 {
        self.0
    }
}

/// Why there is a message. Each alert has one for each cause.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// A run is in the store.
    Done(RunId),
    /// A run failed, or ended with its process.
    Failed(RunId),
    /// An integration should have run.
    Overdue {
        /// What it is called.
        integration: String,
        /// When it should have.
        due_at: DateTime<Utc>,
    },
    /// Somebody tries the alert.
    Test(DateTime<Utc>),
}

impl Cause {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Done(run) => format!("done:{}", run.number()),
            Self::Failed(run) => format!("failed:{}", run.number()),
            Self::Overdue { integration, due_at } => {
                format!("overdue:{}:{integration}", due_at.timestamp_millis())
            }
            Self::Test(at) => format!("test:{}", at.timestamp_millis()),
        }
    }

    pub(super) fn kept(text: &str) -> Result<Self> {
        Self::read(text).ok_or_else(|| StoreError::Content {
            place: "alert_message.cause",
            message: format!("`{text}` is no cause"),
        })
    }

    fn read(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(':')?;
        let moment = |text: &str| DateTime::from_timestamp_millis(text.parse().ok()?);
        Some(match kind {
            "done" => Self::Done(RunId(rest.parse().ok()?)),
            "failed" => Self::Failed(RunId(rest.parse().ok()?)),
            "overdue" => {
                let (due_at, integration) = rest.split_once(':')?;
                Self::Overdue { integration: integration.to_owned(), due_at: moment(due_at)? }
            }
            "test" => Self::Test(moment(rest)?),
            _ => return None,
        })
    }
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageState {
    /// It is to be sent.
    Waiting,
    /// It was taken.
    Sent,
    /// It is not tried again.
    GivenUp,
    /// There was nothing to tell.
    Nothing,
}

impl MessageState {
    const ALL: [Self; 4] = [Self::Waiting, Self::Sent, Self::GivenUp, Self::Nothing];

    pub(super) fn value(self) -> Value<'static> {
        Value::Integer(match self {
            Self::Waiting => 0,
            Self::Sent => 1,
            Self::GivenUp => 2,
            Self::Nothing => 3,
        })
    }

    pub(super) fn kept(number: i64) -> Result<Self> {
        Self::ALL.into_iter().find(|state| state.value() == Value::Integer(number)).ok_or_else(|| {
            let message = format!("`{number}` is no state");
            StoreError::Content { place: "alert_message.state", message }
        })
    }
}

/// A message, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertMessage {
    /// Its number.
    pub id: MessageId,
    /// Why there is one.
    pub cause: Cause,
    /// What became of it.
    pub state: MessageState,
    /// When it is tried, where it waits.
    pub due_at: DateTime<Utc>,
    /// How often it was tried.
    pub attempts: u64,
    /// When it was tried first.
    pub first_tried_at: Option<DateTime<Utc>>,
    /// When it was sent or given up.
    pub ended_at: Option<DateTime<Utc>>,
    /// How many findings it tells of.
    pub findings: Option<u64>,
    /// Why it was not taken, at the last try.
    pub reason: Option<String>,
}

/// A message that is to be sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueMessage {
    /// The alert that sends it.
    pub alert: Alert,
    /// What is known of it.
    pub message: AlertMessage,
    /// What it says, where that was found out before.
    pub body: Option<Vec<u8>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_reads_back() {
        let at = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        for cause in [
            Cause::Done(RunId(7)),
            Cause::Failed(RunId(8)),
            Cause::Overdue { integration: "a:b:`c`".to_owned(), due_at: at },
            Cause::Test(at),
        ] {
            assert_eq!(Cause::kept(&cause.text()).unwrap(), cause);
        }
        for text in ["", "done", "done:x", "overdue:1", "other:1"] {
            assert!(Cause::kept(text).is_err(), "{text}");
        }
    }
}
