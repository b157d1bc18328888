//! What would be sent.

use crate::batch::{Batcher, Limits};
use crate::document::Document;
use crate::metrics::count;

/// So many documents are shown.
const SHOWN: usize = 3;

/// What would be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// Documents.
    pub documents: u64,
    /// Requests.
    pub batches: u64,
    /// Bytes of documents.
    pub bytes: u64,
    /// The first documents, as JSON.
    pub first: Vec<String>,
}

/// Counts what would be sent.
pub(crate) struct Previewing {
    batcher: Batcher,
    preview: Preview,
}

impl Previewing {
    pub fn new(limits: Limits) -> Self {
        Self { batcher: Batcher::new(limits), preview: Preview::default() }
    }

    pub fn add(&mut self, document: Document) {
        self.preview.documents += 1;
        self.preview.bytes += count(document.text().len());
        if self.preview.first.len() < SHOWN {
            self.preview.first.push(document.text().to_owned());
        }
        self.preview.batches += u64::from(self.batcher.add(document).is_some());
    }

    pub fn end(mut self) -> Preview {
        self.preview.batches += u64::from(self.batcher.rest().is_some());
        self.preview
    }
}
