//! Documents gathered until they fill a request.

use crate::document::Document;

/// How much goes into one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Most documents.
    pub documents: usize,
    /// Most bytes of documents; a single larger one goes alone.
    pub bytes: usize,
}

/// A batch that is being filled.
#[derive(Debug)]
pub(crate) struct Batcher {
    limits: Limits,
    documents: Vec<Document>,
    bytes: usize,
}

impl Batcher {
    pub fn new(limits: Limits) -> Self {
        Self { limits, documents: Vec::new(), bytes: 0 }
    }

    /// Adds a document; gives the batch before it where it does not fit into that.
    pub fn add(&mut self, document: Document) -> Option<Vec<Document>> {
        let bytes = document.bytes();
        let full = !self.documents.is_empty()
            && (self.documents.len() >= self.limits.documents || self.bytes + bytes > self.limits.bytes);
        let before = full.then(|| self.take());
        self.bytes += bytes;
        self.documents.push(document);
        before
    }

    /// What is there, if anything is.
    pub fn rest(&mut self) -> Option<Vec<Document>> {
        (!self.documents.is_empty()).then(|| self.take())
    }

    fn take(&mut self) -> Vec<Document> {
        self.bytes = 0;
        std::mem::take(&mut self.documents)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn document(number: usize, length: usize) -> Document {
        Document::new(number.to_string(), &"x".repeat(length)).unwrap()
    }

    proptest! {
        #[test]
        fn batches_keep_the_limits_and_the_order_and_lose_nothing(
            lengths in prop::collection::vec(0..300_usize, 0..60),
            documents in 1..9_usize,
            bytes in 1..900_usize,
        ) {
            let mut batcher = Batcher::new(Limits { documents, bytes });
            let mut batches = Vec::new();
            for (number, length) in lengths.iter().enumerate() {
                batches.extend(batcher.add(document(number, *length)));
            }
            batches.extend(batcher.rest());
            prop_assert!(batcher.rest().is_none());
            for batch in &batches {
                let size: usize = batch.iter().map(Document::bytes).sum();
                prop_assert!(!batch.is_empty() && batch.len() <= documents);
                prop_assert!(size <= bytes || batch.len() == 1);
            }
            let ids: Vec<_> = batches.iter().flatten().map(|document| document.id.clone()).collect();
            let expected: Vec<_> = (0..lengths.len()).map(|number| number.to_string()).collect();
            prop_assert_eq!(ids, expected);
        }
    }
}
