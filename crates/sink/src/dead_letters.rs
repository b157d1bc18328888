//! Documents that a receiver refused for good, with the reason, for people to look at.

use crate::document::Document;
use crate::folder;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::value::RawValue;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The name of the file.
pub(crate) const FILE: &str = "dead-letters.jsonl";

/// A file of lines of JSON, one for each refused document.
#[derive(Debug)]
pub(crate) struct DeadLetters {
    path: PathBuf,
}

#[derive(Serialize)]
struct Letter<'a> {
    at: String,
    id: &'a str,
    reason: &'a str,
    document: &'a RawValue,
}

impl DeadLetters {
    pub fn new(folder: &Path) -> Self {
        Self { path: folder.join(FILE) }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a document; it is on the disk when this returns.
    pub fn add(&self, document: &Document, reason: &str, at: DateTime<Utc>) -> io::Result<()> {
        let file = folder::options().create(true).append(true).open(&self.path)?;
        let mut out = BufWriter::new(&file);
        let letter = Letter {
            at: at.to_rfc3339_opts(SecondsFormat::Secs, true),
            id: &document.id,
            reason,
            document: &document.body,
        };
        serde_json::to_writer(&mut out, &letter)?;
        out.write_all(b"\n")?;
        out.flush()?;
        drop(out);
        file.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_holds_the_document_the_reason_and_the_time() {
        let folder = tempfile::tempdir().unwrap();
        let letters = DeadLetters::new(folder.path());
        let document = Document::new("f-r".into(), &serde_json::json!({ "a": 1 })).unwrap();
        letters.add(&document, "field `a` is wrong", DateTime::UNIX_EPOCH).unwrap();
        letters.add(&document, "again", DateTime::UNIX_EPOCH).unwrap();
        insta::assert_snapshot!(std::fs::read_to_string(letters.path()).unwrap(), @r#"
        {"at":"1970-01-01T00:00:00Z","id":"f-r","reason":"field `a` is wrong","document":{"a":1}}
        {"at":"1970-01-01T00:00:00Z","id":"f-r","reason":"again","document":{"a":1}}
        "#);
    }
}
