//! How a delivery goes, in numbers.

use std::sync::{Arc, Mutex, PoisonError};

/// How a delivery went or goes, in numbers. Those of the spool are as they are now, all others since the
/// delivery began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    /// Findings that the sink's filter left out.
    pub left_out: u64,
    /// Documents that were made.
    pub documents: u64,
    /// Documents that the receiver took, those it had already included.
    pub delivered: u64,
    /// Documents that the receiver had already.
    pub already_there: u64,
    /// Documents that the receiver refused for good and that went to the dead letters.
    pub dead_letters: u64,
    /// Documents that were not taken into the spool, as it was full or its disk was.
    pub not_accepted: u64,
    /// Requests that were sent.
    pub requests: u64,
    /// Requests that were sent again.
    pub repeated: u64,
    /// Requests that the receiver turned down as too many.
    pub throttled: u64,
    /// Batches in the spool.
    pub spooled_batches: u64,
    /// Documents in the spool.
    pub spooled_documents: u64,
    /// Bytes in the spool.
    pub spooled_bytes: u64,
}

/// A handle on the metrics of a sink, which can be read while a delivery goes on.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Mutex<Metrics>>);

impl Meter {
    /// The numbers as they are now.
    pub fn read(&self) -> Metrics {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Metrics)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// A count as it is kept.
pub(crate) fn count(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}
