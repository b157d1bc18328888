//! What a collection has read so far, kept while it goes on, so that one that was killed can be taken up
//! again without asking for the same things twice.
//!
//! A journal is a file of gzip members, each of JSON lines. The first member names the format and the
//! collection; each other one is a listing with its resources, written as soon as it is complete. A
//! member that was cut by the end of the process is dropped, and its listing is read again.

use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use stance_catalog::PlannedType;
use stance_model::{Listing, ListingState, Region, Resource, ResourceType};
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tempfile::NamedTempFile;
use thiserror::Error;

const FORMAT: &str = "stance-journal";
const VERSION: u32 = 1;

/// What a journal is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    format: String,
    version: u32,
    /// The account.
    scope: String,
    /// When the collection began.
    started_at: DateTime<Utc>,
    /// Stance reads differently from version to version.
    stance_version: String,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    listing: Listing,
    /// What was asked of each resource.
    asked: String,
    resources: usize,
}

/// A listing that need not be made again.
#[derive(Debug)]
pub(crate) struct Kept {
    pub listing: Listing,
    pub resources: Vec<Resource>,
    asked: String,
}

/// The journal of one collection.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    /// Nothing once writing failed.
    file: Mutex<Option<File>>,
    kept: Mutex<HashMap<(ResourceType, Region), Kept>>,
    started_at: DateTime<Utc>,
    resumed: bool,
}

/// A journal cannot be used.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The file cannot be read or written.
    #[error("cannot keep a journal in `{path}`: {source}")]
    File {
        /// Which file.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
    /// It is something else, or of another account or version.
    #[error("`{path}` is not a journal of this scan ({reason}); remove it to scan anew")]
    Other {
        /// Which file.
        path: String,
        /// In what it differs.
        reason: String,
    },
}

impl Journal {
    /// Begins a journal; a file that is there is replaced.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn begin(path: &Path, scope: &str) -> Result<Self, JournalError> {
        let head = Head {
            format: FORMAT.into(),
            version: VERSION,
            scope: scope.into(),
            started_at: Utc::now(),
            stance_version: env!("CARGO_PKG_VERSION").into(),
        };
        let started_at = head.started_at;
        let write = || {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            // whole under its name or not there: a head that was cut could not be told from something else; such
            // a file is for its owner only
            let mut file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
            file.write_all(&member(|out| line(out, &head))?)?;
            file.persist(path).map_err(|error| error.error)
        };
        let file = write().map_err(|source| failed(path, source))?;
        Ok(Self::of(path, file, HashMap::new(), started_at, false))
    }

    /// Takes a journal up again; begins one where there is none.
    ///
    /// # Errors
    /// If the file cannot be read or written, or is not a journal of this account and version.
    pub fn resume(path: &Path, scope: &str) -> Result<Self, JournalError> {
        if !path.exists() {
            return Self::begin(path, scope);
        }
        let open = || OpenOptions::new().read(true).write(true).open(path);
        let mut file = BufReader::new(open().map_err(|source| failed(path, source))?);
        let other = |reason: String| JournalError::Other { path: path.display().to_string(), reason };
        let head =
            next_member(&mut file).and_then(|lines| serde_json::from_slice::<Head>(lines.first()?).ok());
        let head = head.filter(|head| head.format == FORMAT && head.version == VERSION);
        let Some(head) = head else { return Err(other("it is something else".into())) };
        if head.scope != scope {
            return Err(other(format!("it is of `{}`", head.scope)));
        }
        if head.stance_version != env!("CARGO_PKG_VERSION") {
            return Err(other(format!("Stance {} wrote it", head.stance_version)));
        }
        let mut kept = HashMap::new();
        let mut good = file.stream_position().map_err(|source| failed(path, source))?;
        while let Some(entry) = next_member(&mut file).and_then(|lines| read_entry(&lines)) {
            kept.insert((entry.listing.resource_type.clone(), entry.listing.region.clone()), entry);
            good = file.stream_position().map_err(|source| failed(path, source))?;
        }
        // what follows was cut; new members must not come behind it
        let mut file = file.into_inner();
        let cut = file.set_len(good).and_then(|()| file.seek(std::io::SeekFrom::Start(good)));
        cut.map_err(|source| failed(path, source))?;
        Ok(Self::of(path, file, kept, head.started_at, true))
    }

    fn of(
        path: &Path,
        file: File,
        kept: HashMap<(ResourceType, Region), Kept>,
        started_at: DateTime<Utc>,
        resumed: bool,
    ) -> Self {
        let (file, kept) = (Mutex::new(Some(file)), Mutex::new(kept));
        Self { path: path.to_owned(), file, kept, started_at, resumed }
    }

    /// When the collection began, before it was taken up again.
    pub fn started_at(&self) -> DateTime<Utc> {
        self.started_at
    }

    /// Whether this takes up what an earlier process had begun.
    pub fn is_resumed(&self) -> bool {
        self.resumed
    }

    /// A listing from before, if it was made with the same questions.
    pub(crate) fn take(&self, planned: &PlannedType, region: &Region) -> Option<Kept> {
        let key = (planned.definition.name.clone(), region.clone());
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(&key)?;
        (kept.asked == asked(planned)).then_some(kept)
    }

    /// Keeps a listing that was made in full. Where that fails, the collection goes on without.
    pub(crate) fn keep(&self, planned: &PlannedType, listing: &Listing, resources: &[Resource]) {
        if matches!(listing.state, ListingState::Unreadable { .. }) {
            return;
        }
        let entry = Entry { listing: listing.clone(), asked: asked(planned), resources: resources.len() };
        let member = member(|out| {
            line(out, &entry)?;
            resources.iter().try_for_each(|resource| line(out, resource))
        });
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = file.as_mut() else { return };
        if let Err(error) = member.and_then(|member| open.write_all(&member)) {
            tracing::error!(%error, path = %self.path.display(), "the journal cannot be written; `--resume` will not know more than until here");
            *file = None;
        }
    }

    /// Removes the file: the collection is complete and stands elsewhere.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn remove(&self) -> Result<(), JournalError> {
        std::fs::remove_file(&self.path).map_err(|source| failed(&self.path, source))
    }
}

/// What a plan asks of each resource of a type.
fn asked(planned: &PlannedType) -> String {
    let names = planned.definition.attributes.iter().map(|attribute| attribute.name.as_str());
    names.collect::<Vec<_>>().join(",")
}

fn failed(path: &Path, source: std::io::Error) -> JournalError {
    JournalError::File { path: path.display().to_string(), source }
}

fn member(
    fill: impl FnOnce(&mut BufWriter<GzEncoder<Vec<u8>>>) -> std::io::Result<()>,
) -> std::io::Result<Vec<u8>> {
    // the encoder's work for a write does not depend on its length, and a line is a hundred writes
    let mut out = BufWriter::new(GzEncoder::new(Vec::new(), Compression::fast()));
    fill(&mut out)?;
    out.into_inner().map_err(std::io::IntoInnerError::into_error)?.finish()
}

fn line(out: &mut impl Write, value: &impl Serialize) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// The lines of the next member; nothing at the end, and where it was cut.
fn next_member(file: &mut BufReader<File>) -> Option<Vec<Vec<u8>>> {
    if file.fill_buf().ok()?.is_empty() {
        return None;
    }
    BufReader::new(GzDecoder::new(file)).split(b'\n').collect::<Result<_, _>>().ok()
}

fn read_entry(lines: &[Vec<u8>]) -> Option<Kept> {
    let (first, rest) = lines.split_first()?;
    let entry: Entry = serde_json::from_slice(first).ok()?;
    let resources: Vec<Resource> =
        rest.iter().map(|line| serde_json::from_slice(line)).collect::<Result<_, _>>().ok()?;
    (resources.len() == entry.resources).then_some(Kept {
        listing: entry.listing,
        resources,
        asked: entry.asked,
    })
}

#[cfg(test)]
mod tests;
