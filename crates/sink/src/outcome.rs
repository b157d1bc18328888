//! How a delivery ended.

use crate::{Metrics, Preview};
use std::path::PathBuf;

/// How the delivery to one sink ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The sink's name.
    pub sink: String,
    /// The numbers.
    pub metrics: Metrics,
    /// How it ended.
    pub ending: Ending,
}

/// How a delivery ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All of it was taken.
    Delivered,
    /// Nothing was to be sent; this would have been.
    DryRun(Preview),
    /// The sink takes changes only, and no run before is known.
    NothingToCompare,
    /// Something was not delivered.
    Failed {
        /// What happened, for people, in the order in which it did.
        reasons: Vec<String>,
        /// Where the documents are that the receiver refused for good, if there are any.
        dead_letters: Option<PathBuf>,
    },
}

impl Outcome {
    /// Whether something was not delivered.
    pub fn is_failure(&self) -> bool {
        matches!(self.ending, Ending::Failed { .. })
    }
}
