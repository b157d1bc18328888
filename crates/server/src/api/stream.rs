//! Answers that are written while they are sent: no more of them is in memory than waits to be sent.

use super::problem::{Answer, Problem};
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use futures_util::stream;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek, Write};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, SemaphorePermit, mpsc, oneshot};

/// Bytes of a part.
const PART: usize = 1 << 16;
/// Parts that wait to be sent.
const WAITING: usize = 4;
/// How long whoever reads may take for a part.
const PATIENCE: Duration = Duration::from_mins(1);
/// As many are written at the same time; each holds a thread.
static AT_ONCE: Semaphore = Semaphore::const_new(8);

/// What is written is sent; a failure cuts the answer short, so that nobody takes a part for the whole.
///
/// # Errors
/// If it fails before anything was sent, or too many are written already.
pub(crate) async fn stream<E: std::error::Error + Send + 'static>(
    write: impl FnOnce(&mut dyn Write) -> Result<(), E> + Send + 'static,
) -> Answer<Body> {
    let permit = permit()?;
    let (sender, mut parts) = mpsc::channel::<io::Result<Bytes>>(WAITING);
    let handle = Handle::current();
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let mut out =
            BufWriter::with_capacity(PART, Parts { sender: sender.clone(), handle: handle.clone() });
        let written = write(&mut out).map_err(|error| error.to_string());
        let written = written.and_then(|()| out.flush().map_err(|error| error.to_string()));
        // what is left must not be sent once it failed
        let _ = out.into_parts();
        if let Err(error) = written {
            tracing::warn!(%error, "an export was cut short");
            let _ = handle.block_on(sender.send_timeout(Err(io::Error::other("cut short")), PATIENCE));
        }
    });
    match parts.recv().await {
        Some(Err(_)) => Err(unwritten()),
        first => {
            let mut first = first;
            Ok(Body::from_stream(stream::poll_fn(move |context| match first.take() {
                Some(part) => std::task::Poll::Ready(Some(part)),
                None => parts.poll_recv(context),
            })))
        }
    }
}

/// What is written goes into a file that has no name, and is sent with its length once it is whole.
///
/// # Errors
/// If it cannot be written, or too many are written or sent already.
pub(crate) async fn stored<E: std::error::Error + Send + 'static>(
    write: impl FnOnce(&mut dyn Write) -> Result<(), E> + Send + 'static,
) -> Answer<(u64, Body)> {
    let permit = permit()?;
    let (told, whole) = oneshot::channel::<u64>();
    let (sender, mut parts) = mpsc::channel::<io::Result<Bytes>>(WAITING);
    let handle = Handle::current();
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let written = (|| {
            let file = AwaitedFile { file: tempfile::tempfile()?, whole: &told };
            let mut out = BufWriter::with_capacity(PART, file);
            write(&mut out).map_err(|error| io::Error::other(error.to_string()))?;
            let AwaitedFile { mut file, .. } = out.into_inner().map_err(io::IntoInnerError::into_error)?;
            let length = file.stream_position()?;
            file.rewind()?;
            Ok((length, file))
        })();
        let sent = written.and_then(|(length, file)| {
            let _ = told.send(length);
            let mut out = Parts { sender: sender.clone(), handle: handle.clone() };
            io::copy(&mut BufReader::with_capacity(PART, file), &mut out)
        });
        if let Err(error) = sent {
            tracing::warn!(%error, "a report was not sent");
            let _ = handle.block_on(sender.send_timeout(Err(io::Error::other("cut short")), PATIENCE));
        }
    });
    let length = whole.await.map_err(|_| unwritten())?;
    Ok((length, Body::from_stream(stream::poll_fn(move |context| parts.poll_recv(context)))))
}

fn permit() -> Answer<SemaphorePermit<'static>> {
    AT_ONCE.try_acquire().map_err(|_| {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too many exports are being sent; try again in a while")
    })
}

fn unwritten() -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "it cannot be written; the server's log tells more")
}

/// A file that is written as long as somebody waits for it.
struct AwaitedFile<'w> {
    file: File,
    whole: &'w oneshot::Sender<u64>,
}

impl Write for AwaitedFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.whole.is_closed() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Sends what is written to it, and waits for whoever reads.
struct Parts {
    sender: mpsc::Sender<io::Result<Bytes>>,
    handle: Handle,
}

impl Write for Parts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let part = Ok(Bytes::copy_from_slice(bytes));
        let sent = self.handle.block_on(self.sender.send_timeout(part, PATIENCE));
        sent.map(|()| bytes.len()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
