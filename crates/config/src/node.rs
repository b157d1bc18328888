//! A tree of settings in which every key and value knows where it was written.

use crate::Origin;
use serde_json::Value;

/// A value, and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub origin: Origin,
    pub content: Content,
}

/// What a value is, before anybody asked it to be of a type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<Entry>),
    /// An item of a list that was taken out; the items behind it keep their numbers.
    Removed,
}

/// A single value, as it was written; a number keeps its leading zeros.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scalar {
    pub text: String,
    /// Whether it stood without quotes, so that `null`, `true` and `1` may be more than text.
    pub plain: bool,
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub key: String,
    pub origin: Origin,
    pub value: Node,
}

/// A step from a value to one in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// The path in the form that people write: `aws.accounts[1].id`.
pub(crate) fn written(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) => {
                text.push('.');
                text.push_str(key);
            }
            Step::Index(index) => {
                text.push('[');
                text.push_str(&index.to_string());
                text.push(']');
            }
        }
    }
    text
}

impl Scalar {
    /// Whether it says that there is no value.
    pub fn is_null(&self) -> bool {
        self.plain && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }
}

impl Node {
    pub fn text(origin: Origin, text: impl Into<String>) -> Self {
        Self { origin, content: Content::Scalar(Scalar { text: text.into(), plain: false }) }
    }

    pub fn map(origin: Origin) -> Self {
        Self { origin, content: Content::Map(Vec::new()) }
    }

    /// A JSON value, all of which was written in one place.
    pub fn of(value: &Value, origin: &Origin) -> Self {
        let content = match value {
            Value::Array(items) => Content::List(items.iter().map(|item| Self::of(item, origin)).collect()),
            Value::Object(members) => Content::Map(
                members
                    .iter()
                    .map(|(key, value)| Entry {
                        key: key.clone(),
                        origin: origin.clone(),
                        value: Self::of(value, origin),
                    })
                    .collect(),
            ),
            Value::String(text) => Content::Scalar(Scalar { text: text.clone(), plain: false }),
            other => Content::Scalar(Scalar { text: other.to_string(), plain: true }),
        };
        Self { origin: origin.clone(), content }
    }

    pub fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar(scalar) if scalar.is_null())
    }

    pub fn entries(&self) -> &[Entry] {
        match &self.content {
            Content::Map(entries) => entries,
            Content::Scalar(_) | Content::List(_) | Content::Removed => &[],
        }
    }

    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// Takes out what stands at the path, if anything does.
    pub fn remove(&mut self, path: &[Step]) {
        let Some((step, rest)) = path.split_first() else { return };
        match (&mut self.content, step) {
            (Content::Map(entries), Step::Key(key)) if rest.is_empty() => {
                entries.retain(|entry| entry.key != *key);
            }
            (Content::Map(entries), Step::Key(key)) => {
                if let Some(entry) = entries.iter_mut().find(|entry| entry.key == *key) {
                    entry.value.remove(rest);
                }
            }
            (Content::List(items), Step::Index(index)) if rest.is_empty() => {
                if let Some(item) = items.get_mut(*index) {
                    item.content = Content::Removed;
                }
            }
            (Content::List(items), Step::Index(index)) => {
                if let Some(item) = items.get_mut(*index) {
                    item.remove(rest);
                }
            }
            _ => {}
        }
    }

    /// What it is, in words, for messages.
    pub fn kind(&self) -> &'static str {
        match &self.content {
            Content::Scalar(_) => "a single value",
            Content::List(_) => "a list",
            Content::Map(_) => "a section",
            Content::Removed => "nothing",
        }
    }
}
