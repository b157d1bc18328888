//! What an agent remembers from one start to the next, and what its health is told by.

use crate::exit::Outcome;
use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How often an agent says that it lives.
const BEAT: TimeDelta = TimeDelta::seconds(30);
/// An agent that has said nothing for so long is not well.
const SILENCE: TimeDelta = TimeDelta::minutes(3);

/// What an agent remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Memory {
    /// When it said last that it lives.
    alive_at: Option<DateTime<Utc>>,
    /// The last scan.
    last: Option<Last>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Last {
    due_at: DateTime<Utc>,
    began_at: DateTime<Utc>,
    ended_at: DateTime<Utc>,
    end: RoundEnd,
}

/// How a scan of an agent ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum RoundEnd {
    /// Something could be read, and results are where they should be.
    Done,
    /// Results were not delivered; they are kept for the next time.
    Undelivered,
    /// It came to nothing.
    Failed {
        /// Why.
        error: String,
    },
}

impl RoundEnd {
    /// How a scan that came to results ended.
    pub fn of(outcome: Outcome) -> Self {
        if outcome == Outcome::Undelivered { Self::Undelivered } else { Self::Done }
    }
}

/// How an agent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It has said nothing for long.
    Silent,
    /// It runs, and its last scan came to nothing.
    Failed,
    /// It runs, and results of its last scan were not delivered yet.
    Undelivered,
    /// It runs, and nothing is wrong.
    Well,
}

/// Where an agent remembers.
pub struct AgentState {
    file: PathBuf,
    memory: Mutex<Memory>,
}

impl AgentState {
    /// What is remembered in that folder; in systemd's for this service or the user's own unless one is named.
    pub fn open(folder: Option<&Path>) -> anyhow::Result<Self> {
        let folder = folder
            .map(Path::to_owned)
            .or_else(|| stance_sink::state_folder(|name| std::env::var_os(name)))
            .context("there is no folder to remember things in; name one by `--state`")?;
        let file = folder.join("agent.json");
        let memory = match std::fs::read(&file) {
            // what cannot be read is as good as forgotten: a scan more does no harm
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                tracing::warn!(file = %file.display(), %error, "what the agent remembered cannot be read");
                Memory::default()
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Memory::default(),
            Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", file.display())),
        };
        Ok(Self { file, memory: Mutex::new(memory) })
    }

    /// The folder of what the agent keeps.
    pub fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new("."))
    }

    /// When the last scan was due, and when it began.
    pub fn last(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.last.as_ref().map(|last| (last.due_at, last.began_at))
    }

    /// Says that the agent lives, now and then.
    pub fn alive(&self, now: DateTime<Utc>) {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.alive_at.is_some_and(|said| (now - said).abs() < BEAT) {
            return;
        }
        memory.alive_at = Some(now);
        if let Err(error) = self.write(&memory) {
            tracing::warn!("{error:#}");
        }
    }

    /// Does work that takes long, and says meanwhile that the agent lives.
    pub fn watched<T>(&self, work: impl FnOnce() -> T) -> T {
        let (stop, stopped) = channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                while stopped.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
                    self.alive(Utc::now());
                }
            });
            let done = work();
            drop(stop);
            done
        })
    }

    /// Remembers how a scan ended.
    pub fn ended(
        &self,
        due_at: DateTime<Utc>,
        began_at: DateTime<Utc>,
        ended_at: DateTime<Utc>,
        end: &RoundEnd,
    ) -> anyhow::Result<()> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.last = Some(Last { due_at, began_at, ended_at, end: end.clone() });
        memory.alive_at = Some(ended_at);
        self.write(&memory)
    }

    /// Tells how the agent is that remembers here.
    pub fn health(&self, now: DateTime<Utc>) -> Health {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let is_alive = memory.alive_at.is_some_and(|said| (now - said).abs() < SILENCE);
        let last = match &memory.last {
            None => "no scan yet".to_owned(),
            Some(Last { ended_at, end, .. }) => {
                let at = ended_at.format("%Y-%m-%dT%H:%M:%SZ");
                match end {
                    RoundEnd::Done => format!("last scan ended at {at}"),
                    RoundEnd::Undelivered => format!("results of {at} were not delivered yet"),
                    RoundEnd::Failed { error } => format!("scan of {at} failed: {error}"),
                }
            }
        };
        let last = stance_model::printable(&last).into_owned();
        if !is_alive {
            println!("not running; {last}");
            return Health::Silent;
        }
        println!("running; {last}");
        match memory.last.as_ref().map(|last| &last.end) {
            Some(RoundEnd::Failed { .. }) => Health::Failed,
            Some(RoundEnd::Undelivered) => Health::Undelivered,
            Some(RoundEnd::Done) | None => Health::Well,
        }
    }

    /// Writes what is remembered: whole, or not at all.
    fn write(&self, memory: &Memory) -> anyhow::Result<()> {
        let told = || format!("cannot remember in `{}`", self.file.display());
        let folder = self.folder();
        std::fs::create_dir_all(folder).with_context(told)?;
        let mut aside = tempfile::NamedTempFile::new_in(folder).with_context(told)?;
        aside.write_all(&serde_json::to_vec_pretty(memory)?).with_context(told)?;
        aside.as_file().sync_all().with_context(told)?;
        aside.persist(&self.file).with_context(told)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    #[test]
    fn what_an_agent_did_is_known_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let state = AgentState::open(Some(folder.path())).unwrap();
        assert_eq!((state.last(), state.health(at(0))), (None, Health::Silent));
        state.alive(at(0));
        assert_eq!(state.health(at(1)), Health::Well);
        state.ended(at(0), at(1), at(5), &RoundEnd::Done).unwrap();
        let again = AgentState::open(Some(folder.path())).unwrap();
        assert_eq!(again.last(), Some((at(0), at(1))));
        assert_eq!((again.health(at(6)), again.health(at(60))), (Health::Well, Health::Silent));
    }

    #[test]
    fn an_agent_whose_last_scan_went_wrong_is_not_well() {
        let folder = tempfile::tempdir().unwrap();
        let state = AgentState::open(Some(folder.path())).unwrap();
        state.ended(at(0), at(1), at(5), &RoundEnd::Undelivered).unwrap();
        assert_eq!(state.health(at(6)), Health::Undelivered);
        state.ended(at(0), at(1), at(5), &RoundEnd::Failed { error: "no credentials".into() }).unwrap();
        assert_eq!(state.health(at(6)), Health::Failed);
    }

    #[test]
    fn a_memory_that_is_torn_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("agent.json"), "{\"alive_at\": \"2026").unwrap();
        assert_eq!(AgentState::open(Some(folder.path())).unwrap().last(), None);
    }
}
