//! A run that an agent hands over: kept in a file until all of it is there, then taken into the store.

use super::service::refused;
use crate::{Console, LargestRun};
use sha2::{Digest, Sha256};
use stance_link::v1::deliver_run_request::Part;
use stance_link::v1::deliver_run_response::Outcome;
use stance_link::v1::{DeliverRunHeader, DeliverRunRequest, DeliverRunResponse};
use stance_store::{Agent, Delivered, StoreError};
use std::fs::File;
use std::io::{BufReader, Seek, Write};
use std::time::Duration;
use tokio::sync::mpsc;
use tonic::{Status, Streaming};

/// Parts that wait to be written.
const WAITING: usize = 4;
/// How long the next part may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// Bytes that are read at a time.
const BUFFER: usize = 1 << 16;

/// Takes a run in.
pub(super) async fn take(
    console: &Console,
    agent: &Agent,
    mut parts: Streaming<DeliverRunRequest>,
) -> Result<DeliverRunResponse, Status> {
    let Some(Part::Header(header)) = next(&mut parts).await? else {
        return Err(Status::invalid_argument("a run begins with its header"));
    };
    let LargestRun(largest) = LargestRun::default();
    if header.length > largest {
        return Err(Status::invalid_argument(format!("a run has at most `{largest}` bytes")));
    }
    let file = kept(&header, &mut parts).await?;
    let (by, now) = (agent.id, console.now());
    let name = header.run.clone();
    let delivered = console
        .look(move |store| {
            let delivered = store.deliver(by, &name, now, BufReader::with_capacity(BUFFER, file))?;
            if matches!(delivered, Delivered::Taken(..)) {
                store.apply_exceptions(now)?;
            }
            Ok(delivered)
        })
        .await
        .map_err(|error| match error {
            StoreError::Bundle(error) => {
                Status::invalid_argument(format!("the run cannot be taken: {error}"))
            }
            error => refused(&error),
        })?;
    let outcome = match delivered {
        Delivered::Taken(run, told) => {
            tracing::info!(
                agent = agent.name,
                run = run.number(),
                opened = told.opened,
                resolved = told.resolved,
                "a run was taken in"
            );
            Outcome::Taken
        }
        Delivered::Known(run) => {
            tracing::info!(agent = agent.name, run = run.number(), "a run came again");
            Outcome::Known
        }
        Delivered::Unknown => return Err(Status::not_found("no such run was handed to this agent")),
    };
    Ok(DeliverRunResponse { outcome: outcome.into() })
}

async fn next(parts: &mut Streaming<DeliverRunRequest>) -> Result<Option<Part>, Status> {
    let message = tokio::time::timeout(PATIENCE, parts.message()).await;
    let message = message.map_err(|_| Status::deadline_exceeded("the run does not go on"))??;
    Ok(message.and_then(|message| message.part))
}

/// Writes the content into a file that is gone when it is closed.
async fn kept(header: &DeliverRunHeader, parts: &mut Streaming<DeliverRunRequest>) -> Result<File, Status> {
    let failed = |error: std::io::Error| {
        tracing::error!(%error, "a run of an agent cannot be kept");
        Status::unavailable("the run cannot be kept; the server's log tells more")
    };
    let (sender, mut waiting) = mpsc::channel::<Vec<u8>>(WAITING);
    let writing = tokio::task::spawn_blocking(move || {
        let (mut file, mut hash) = (tempfile::tempfile()?, Sha256::new());
        while let Some(part) = waiting.blocking_recv() {
            hash.update(&part);
            file.write_all(&part)?;
        }
        file.rewind()?;
        Ok((file, hash.finalize().to_vec()))
    });
    let mut length = 0;
    while let Some(part) = next(parts).await? {
        let Part::Content(content) = part else {
            return Err(Status::invalid_argument("a run has one header"));
        };
        length += content.len() as u64;
        if length > header.length {
            return Err(Status::data_loss("the run is longer than its header says"));
        }
        if sender.send(content).await.is_err() {
            // the file cannot be written; why not is told below
            break;
        }
    }
    drop(sender);
    let (file, hash) = match writing.await {
        Ok(written) => written.map_err(failed)?,
        Err(error) => return Err(failed(std::io::Error::other(error))),
    };
    if length != header.length || hash != header.sha256 {
        return Err(Status::data_loss("the run was cut or changed on its way"));
    }
    Ok(file)
}
