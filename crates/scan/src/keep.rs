//! Where what was read is kept: snapshots of accounts, and journals of collections that are under way.

use serde::{Deserialize, Serialize};
use stance_collect::{Journal, JournalError, SnapshotError, read_snapshot, write_snapshot};
use stance_model::{Completion, ScopeId, Snapshot};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;

/// Where what was read is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// Nowhere: it is forgotten once it is judged.
    #[default]
    Nowhere,
    /// For each account a snapshot: in this file where one account is scanned, in this folder where several
    /// are.
    At {
        /// The file or folder.
        path: PathBuf,
        /// What a scan that was cut short has left is to be used.
        resume: bool,
    },
}

/// What was read cannot be kept.
#[derive(Debug, Error)]
pub enum KeepError {
    /// A snapshot cannot be written or read.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// A journal cannot be written or read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The folder cannot be used.
    #[error("cannot keep snapshots in `{path}`: {source}")]
    Folder {
        /// Which folder.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
    /// A file is named where a folder is needed.
    #[error(
        "`{path}` is a file; several accounts are scanned, and each has a snapshot of its own: name a folder"
    )]
    NotAFolder {
        /// Which file.
        path: String,
    },
    /// There is nothing to take up again.
    #[error("no scan that was cut short has left anything at `{path}`; leave out `--resume` to scan anew")]
    NothingToResume {
        /// Where it would be.
        path: String,
    },
}

/// Written into the folder while a scan of several accounts goes on.
#[derive(Serialize, Deserialize)]
struct Marker {
    started_at: chrono::DateTime<chrono::Utc>,
}

/// A place for snapshots, made ready.
#[derive(Debug)]
pub(crate) enum Store {
    Nowhere,
    File { path: PathBuf, resume: bool },
    Folder { path: PathBuf, resume: bool, started_at: chrono::DateTime<chrono::Utc> },
}

impl Store {
    const MARKER: &str = "scan-under-way.json";

    /// Makes the place ready for one account or several.
    pub fn open(keep: &Keep, several: bool) -> Result<Self, KeepError> {
        let Keep::At { path, resume } = keep else { return Ok(Self::Nowhere) };
        let nothing = || KeepError::NothingToResume { path: path.display().to_string() };
        if !several {
            if *resume && !partial(path).exists() {
                return Err(nothing());
            }
            return Ok(Self::File { path: path.clone(), resume: *resume });
        }
        if path.is_file() {
            return Err(KeepError::NotAFolder { path: path.display().to_string() });
        }
        let failed = |source| KeepError::Folder { path: path.display().to_string(), source };
        std::fs::create_dir_all(path).map_err(failed)?;
        let file = path.join(Self::MARKER);
        let started_at = if *resume {
            let text = std::fs::read(&file).map_err(|_| nothing())?;
            serde_json::from_slice::<Marker>(&text).map_err(|_| nothing())?.started_at
        } else {
            let marker = Marker { started_at: chrono::Utc::now() };
            let text = serde_json::to_vec(&marker).map_err(|error| failed(error.into()))?;
            std::fs::write(&file, text).map_err(failed)?;
            marker.started_at
        };
        Ok(Self::Folder { path: path.clone(), resume: *resume, started_at })
    }

    fn file_of(&self, account: &ScopeId) -> Option<PathBuf> {
        match self {
            Self::Nowhere => None,
            Self::File { path, .. } => Some(path.clone()),
            Self::Folder { path, .. } => Some(path.join(format!("{account}.jsonl.gz"))),
        }
    }

    /// What the scan that is taken up again has read of an account in full.
    pub fn finished(&self, account: &ScopeId) -> Option<Snapshot> {
        let Self::Folder { resume: true, started_at, .. } = self else { return None };
        let file = self.file_of(account)?;
        let snapshot = file.exists().then(|| read_snapshot(&file).ok()).flatten()?;
        let run = &snapshot.run;
        // another scan's file, or one of a collection that was interrupted, is not what is looked for
        (run.started_at >= *started_at && run.completion == Completion::Complete).then_some(snapshot)
    }

    /// The journal of an account's collection.
    pub fn journal(&self, account: &ScopeId) -> Result<Option<Arc<Journal>>, KeepError> {
        let Some(file) = self.file_of(account) else { return Ok(None) };
        let resume = matches!(self, Self::File { resume: true, .. } | Self::Folder { resume: true, .. });
        let path = partial(&file);
        let journal = if resume {
            Journal::resume(&path, account.as_str())?
        } else {
            Journal::begin(&path, account.as_str())?
        };
        Ok(Some(Arc::new(journal)))
    }

    /// Keeps a snapshot. The journal is no longer needed where everything was tried.
    pub fn keep(&self, snapshot: &Snapshot, journal: Option<&Journal>) -> Result<(), KeepError> {
        if let Some(file) = self.file_of(&snapshot.run.scope) {
            write_snapshot(snapshot, &file)?;
        }
        match journal {
            Some(journal) if snapshot.run.completion == Completion::Complete => Ok(journal.remove()?),
            _ => Ok(()),
        }
    }

    /// Says that nothing is left to take up again.
    pub fn done(&self) -> Result<(), KeepError> {
        let Self::Folder { path, .. } = self else { return Ok(()) };
        std::fs::remove_file(path.join(Self::MARKER))
            .map_err(|source| KeepError::Folder { path: path.display().to_string(), source })
    }
}

/// Where the journal of a snapshot stands.
fn partial(snapshot: &Path) -> PathBuf {
    let mut name = snapshot.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

#[cfg(test)]
mod tests;
