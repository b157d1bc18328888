//! Alerts: what people want to be told of, and the messages that follow from it.
//!
//! A run leaves a message for each alert in the transaction that takes it in, so that no end of a process loses one.
//! What the message says is found out later, once, and kept until it is sent.

mod alert;
mod message;
mod opened;
mod outbox;
mod roster;

pub use alert::{Alert, AlertChange, AlertId, Channel, SecretPlace, Watches};
pub use message::{AlertMessage, Cause, DueMessage, MessageId, MessageState};
pub use opened::Opened;

pub(crate) use outbox::{note_done, note_failed};
