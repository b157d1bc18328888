//! Runs for a server of Stance: sent when they are done, and put into a file where that cannot be.

use crate::cli::ServerChoice;
use crate::keeping::{Kept, run_name};
use anyhow::Context;
use stance_sink::{RunReceiver, SendError};
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

/// What ends the names of files with runs that are to be sent.
const ENDING: &str = "stance-run";

/// A server of Stance, and the name of the run that it is to get.
pub struct ServerLink {
    receiver: RunReceiver,
    url: String,
    name: String,
}

impl ServerLink {
    /// The server that was chosen, if one was; for a new run.
    ///
    /// # Errors
    /// The address or the token cannot be used.
    pub fn of(choice: &ServerChoice) -> anyhow::Result<Option<Self>> {
        let Some(url) = &choice.server else { return Ok(None) };
        Ok(Some(Self { receiver: receiver(url, choice)?, url: url.clone(), name: run_name()? }))
    }

    /// Sends the run; into a file with it where that cannot be.
    pub fn hand_over(&self, mut run: File) -> anyhow::Result<Kept> {
        let mut bytes = Vec::new();
        run.read_to_end(&mut bytes)?;
        match send(&self.receiver, &self.name, bytes) {
            Ok(()) => Ok(Kept::Well),
            Err(error) => {
                let file = PathBuf::from(format!("{}.{ENDING}", self.name));
                put_aside(&mut run, &file).with_context(|| {
                    format!("{error}, and it cannot be put into `{}` either", file.display())
                })?;
                let file = file.display();
                eprintln!(
                    "{error}; it is kept in `{file}`: send it by `stance send {file} --server {}`",
                    self.url
                );
                Ok(Kept::Aside)
            }
        }
    }
}

fn put_aside(run: &mut File, file: &Path) -> io::Result<()> {
    run.rewind()?;
    io::copy(run, &mut File::create(file)?)?;
    Ok(())
}

fn receiver(url: &str, choice: &ServerChoice) -> anyhow::Result<RunReceiver> {
    let token = match (&choice.server_token_file, std::env::var(TOKEN)) {
        (Some(file), _) => std::fs::read_to_string(file)
            .with_context(|| format!("the token cannot be read from `{}`", file.display()))?,
        (None, Ok(token)) => token,
        (None, Err(_)) => {
            anyhow::bail!(
                "the server asks who sends; name a file with a token by `--server-token-file`, or set {TOKEN}"
            )
        }
    };
    Ok(RunReceiver::new(url, token.trim())?)
}

/// The variable that holds a token for a server.
const TOKEN: &str = "STANCE_SERVER_TOKEN";

fn send(receiver: &RunReceiver, name: &str, run: Vec<u8>) -> Result<(), SendError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| SendError::NotTaken(error.to_string()))?;
    runtime.block_on(receiver.send(name, run))
}

/// Sends a run that was kept in a file, and takes the file away once the server has it.
///
/// # Errors
/// If the file is none of ours, or the server does not take the run.
pub fn send_file(file: &Path, choice: &ServerChoice) -> anyhow::Result<()> {
    let url = choice.server.as_deref().context("name the server by `--server`")?;
    let name = file
        .file_stem()
        .and_then(|name| name.to_str())
        .filter(|_| file.extension().is_some_and(|ending| ending == ENDING));
    let name = name.with_context(|| format!("`{}` does not end with `.{ENDING}`", file.display()))?;
    let run = std::fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    send(&receiver(url, choice)?, name, run)?;
    std::fs::remove_file(file)
        .with_context(|| format!("`{}` was sent, and cannot be removed", file.display()))?;
    Ok(())
}
