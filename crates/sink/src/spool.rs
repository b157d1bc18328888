//! Batches that are accepted and not delivered yet, on disk, the oldest first.
//!
//! A batch is written under another name, brought to the disk, and only then renamed: it is there whole or
//! not at all. It is acknowledged by deleting it. Numbers, not clocks, give the order.

use crate::SinkError;
use crate::document::Document;
use crate::folder;
use crate::metrics::count;
use stance_model::printable;
use std::collections::VecDeque;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Digits of a number, so that names sort as numbers do.
const DIGITS: usize = 20;
const BATCH: &str = "batch";
const PART: &str = "part";
const DAMAGED: &str = "damaged";

/// Batches on disk.
#[derive(Debug)]
pub(crate) struct Spool {
    folder: PathBuf,
    most_bytes: u64,
    batches: VecDeque<Batch>,
    /// Held as long as the spool is open.
    _lock: File,
}

#[derive(Clone, Copy, Debug)]
struct Batch {
    number: u64,
    documents: u64,
    bytes: u64,
}

/// A batch was not accepted.
#[derive(Debug, Error)]
pub(crate) enum NotAccepted {
    #[error("the spool in `{}` is full with {held} bytes; deliver them, or raise `spool_megabytes`", printable(&folder.to_string_lossy()))]
    Full { folder: PathBuf, held: u64 },
    #[error("the spool in `{}` could not be written: {source}", printable(&folder.to_string_lossy()))]
    Disk { folder: PathBuf, source: io::Error },
}

impl Spool {
    /// Opens the spool in a folder, with what an earlier process left there.
    pub fn open(folder: &Path, most_bytes: u64) -> Result<Self, SinkError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| SinkError::Folder { path, source }
        };
        folder::make(folder)?;
        let lock_path = folder.join("lock");
        let lock =
            folder::options().create(true).append(true).open(&lock_path).map_err(failed(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(SinkError::Busy { path: folder.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(failed(&lock_path)(source)),
        }
        let mut batches = Vec::new();
        for entry in folder.read_dir().map_err(failed(folder))? {
            let path = entry.map_err(failed(folder))?.path();
            match path.extension().and_then(|extension| extension.to_str()) {
                // it was never accepted
                Some(PART) => fs::remove_file(&path).map_err(failed(&path))?,
                Some(BATCH) => batches.extend(named(&path)),
                _ => {}
            }
        }
        batches.sort_unstable_by_key(|batch| batch.number);
        Ok(Self { folder: folder.to_owned(), most_bytes, batches: batches.into(), _lock: lock })
    }

    /// Batches, documents and bytes in it.
    pub fn held(&self) -> (u64, u64, u64) {
        let sum = |part: fn(&Batch) -> u64| self.batches.iter().map(part).sum();
        (count(self.batches.len()), sum(|batch| batch.documents), sum(|batch| batch.bytes))
    }

    /// Takes a batch in; from then on it outlives us.
    pub fn accept(&mut self, documents: &[Document]) -> Result<(), NotAccepted> {
        let (_, _, held) = self.held();
        let bytes: usize = documents.iter().map(Document::bytes).sum();
        if held.saturating_add(count(bytes)) > self.most_bytes {
            return Err(NotAccepted::Full { folder: self.folder.clone(), held });
        }
        let number = self.batches.back().map_or(1, |last| last.number.saturating_add(1));
        let batch = self.write(number, documents).map_err(|source| self.disk(source))?;
        self.batches.push_back(batch);
        Ok(())
    }

    /// The documents of the oldest batch. One that cannot be read is put aside under another name, and told.
    pub fn oldest(&mut self) -> Result<Option<Vec<Document>>, NotAccepted> {
        while let Some(batch) = self.batches.front().copied() {
            let path = self.path(batch);
            match read(&path) {
                Ok(documents) => return Ok(Some(documents)),
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    let aside = path.with_extension(DAMAGED);
                    tracing::error!("`{}` is damaged ({error}); it is put aside", path.display());
                    fs::rename(&path, aside).map_err(|source| self.disk(source))?;
                    self.batches.pop_front();
                }
                Err(source) => return Err(self.disk(source)),
            }
        }
        Ok(None)
    }

    /// The oldest batch was delivered.
    pub fn acknowledge(&mut self) -> Result<(), NotAccepted> {
        if let Some(batch) = self.batches.front().copied() {
            fs::remove_file(self.path(batch)).map_err(|source| self.disk(source))?;
            self.batches.pop_front();
        }
        Ok(())
    }

    /// Only these documents of the oldest batch are left to deliver.
    pub fn keep_only(&mut self, documents: &[Document]) -> Result<(), NotAccepted> {
        let Some(batch) = self.batches.front().copied() else { return Ok(()) };
        if count(documents.len()) == batch.documents {
            return Ok(());
        }
        let old = self.path(batch);
        let left = self.write(batch.number, documents).map_err(|source| self.disk(source))?;
        // the smaller one is there before the greater one goes; after a crash between the two, the greater
        // one is found with it, and some documents go out twice under their ids
        if self.path(left) != old {
            fs::remove_file(old).map_err(|source| self.disk(source))?;
        }
        if let Some(first) = self.batches.front_mut() {
            *first = left;
        }
        Ok(())
    }

    fn disk(&self, source: io::Error) -> NotAccepted {
        NotAccepted::Disk { folder: self.folder.clone(), source }
    }

    fn path(&self, batch: Batch) -> PathBuf {
        let Batch { number, documents, bytes } = batch;
        self.folder.join(format!("{number:0DIGITS$}-{documents}-{bytes}.{BATCH}"))
    }

    fn write(&self, number: u64, documents: &[Document]) -> io::Result<Batch> {
        let part = self.folder.join(format!("{number:0DIGITS$}.{PART}"));
        let written = self.write_part(&part, number, documents);
        if written.is_err() {
            // what is left of it would be taken away at the next start as well
            let _ = fs::remove_file(&part);
        }
        written
    }

    fn write_part(&self, part: &Path, number: u64, documents: &[Document]) -> io::Result<Batch> {
        let file = folder::options().create(true).write(true).truncate(true).open(part)?;
        let mut out = BufWriter::with_capacity(1 << 16, file);
        for document in documents {
            serde_json::to_writer(&mut out, document)?;
            out.write_all(b"\n")?;
        }
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        // a disk may take the bytes and say only now that it is full
        file.sync_all()?;
        let batch = Batch { number, documents: count(documents.len()), bytes: file.metadata()?.len() };
        fs::rename(part, self.path(batch))?;
        folder::sync(&self.folder)?;
        Ok(batch)
    }
}

/// What a file's name tells of its batch.
fn named(path: &Path) -> Option<Batch> {
    let mut numbers = path.file_stem()?.to_str()?.split('-').map(str::parse);
    let mut next = || numbers.next()?.ok();
    Some(Batch { number: next()?, documents: next()?, bytes: next()? })
}

fn read(path: &Path) -> io::Result<Vec<Document>> {
    let mut documents = Vec::new();
    for line in BufReader::new(File::open(path)?).lines() {
        documents.push(
            serde_json::from_str(&line?)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?,
        );
    }
    Ok(documents)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(ids: std::ops::Range<u32>) -> Vec<Document> {
        ids.map(|id| Document::new(id.to_string(), &serde_json::json!({ "n": id, "line": "a\nb" })).unwrap())
            .collect()
    }

    fn open(folder: &Path) -> Spool {
        Spool::open(folder, 1 << 20).unwrap()
    }

    #[test]
    fn batches_come_back_whole_and_in_order_after_an_end() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = open(folder.path());
        for start in [0, 10, 20] {
            spool.accept(&documents(start..start + 3)).unwrap();
        }
        drop(spool);
        let mut spool = open(folder.path());
        assert_eq!(spool.held().0, 3);
        spool.accept(&documents(30..33)).unwrap();
        for start in [0, 10, 20, 30] {
            assert_eq!(spool.oldest().unwrap().unwrap(), documents(start..start + 3));
            spool.acknowledge().unwrap();
        }
        assert_eq!(spool.oldest().unwrap(), None);
        assert_eq!(spool.held(), (0, 0, 0));
    }

    #[test]
    fn a_full_spool_says_so_and_keeps_what_it_has() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(folder.path(), 200).unwrap();
        spool.accept(&documents(0..2)).unwrap();
        let held = spool.held();
        let told = spool.accept(&documents(2..9)).unwrap_err();
        assert!(matches!(told, NotAccepted::Full { .. }), "{told}");
        assert_eq!(spool.held(), held);
        spool.acknowledge().unwrap();
        spool.accept(&documents(2..4)).unwrap();
    }

    #[test]
    fn a_half_written_batch_was_never_accepted() {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path()).accept(&documents(0..1)).unwrap();
        let part = folder.path().join("00000000000000000002.part");
        fs::write(&part, "{\"id\":").unwrap();
        let spool = open(folder.path());
        assert_eq!(spool.held().0, 1);
        assert!(!part.exists());
    }

    #[test]
    fn a_damaged_batch_is_put_aside_and_does_not_stop_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = open(folder.path());
        spool.accept(&documents(0..1)).unwrap();
        spool.accept(&documents(1..2)).unwrap();
        let first = spool.path(spool.batches[0]);
        fs::write(&first, "garbage\n").unwrap();
        assert_eq!(spool.oldest().unwrap().unwrap(), documents(1..2));
        assert!(first.with_extension(DAMAGED).exists());
    }

    #[test]
    fn what_is_left_of_a_batch_keeps_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = open(folder.path());
        spool.accept(&documents(0..3)).unwrap();
        spool.accept(&documents(3..6)).unwrap();
        spool.keep_only(&documents(2..3)).unwrap();
        drop(spool);
        let mut spool = open(folder.path());
        assert_eq!(spool.oldest().unwrap().unwrap(), documents(2..3));
        assert_eq!(spool.held().1, 4);
    }

    #[test]
    fn two_processes_do_not_share_a_spool() {
        let folder = tempfile::tempdir().unwrap();
        let _first = open(folder.path());
        assert!(matches!(Spool::open(folder.path(), 1), Err(SinkError::Busy { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("sinks");
        open(&own).accept(&documents(0..1)).unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o077;
        assert_eq!(mode(&own), 0);
        for entry in own.read_dir().unwrap() {
            assert_eq!(mode(&entry.unwrap().path()), 0);
        }
    }
}
