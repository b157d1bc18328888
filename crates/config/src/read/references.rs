//! What a secret or a path refers to.

use crate::Origin;
use crate::files::{Bytes, read_bytes};
use crate::node::{Content, Node};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Secrets of more bytes than this are taken for a mistake.
const LONGEST_SECRET: u64 = 64 * 1024;

/// Whether references to secrets are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Follow {
    /// Their values are fetched.
    Yes,
    /// Only their form is looked at, as another layer may still replace them.
    No,
}

/// All that a reference may lead to.
pub(crate) struct References<'a> {
    pub environment: &'a HashMap<&'a str, &'a str>,
    pub follow: Follow,
}

/// What a secret's value turned out to be.
pub(crate) enum Found {
    Plain(String),
    Referred { key: &'static str, name: String, text: String },
}

impl References<'_> {
    /// The path, completed: from the home folder, or from the folder of the file that names it.
    pub fn path(&self, text: &str, origin: &Origin) -> PathBuf {
        if let (Some(rest), Some(home)) = (text.strip_prefix("~/"), self.environment.get("HOME")) {
            return Path::new(home).join(rest);
        }
        match origin {
            Origin::File { file, .. } => file.parent().unwrap_or(Path::new("")).join(text),
            Origin::Default | Origin::Environment(_) | Origin::Flag(_) => PathBuf::from(text),
        }
    }

    /// The secret that the node holds or refers to. The error never shows what was written.
    pub fn secret(&self, node: &Node) -> Result<Found, String> {
        const FORM: &str = "a secret is a text, `{ env: NAME }` or `{ file: PATH }`";
        let entries = match &node.content {
            Content::Scalar(scalar) if scalar.text.trim().is_empty() => {
                return Err(format!("this is empty; {FORM}"));
            }
            Content::Scalar(scalar) if scalar.text.starts_with("${") => {
                return Err(format!("this looks like a reference, but is text; {FORM}"));
            }
            Content::Scalar(scalar) if scalar.text == crate::types::HIDDEN => {
                return Err(format!("this only says that a secret is hidden; {FORM}"));
            }
            Content::Scalar(scalar) => return Ok(Found::Plain(scalar.text.clone())),
            Content::Map(entries) => entries,
            Content::List(_) | Content::Removed => return Err(format!("this is {}; {FORM}", node.kind())),
        };
        let [entry] = entries.as_slice() else { return Err(FORM.to_owned()) };
        let Content::Scalar(scalar) = &entry.value.content else { return Err(FORM.to_owned()) };
        let name = scalar.text.clone();
        match entry.key.as_str() {
            "env" => {
                let text = self.variable(&name)?;
                Ok(Found::Referred { key: "env", name, text })
            }
            "file" => {
                let path = self.path(&name, &entry.value.origin);
                let text = self.file(&path)?;
                Ok(Found::Referred { key: "file", name: path.to_string_lossy().into_owned(), text })
            }
            _ => Err(FORM.to_owned()),
        }
    }

    fn variable(&self, name: &str) -> Result<String, String> {
        if self.follow == Follow::No {
            return Ok(String::new());
        }
        match self.environment.get(name) {
            Some(text) if !text.is_empty() => Ok((*text).to_owned()),
            Some(_) => Err(format!(
                "the variable `{name}` of the environment, which should hold this secret, is empty"
            )),
            None => Err(format!(
                "the variable `{name}` of the environment, which should hold this secret, is not set"
            )),
        }
    }

    fn file(&self, path: &Path) -> Result<String, String> {
        if self.follow == Follow::No {
            return Ok(String::new());
        }
        let told =
            |what: &str| format!("the file `{}`, which should hold this secret, {what}", path.display());
        let bytes = match read_bytes(path, LONGEST_SECRET) {
            Ok(Bytes::All(bytes)) => bytes,
            Ok(Bytes::TooMany) => return Err(told(&format!("is longer than {LONGEST_SECRET} bytes"))),
            Err(error) => return Err(told(&format!("could not be read: {error}"))),
        };
        let text = String::from_utf8(bytes).map_err(|_| told("is not UTF-8"))?;
        let text = text.trim_end_matches(['\n', '\r']);
        if text.is_empty() { Err(told("is empty")) } else { Ok(text.to_owned()) }
    }
}
