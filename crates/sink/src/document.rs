//! What is sent: one document after the other.

use crate::SinkError;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A document under a stable id. The receiver's module says what the body is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Document {
    /// The same however often it is sent.
    pub id: String,
    /// JSON on one line.
    pub body: Box<RawValue>,
}

impl Document {
    /// A document with that body.
    ///
    /// # Errors
    /// The body has no form in JSON.
    pub fn new<T: Serialize + ?Sized>(id: String, body: &T) -> Result<Self, SinkError> {
        let line = stance_report::document::line(body).map_err(SinkError::Document)?;
        Ok(Self { id, body: RawValue::from_string(line).map_err(SinkError::Document)? })
    }

    /// The body as it is sent.
    pub fn text(&self) -> &str {
        self.body.get()
    }

    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        // the id and the punctuation around it
        self.text().len() + self.id.len() + 24
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.text() == other.text()
    }
}
