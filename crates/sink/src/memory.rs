//! What a sink that takes changes only was told, from one run to the next, where no store knows it.
//!
//! A file in the sink's folder holds, of each finding, the status that the receiver was told last. Before the
//! first change of a run is handed over, the file says of each changed finding that something else may have
//! been told since; once the spool has all of them, it says what was told. So whenever the process ends, a
//! change is told in the next run at the latest, perhaps twice, and none is lost. The file is replaced whole.

use crate::change::{Change, Changes};
use crate::{SinkError, folder, looked_at};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use stance_model::{Finding, FindingId, Findings, Report, VerdictStatus};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

const FILE: &str = "told.jsonl.gz";
/// What a spool removes when it is opened.
const PART: &str = "told.part";
const DAMAGED: &str = "told.damaged";
/// The region of what is in none.
const GLOBAL: &str = "global";

/// A finding as a line of the file.
#[derive(Serialize, Deserialize)]
struct Entry {
    /// The status that was told last; none where it may not have been told at all.
    told: Option<VerdictStatus>,
    /// Whether something else may have been told since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unsettled: bool,
    /// The finding as it was, without what it rests on.
    finding: Finding,
}

/// What memory holds of an entry while runs are compared.
#[derive(Clone, Copy)]
struct Known {
    told: Option<VerdictStatus>,
    unsettled: bool,
    /// Whether this run has the finding too.
    seen: bool,
}

/// The first bytes of a hash of a finding's id: half the room of the id itself.
type Key = [u8; 16];

/// A run, compared with what was told before it.
pub(crate) struct Comparison<'a> {
    folder: &'a Path,
    report: &'a Report<dyn Findings>,
    /// Nothing where this is the first run.
    known: Option<HashMap<Key, Known>>,
    /// Rules and accounts of which something could not be told.
    unknown: BTreeSet<(String, String)>,
    rules: BTreeSet<String>,
    /// Accounts that were scanned to their end, with their regions.
    accounts: BTreeMap<String, BTreeSet<String>>,
}

impl<'a> Comparison<'a> {
    /// Compares a run with what the folder has.
    ///
    /// # Errors
    /// The folder or the findings cannot be read.
    pub fn open(folder: &'a Path, report: &'a Report<dyn Findings>) -> Result<Self, SinkError> {
        let whole = looked_at::whole_accounts(report);
        let runs = report.runs.iter().filter(|run| whole.contains(run.scope.as_str()));
        let accounts = runs.map(|run| {
            (run.scope.to_string(), run.regions.iter().map(ToString::to_string).collect::<BTreeSet<_>>())
        });
        let mut comparison = Self {
            folder,
            report,
            known: read(folder)?,
            unknown: BTreeSet::new(),
            rules: looked_at::rules(report),
            accounts: accounts.collect(),
        };
        let Self { known, unknown, .. } = &mut comparison;
        let visited = report.findings.each(&mut |finding| {
            if finding.status == VerdictStatus::Unknown {
                unknown.insert((finding.rule.to_string(), finding.resource.scope.to_string()));
            }
            if let Some(known) = known.as_mut().and_then(|known| known.get_mut(&key(&finding.id))) {
                known.seen = true;
            }
            Ok(())
        });
        visited.map_err(SinkError::Findings)?;
        Ok(comparison)
    }

    /// Whether no run before this one is known.
    pub fn is_first(&self) -> bool {
        self.known.is_none()
    }

    /// Writes down that each change may have been told.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn unsettle(&self) -> Result<(), SinkError> {
        self.write(&mut |out| {
            self.report.findings.each(&mut |finding| {
                let known = self.known_of(finding);
                let told = known.and_then(|known| known.told);
                let unsettled = change(finding, known).is_some();
                put(out, &Entry { told, unsettled, finding: bare(finding) })
            })?;
            self.each_missing(&mut |entry, is_gone| {
                let unsettled = entry.unsettled || is_gone;
                put(out, &Entry { unsettled, ..entry })
            })
        })
    }

    /// Writes down that all of the run was told.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn settle(&self) -> Result<(), SinkError> {
        self.write(&mut |out| {
            self.report.findings.each(&mut |finding| {
                put(out, &Entry { told: Some(finding.status), unsettled: false, finding: bare(finding) })
            })?;
            self.each_missing(&mut |entry, is_gone| if is_gone { Ok(()) } else { put(out, &entry) })
        })
    }

    fn known_of(&self, finding: &Finding) -> Option<Known> {
        self.known.as_ref()?.get(&key(&finding.id)).copied()
    }

    /// Shows what is known and not in this run, and whether it is gone: the run looked where it was, and
    /// could tell.
    fn each_missing(&self, visit: &mut dyn FnMut(Entry, bool) -> io::Result<()>) -> io::Result<()> {
        let Some(known) = &self.known else { return Ok(()) };
        if known.values().all(|known| known.seen) {
            return Ok(());
        }
        each_entry(&self.folder.join(FILE), &mut |entry| {
            if known.get(&key(&entry.finding.id)).is_none_or(|known| known.seen) {
                return Ok(());
            }
            let is_gone = self.is_gone(&entry.finding);
            visit(entry, is_gone)
        })
    }

    fn is_gone(&self, finding: &Finding) -> bool {
        let (rule, account) = (finding.rule.to_string(), finding.resource.scope.to_string());
        let region = finding.resource.region.as_str();
        let looked =
            self.accounts.get(&account).is_some_and(|regions| region == GLOBAL || regions.contains(region));
        looked && self.rules.contains(&rule) && !self.unknown.contains(&(rule, account))
    }

    /// Replaces the file, or leaves it as it was.
    fn write(&self, fill: Fill<'_>) -> Result<(), SinkError> {
        let path = self.folder.join(FILE);
        replace(self.folder, &path, fill).map_err(|source| SinkError::Folder { path, source })
    }
}

impl Changes for Comparison<'_> {
    fn each(&self, visit: &mut dyn FnMut(Change, &Finding) -> io::Result<()>) -> io::Result<()> {
        self.report.findings.each(&mut |finding| match change(finding, self.known_of(finding)) {
            Some(change) => visit(change, finding),
            None => Ok(()),
        })?;
        self.each_missing(&mut |entry, is_gone| {
            if is_gone { visit(Change::Resolved, &entry.finding) } else { Ok(()) }
        })
    }
}

/// What is written into a file that replaces another.
type Fill<'f> = &'f mut dyn FnMut(&mut dyn Write) -> io::Result<()>;

fn replace(folder: &Path, path: &Path, fill: Fill<'_>) -> io::Result<()> {
    let part = folder.join(PART);
    let file = folder::options().create(true).write(true).truncate(true).open(&part)?;
    let mut out = BufWriter::new(GzEncoder::new(file, Compression::fast()));
    fill(&mut out)?;
    let encoder = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    encoder.finish()?.sync_all()?;
    fs::rename(part, path)?;
    folder::sync(folder)
}

fn put(mut out: &mut dyn Write, entry: &Entry) -> io::Result<()> {
    serde_json::to_writer(&mut out, entry)?;
    out.write_all(b"\n")
}

/// What differs between a finding and what was told of it. What may have been told is told again.
fn change(finding: &Finding, known: Option<Known>) -> Option<Change> {
    match known {
        Some(Known { told: Some(told), unsettled, .. }) if told == finding.status => {
            unsettled.then_some(Change::New)
        }
        Some(Known { told: Some(from), .. }) => Some(Change::StatusChanged { from }),
        Some(Known { told: None, .. }) | None => Some(Change::New),
    }
}

/// The finding without what it rests on, enough to say that it is gone.
fn bare(finding: &Finding) -> Finding {
    Finding {
        evidence: Vec::new().into(),
        causes: Vec::new(),
        controls: [].into(),
        exception: None,
        ..finding.clone()
    }
}

fn key(id: &FindingId) -> Key {
    let digest = Sha256::digest(id.as_str().as_bytes());
    let mut key = Key::default();
    for (place, byte) in key.iter_mut().zip(digest) {
        *place = byte;
    }
    key
}

/// What the folder has; nothing where no run was remembered. A damaged file is put aside, and all is told.
fn read(folder: &Path) -> Result<Option<HashMap<Key, Known>>, SinkError> {
    let path = folder.join(FILE);
    let mut known = HashMap::new();
    let read = each_entry(&path, &mut |Entry { told, unsettled, finding }| {
        known.insert(key(&finding.id), Known { told, unsettled, seen: false });
        Ok(())
    });
    let failed = |path: PathBuf| move |source| SinkError::Folder { path, source };
    match read {
        Ok(()) => Ok(Some(known)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if DAMAGE.contains(&error.kind()) => {
            tracing::error!(
                "`{}` is damaged ({error}); it is put aside, and all is sent anew",
                path.display()
            );
            fs::rename(&path, folder.join(DAMAGED)).map_err(failed(path))?;
            Ok(Some(HashMap::new()))
        }
        Err(error) => Err(failed(path)(error)),
    }
}

/// How a file that is not as it was written shows.
const DAMAGE: [io::ErrorKind; 3] =
    [io::ErrorKind::InvalidData, io::ErrorKind::InvalidInput, io::ErrorKind::UnexpectedEof];

fn each_entry(path: &Path, visit: &mut dyn FnMut(Entry) -> io::Result<()>) -> io::Result<()> {
    for line in BufReader::new(GzDecoder::new(BufReader::new(File::open(path)?))).lines() {
        let entry = serde_json::from_str(&line?)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        visit(entry)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
