//! Findings that can be read through, wherever they are.

use crate::Finding;
use serde::ser::{Error as _, SerializeSeq};
use serde::{Serialize, Serializer};
use std::io;

/// Findings in their order, wherever they are kept: in memory, or in files where there are too many.
pub trait Findings {
    /// How many there are.
    fn count(&self) -> usize;

    /// Shows each to `visit`, in order, until it fails.
    ///
    /// # Errors
    /// What `visit` returns, or why a finding cannot be read.
    fn each(&self, visit: &mut dyn FnMut(&Finding) -> io::Result<()>) -> io::Result<()>;
}

impl Findings for Vec<Finding> {
    fn count(&self) -> usize {
        self.len()
    }

    fn each(&self, visit: &mut dyn FnMut(&Finding) -> io::Result<()>) -> io::Result<()> {
        self.iter().try_for_each(visit)
    }
}

impl Serialize for dyn Findings + '_ {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(Some(self.count()))?;
        let mut failure = None;
        let ended = self.each(&mut |finding| {
            sequence.serialize_element(finding).map_err(|error| {
                failure = Some(error);
                io::Error::other("stopped")
            })
        });
        match (failure, ended) {
            (Some(error), _) => Err(error),
            (None, Err(error)) => Err(S::Error::custom(error)),
            (None, Ok(())) => sequence.end(),
        }
    }
}
