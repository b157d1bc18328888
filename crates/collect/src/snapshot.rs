//! Snapshot files: what a collection brought home, kept to be judged again offline.
//!
//! Gzip-compressed JSON lines. The first line names the format and its version; then a line for each
//! resource; the last line is the run, and tells how many resources there are, so that a file that was
//! cut is never taken for a smaller estate.

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use stance_model::{Resource, Run, Snapshot};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use tempfile::NamedTempFile;
use thiserror::Error;

/// Version of the format; raised when a reader of the old one would go wrong.
pub const SNAPSHOT_VERSION: u32 = 1;

const FORMAT: &str = "stance-snapshot";

#[derive(Serialize, Deserialize)]
struct Head {
    format: String,
    version: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum LineOut<'a> {
    Resource(&'a Resource),
    Run { run: &'a Run, resources: usize },
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum LineIn {
    Resource(Box<Resource>),
    Run { run: Box<Run>, resources: usize },
}

/// A snapshot could not be written or read.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// The file cannot be opened, read or written.
    #[error("cannot use the snapshot `{path}`: {source}")]
    File {
        /// Which file.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
    /// It is something else.
    #[error("`{path}` is not a snapshot; make one with `stance scan aws --snapshot FILE`")]
    NotASnapshot {
        /// Which file.
        path: String,
    },
    /// A newer Stance wrote it.
    #[error(
        "`{path}` is of snapshot version {found}, and this Stance reads up to {SNAPSHOT_VERSION}; use a newer Stance"
    )]
    Newer {
        /// Which file.
        path: String,
        /// Its version.
        found: u32,
    },
    /// Its end is missing.
    #[error("the snapshot `{path}` is cut off after {resources} resources; copy it again, or scan again")]
    Cut {
        /// Which file.
        path: String,
        /// How many resources could be read.
        resources: usize,
    },
    /// A line is wrong.
    #[error("line {line} of the snapshot `{path}` cannot be read: {source}")]
    Line {
        /// Which file.
        path: String,
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        source: serde_json::Error,
    },
}

/// Writes a snapshot beside its final name, for its owner only, and renames it when it is whole. A pipe or a
/// device is written to as it is.
///
/// # Errors
/// If the file cannot be written, such as on a full disk; nothing is left under its name then.
pub fn write_snapshot(snapshot: &Snapshot, path: &Path) -> Result<(), SnapshotError> {
    let failed = |source: std::io::Error| SnapshotError::File { path: path.display().to_string(), source };
    if path.metadata().is_ok_and(|found| !found.is_file()) {
        let mut device = OpenOptions::new().write(true).open(path).map_err(failed)?;
        return write_to(snapshot, &mut device).map_err(failed);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder).map_err(failed)?;
    write_to(snapshot, &mut file).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

fn write_to(snapshot: &Snapshot, file: &mut impl Write) -> std::io::Result<()> {
    // the encoder's work for a write does not depend on its length, and a line is a hundred writes
    let mut out = BufWriter::with_capacity(1 << 16, GzEncoder::new(file, Compression::default()));
    line(&mut out, &Head { format: FORMAT.to_owned(), version: SNAPSHOT_VERSION })?;
    for resource in &snapshot.resources {
        line(&mut out, &LineOut::Resource(resource))?;
    }
    line(&mut out, &LineOut::Run { run: &snapshot.run, resources: snapshot.resources.len() })?;
    out.into_inner().map_err(std::io::IntoInnerError::into_error)?.finish()?.flush()
}

fn line(out: &mut impl Write, value: &impl Serialize) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// Reads a snapshot.
///
/// # Errors
/// If the file cannot be read, is no snapshot, is newer than this Stance, cut or damaged.
pub fn read_snapshot(path: &Path) -> Result<Snapshot, SnapshotError> {
    let name = || path.display().to_string();
    let file = File::open(path).map_err(|source| SnapshotError::File { path: name(), source })?;
    read_snapshot_from(BufReader::new(file), &name())
}

/// Reads a snapshot from wherever it comes; `path` is what errors call it.
///
/// # Errors
/// As [`read_snapshot`].
pub fn read_snapshot_from(file: impl BufRead, path: &str) -> Result<Snapshot, SnapshotError> {
    let path = path.to_owned();
    let mut lines = BufReader::new(MultiGzDecoder::new(file)).lines();
    let head: Head = match lines.next() {
        Some(Ok(line)) => {
            serde_json::from_str(&line).map_err(|_| SnapshotError::NotASnapshot { path: path.clone() })?
        }
        _ => return Err(SnapshotError::NotASnapshot { path }),
    };
    if head.format != FORMAT {
        return Err(SnapshotError::NotASnapshot { path });
    }
    if head.version > SNAPSHOT_VERSION {
        return Err(SnapshotError::Newer { path, found: head.version });
    }
    let mut resources = Vec::new();
    for (index, line) in lines.enumerate() {
        let cut =
            |resources: &Vec<Resource>| SnapshotError::Cut { path: path.clone(), resources: resources.len() };
        // a cut gzip stream fails here, at a line of its own or in the middle of one
        let Ok(line) = line else { return Err(cut(&resources)) };
        match serde_json::from_str(&line) {
            Ok(LineIn::Resource(resource)) => resources.push(*resource),
            Ok(LineIn::Run { run, resources: count }) if count == resources.len() => {
                return Ok(Snapshot { run: *run, resources });
            }
            Ok(LineIn::Run { .. }) => return Err(cut(&resources)),
            Err(source) if source.is_eof() => return Err(cut(&resources)),
            Err(source) => return Err(SnapshotError::Line { path, line: index + 2, source }),
        }
    }
    Err(SnapshotError::Cut { path, resources: resources.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use stance_model::{Completion, Provider, ResourceReference, Source};

    fn snapshot(count: usize) -> Snapshot {
        let moment = DateTime::UNIX_EPOCH;
        let resource = |index: usize| Resource {
            reference: ResourceReference {
                id: format!("arn:{index}").into(),
                resource_type: "T".into(),
                name: format!("n{index}"),
                region: "r".into(),
                scope: "1".into(),
                provider: Provider::Aws,
            }
            .into(),
            tags: [("k".to_owned(), "v".to_owned())].into(),
            fields: serde_json::Map::from_iter([("Name".to_owned(), "\u{1b}[2J".into())]),
            listed_by: Source { operation: "s:List".into(), read_at: moment },
            attributes: std::collections::BTreeMap::default(),
        };
        Snapshot {
            run: Run {
                started_at: moment,
                ended_at: moment,
                resumed_at: None,
                as_of: moment,
                provider: Provider::Aws,
                scope: "1".into(),
                scope_details: std::sync::Arc::default(),
                partition: "aws".into(),
                identity: "arn".into(),
                regions: vec!["r".into()],
                skipped_regions: vec![],
                completion: Completion::Complete,
                listings: vec![],
                calls: std::collections::BTreeMap::default(),
                stance_version: "0".into(),
            },
            resources: (0..count).map(resource).collect(),
        }
    }

    fn bytes(snapshot: &Snapshot) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_to(snapshot, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn what_is_written_reads_back() {
        for count in [0, 1, 50] {
            let snapshot = snapshot(count);
            assert_eq!(read_snapshot_from(bytes(&snapshot).as_slice(), "f").unwrap(), snapshot);
        }
    }

    #[test]
    fn a_file_cut_anywhere_is_never_taken_for_another_estate() {
        let snapshot = snapshot(20);
        let whole = bytes(&snapshot);
        for end in 0..whole.len() {
            // only the checksum at the very end may be missing: the run's line has been read by then
            if let Ok(read) = read_snapshot_from(&whole[..end], "f") {
                assert_eq!(read, snapshot, "cut at {end}");
                assert!(whole.len() - end <= 9, "cut at {end}");
            }
        }
    }

    #[test]
    fn a_newer_version_and_another_format_are_refused() {
        let file = |head: &str| {
            let mut out = GzEncoder::new(Vec::new(), Compression::fast());
            out.write_all(head.as_bytes()).unwrap();
            out.finish().unwrap()
        };
        let newer = file("{\"format\":\"stance-snapshot\",\"version\":2}\n");
        assert!(matches!(
            read_snapshot_from(newer.as_slice(), "f"),
            Err(SnapshotError::Newer { found: 2, .. })
        ));
        let other = file("{\"format\":\"other\",\"version\":1}\n");
        assert!(matches!(read_snapshot_from(other.as_slice(), "f"), Err(SnapshotError::NotASnapshot { .. })));
        assert!(matches!(read_snapshot_from(&b"hello"[..], "f"), Err(SnapshotError::NotASnapshot { .. })));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_device_is_written_to_and_not_replaced() {
        let full = Path::new("/dev/full");
        assert!(matches!(write_snapshot(&snapshot(1), full), Err(SnapshotError::File { .. })));
        assert!(!full.metadata().unwrap().is_file());
    }

    #[test]
    fn a_snapshot_that_cannot_be_written_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing").join("s.gz");
        assert!(matches!(write_snapshot(&snapshot(1), &path), Err(SnapshotError::File { .. })));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
