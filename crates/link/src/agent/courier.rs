//! Hands runs over that wait in the spool, until the server has them.

use super::channel::{Channel, request};
use super::pace::Pace;
use super::spool::{Spool, Waiting};
use crate::LONGEST_PART;
use crate::v1::agent_service_client::AgentServiceClient;
use crate::v1::deliver_run_request::Part;
use crate::v1::deliver_run_response::Outcome;
use crate::v1::{DeliverRunHeader, DeliverRunRequest};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read, Seek};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};

/// Parts that are read ahead of what the connection takes.
const AHEAD: usize = 4;

/// How the courier stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing waits.
    Empty,
    /// Runs wait.
    Waiting {
        /// How many.
        runs: u64,
        /// Their size in bytes.
        bytes: u64,
        /// Why the last attempt failed; nothing where there was none.
        reason: Option<String>,
    },
    /// The server does not know the agent any more.
    ShutOut,
}

/// Hands over what waits, and what comes to wait, until the server shuts the agent out.
pub(super) async fn carry<C: Channel>(
    mut client: AgentServiceClient<C>,
    credential: String,
    spool: Spool,
    mut news: watch::Receiver<u64>,
    standing: watch::Sender<Standing>,
) {
    let mut pace = Pace::default();
    loop {
        news.mark_unchanged();
        let reason = match next(&mut client, &credential, &spool, &standing).await {
            Ok(true) => {
                pace.reset();
                continue;
            }
            Ok(false) => {
                // the sender is gone when the agent ends
                if news.changed().await.is_err() {
                    return;
                }
                continue;
            }
            Err(Failure::ShutOut) => {
                standing.send_replace(Standing::ShutOut);
                return;
            }
            Err(Failure::Later(reason)) => reason,
        };
        tracing::warn!("a run waits to be delivered: {reason}");
        standing.send_if_modified(|standing| match standing {
            Standing::Waiting { reason: told, .. } => {
                *told = Some(reason);
                true
            }
            Standing::Empty | Standing::ShutOut => false,
        });
        tokio::time::sleep(pace.next()).await;
    }
}

enum Failure {
    /// It is tried again.
    Later(String),
    /// It is of no use to try again.
    ShutOut,
}

/// Hands over the oldest run; false where none waits.
async fn next<C: Channel>(
    client: &mut AgentServiceClient<C>,
    credential: &str,
    spool: &Spool,
    standing: &watch::Sender<Standing>,
) -> Result<bool, Failure> {
    let later = |error: &dyn std::fmt::Display| Failure::Later(error.to_string());
    let waiting = spool.waiting().map_err(|error| later(&error))?;
    let Some(oldest) = waiting.first() else {
        standing.send_replace(Standing::Empty);
        return Ok(false);
    };
    standing.send_modify(|standing| {
        let reason = match standing {
            Standing::Waiting { reason, .. } => reason.take(),
            Standing::Empty | Standing::ShutOut => None,
        };
        let bytes = waiting.iter().map(|waiting| waiting.length).sum();
        *standing = Standing::Waiting { runs: waiting.len() as u64, bytes, reason };
    });
    match deliver(client, credential, oldest).await {
        Ok(outcome) => {
            tracing::info!(run = oldest.run, outcome = outcome.as_str_name(), "delivered");
            spool.delivered(oldest).map_err(|error| later(&error))?;
        }
        Err(status) => match status.code() {
            Code::Unauthenticated => return Err(Failure::ShutOut),
            Code::InvalidArgument | Code::NotFound => {
                let reason = super::attend::told(&status);
                tracing::error!(run = oldest.run, reason, "the server refuses a run for good; it lies aside");
                spool.refused(oldest, &reason).map_err(|error| later(&error))?;
            }
            _ => return Err(Failure::Later(super::attend::told(&status))),
        },
    }
    Ok(true)
}

async fn deliver<C: Channel>(
    client: &mut AgentServiceClient<C>,
    credential: &str,
    waiting: &Waiting,
) -> Result<Outcome, Status> {
    let (sender, parts) = mpsc::channel(AHEAD);
    let waiting = waiting.clone();
    let reading = tokio::task::spawn_blocking(move || read(&waiting, &sender));
    let answered = client.deliver_run(request(ReceiverStream::new(parts), credential)?).await;
    let read = reading.await.map_err(|error| Status::aborted(error.to_string()))?;
    // what cannot be read here is more to the point than what the server says of it
    read.map_err(|error| Status::aborted(format!("a run that waits cannot be read: {error}")))?;
    Ok(answered?.into_inner().outcome())
}

/// Reads a run, and sends it in parts; ends early where nobody takes them any more.
fn read(waiting: &Waiting, sender: &mpsc::Sender<DeliverRunRequest>) -> io::Result<()> {
    let send = |part| sender.blocking_send(DeliverRunRequest { part: Some(part) }).is_ok();
    let mut file = File::open(&waiting.path)?;
    let mut hash = Sha256::new();
    let length = io::copy(&mut file, &mut Hashing(&mut hash))?;
    let header = DeliverRunHeader { run: waiting.run.clone(), length, sha256: hash.finalize().to_vec() };
    if !send(Part::Header(header)) {
        return Ok(());
    }
    file.rewind()?;
    loop {
        let mut part = Vec::with_capacity(LONGEST_PART);
        file.by_ref().take(LONGEST_PART as u64).read_to_end(&mut part)?;
        if part.is_empty() || !send(Part::Content(part)) {
            return Ok(());
        }
    }
}

struct Hashing<'h>(&'h mut Sha256);

impl io::Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
