//! Results delivered where people want them.
//!
//! A run's findings are read through one by one, made into documents (`describe`), gathered into batches
//! (`batch`) and put into a spool on disk (`spool`) before anything is sent. The courier (`courier`) then
//! delivers the batches in order, with retries (`pace`), and deletes what was taken; what a receiver refuses
//! for good goes to the dead letters (`dead_letters`). So a batch is either on disk or delivered, whenever
//! the process ends. A document's id is made of the finding's and the run's, so that what arrives twice after
//! an ill-timed end bears the same id twice.
//!
//! Memory holds one batch and the digest of a run, however many findings there are.

mod answer;
mod aws;
mod batch;
mod change;
mod courier;
mod dead_letters;
mod describe;
mod digest;
mod document;
mod error;
mod filter;
mod folder;
mod http;
mod looked_at;
mod memory;
mod messenger;
mod metrics;
mod outcome;
mod pace;
mod preview;
mod run_id;
mod server;
mod severity;
mod sink;
mod sinks;
mod spool;
mod tickets;
mod tls;

#[cfg(test)]
mod testing;

pub use change::{Change, Changes, Results};
pub use error::SinkError;
pub use folder::state_folder;
pub use http::{Http2Channel, http2_channel};
pub use messenger::{Line, Message, Messenger, Sent};
pub use metrics::{Meter, Metrics};
pub use outcome::{Ending, Outcome};
pub use preview::Preview;
pub use run_id::RunId;
pub use server::{RunReceiver, SendError};
pub use sink::Sink;
pub use sinks::webhook::{SIGNATURE_HEADER, TIMESTAMP_HEADER, UnverifiedRequest, verify};
