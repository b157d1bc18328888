//! Runs that are done and not yet delivered, in a folder: whole files, the oldest first.

use std::fs::{self, File};
use std::io::{self, Seek};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// What ends the name of a run that waits.
const ENDING: &str = "stance-run";
/// Where runs lie that the server refuses for good.
const REFUSED: &str = "refused";

/// The spool cannot be used.
#[derive(Debug, Error)]
#[error("`{path}`: {source}; runs that are done wait there until the server has them")]
pub struct SpoolError {
    path: String,
    source: io::Error,
}

/// A folder with runs that wait.
#[derive(Clone, Debug)]
pub struct Spool(PathBuf);

/// A run that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    /// Its name.
    pub(super) run: String,
    /// Its length in bytes.
    pub(super) length: u64,
    pub(super) path: PathBuf,
}

impl Spool {
    /// The spool in that folder, which is made if it is not there.
    ///
    /// # Errors
    /// If the folder cannot be made or read.
    pub fn open(folder: &Path) -> Result<Self, SpoolError> {
        let spool = Self(folder.to_owned());
        let made = fs::create_dir_all(spool.0.join(REFUSED));
        made.map_err(|source| SpoolError { path: folder.display().to_string(), source })?;
        spool.waiting()?;
        Ok(spool)
    }

    /// Keeps a run, whole or not at all.
    ///
    /// # Errors
    /// If it cannot be written; then nothing of it is left.
    pub(super) fn put(&self, run: &str, mut content: File) -> Result<(), SpoolError> {
        let mut written = || -> io::Result<()> {
            let number = self.numbers()?.into_iter().max().unwrap_or_default() + 1;
            content.rewind()?;
            let mut aside = tempfile::NamedTempFile::new_in(&self.0)?;
            io::copy(&mut content, aside.as_file_mut())?;
            aside.as_file().sync_all()?;
            aside.persist(self.0.join(format!("{number:012}.{run}.{ENDING}")))?;
            // the name is as much part of it as the content
            File::open(&self.0)?.sync_all()
        };
        written().map_err(|source| self.failed(source))
    }

    /// The runs that wait, the oldest first.
    pub(super) fn waiting(&self) -> Result<Vec<Waiting>, SpoolError> {
        let read = || -> io::Result<Vec<Waiting>> {
            let mut waiting = Vec::new();
            for entry in fs::read_dir(&self.0)? {
                let path = entry?.path();
                let Some((_, run)) = named(&path) else { continue };
                waiting.push(Waiting { length: fs::metadata(&path)?.len(), run: run.to_owned(), path });
            }
            waiting.sort_by(|one, other| one.path.cmp(&other.path));
            Ok(waiting)
        };
        read().map_err(|source| self.failed(source))
    }

    /// Takes a run away that the server has.
    pub(super) fn delivered(&self, waiting: &Waiting) -> Result<(), SpoolError> {
        fs::remove_file(&waiting.path).map_err(|source| self.failed(source))
    }

    /// Puts a run aside that the server refuses for good, with the reason beside it.
    pub(super) fn refused(&self, waiting: &Waiting, reason: &str) -> Result<(), SpoolError> {
        let moved = || -> io::Result<()> {
            let aside = self.0.join(REFUSED);
            fs::write(aside.join(format!("{}.reason.txt", waiting.run)), format!("{reason}\n"))?;
            fs::rename(&waiting.path, aside.join(format!("{}.{ENDING}", waiting.run)))
        };
        moved().map_err(|source| self.failed(source))
    }

    /// What lies aside, in a line for people; nothing where nothing does.
    pub(super) fn complaint(&self) -> Option<String> {
        let aside = self.0.join(REFUSED);
        let is_run = |path: &PathBuf| path.extension().is_some_and(|ending| ending == ENDING);
        let files = fs::read_dir(&aside).into_iter().flatten().flatten().map(|entry| entry.path());
        match files.filter(is_run).count() {
            0 => None,
            count => Some(format!("{count} runs were refused by the server; see `{}`", aside.display())),
        }
    }

    fn numbers(&self) -> io::Result<Vec<u64>> {
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            numbers.extend(named(&entry?.path()).map(|(number, _)| number));
        }
        Ok(numbers)
    }

    fn failed(&self, source: io::Error) -> SpoolError {
        SpoolError { path: self.0.display().to_string(), source }
    }
}

/// The number and the name of a run, by its file.
fn named(path: &Path) -> Option<(u64, &str)> {
    let name = path.file_name()?.to_str()?.strip_suffix(ENDING)?.strip_suffix('.')?;
    let (number, run) = name.split_once('.')?;
    Some((number.parse().ok()?, run))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file(text: &str) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    #[test]
    fn runs_wait_in_the_order_in_which_they_came_also_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path()).unwrap();
        for run in ["b", "a", "c"] {
            spool.put(run, file(run)).unwrap();
        }
        // what was being written when the process ended is none
        fs::write(folder.path().join(".tmpAbC"), "half").unwrap();
        let again = Spool::open(folder.path()).unwrap();
        let waiting = again.waiting().unwrap();
        assert_eq!(waiting.iter().map(|it| it.run.as_str()).collect::<Vec<_>>(), ["b", "a", "c"]);
        again.delivered(&waiting[0]).unwrap();
        again.put("d", file("four")).unwrap();
        let waiting = again.waiting().unwrap();
        assert_eq!(waiting.last().map(|it| (it.run.as_str(), it.length)), Some(("d", 4)));
        assert_eq!(waiting.len(), 3);
    }

    #[test]
    fn what_is_refused_lies_aside_with_the_reason_and_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path()).unwrap();
        spool.put("night", file("run")).unwrap();
        assert_eq!(spool.complaint(), None);
        spool.refused(&spool.waiting().unwrap()[0], "it cannot be read").unwrap();
        assert!(spool.waiting().unwrap().is_empty());
        assert!(spool.complaint().unwrap().starts_with("1 runs were refused"));
        let reason = fs::read_to_string(folder.path().join("refused/night.reason.txt")).unwrap();
        assert_eq!(reason, "it cannot be read\n");
        assert_eq!(fs::read(folder.path().join("refused/night.stance-run")).unwrap(), b"run");
    }
}
