//! What a collection brought home.

use crate::{Resource, Run};

/// What a collection brought home: the run, and every resource that it read.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// How it went.
    pub run: Run,
    /// What was read.
    pub resources: Vec<Resource>,
}
