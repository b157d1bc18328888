//! A file that grows by a line for each document.

use super::Receive;
use crate::answer::Answer;
use crate::batch::Limits;
use crate::describe::{Describe, Plain};
use crate::document::Document;
use futures_util::future::{BoxFuture, ready};
use stance_config::{DocumentForm, FileSink};
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

/// Much is written at once, as each batch is brought to the disk.
pub(super) const LIMITS: Limits = Limits { documents: 10_000, bytes: 4_000_000 };

/// The file.
pub(super) struct Lines {
    path: PathBuf,
    form: DocumentForm,
}

impl Lines {
    pub fn new(settings: &FileSink) -> Self {
        Self { path: settings.path.clone(), form: settings.form }
    }

    fn append(&self, batch: &[Document]) -> io::Result<()> {
        let mut file = File::options().create(true).append(true).read(true).open(&self.path)?;
        let regular = file.metadata()?.is_file();
        let torn = regular && !ends_with_line(&mut file)?;
        let mut out = BufWriter::new(&file);
        if torn {
            // what an ill-timed end left; the document comes again, on a line of its own
            out.write_all(b"\n")?;
        }
        write_lines(batch, &mut out)?;
        out.flush()?;
        drop(out);
        if regular { file.sync_all() } else { Ok(()) }
    }
}

/// Writes a line for each document.
pub(super) fn write_lines(batch: &[Document], out: &mut impl Write) -> io::Result<()> {
    for document in batch {
        out.write_all(document.text().as_bytes())?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn ends_with_line(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

impl Receive for Lines {
    fn limits(&self) -> Limits {
        LIMITS
    }

    fn describe(&self) -> Box<dyn Describe + '_> {
        Box::new(Plain(self.form))
    }

    fn send<'a>(&'a self, batch: &'a [Document]) -> BoxFuture<'a, Answer> {
        Box::pin(ready(match self.append(batch) {
            Ok(()) => Answer::Taken,
            Err(error) => Answer::later(format!("`{}` cannot be written: {error}", self.path.display())),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_added_and_one_that_was_torn_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.jsonl");
        let lines = Lines { path: path.clone(), form: DocumentForm::Stance };
        let document = |number: u32| Document::new(number.to_string(), &number).unwrap();
        assert_eq!(lines.send(&[document(1), document(2)]).await, Answer::Taken);
        File::options().append(true).open(&path).unwrap().write_all(b"{\"to").unwrap();
        assert_eq!(lines.send(&[document(3)]).await, Answer::Taken);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "1\n2\n{\"to\n3\n");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_full_disk_is_told() {
        let lines = Lines { path: "/dev/full".into(), form: DocumentForm::Stance };
        let answer = lines.send(&[Document::new("1".into(), &1).unwrap()]).await;
        assert!(
            matches!(&answer, Answer::Later { reason, .. } if reason.contains("/dev/full")),
            "{answer:?}"
        );
    }
}
