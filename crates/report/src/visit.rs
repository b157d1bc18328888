//! Findings as the elements of a list that is being written.

use serde::ser::{Error as _, SerializeSeq};
use serde::{Serialize, Serializer};
use stance_model::{Finding, Findings};
use std::io;

/// Writes a list of what `make` makes of each finding, where it makes something.
pub(crate) fn each_element<S: Serializer, E: Serialize>(
    serializer: S,
    findings: &dyn Findings,
    mut make: impl FnMut(&Finding) -> Option<E>,
) -> Result<S::Ok, S::Error> {
    let mut sequence = serializer.serialize_seq(None)?;
    let mut failure = None;
    let ended = findings.each(&mut |finding| {
        let Some(element) = make(finding) else { return Ok(()) };
        sequence.serialize_element(&element).map_err(|error| {
            failure = Some(error);
            io::Error::other("the list cannot be written")
        })
    });
    match (failure, ended) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Err(S::Error::custom(error)),
        (None, Ok(())) => sequence.end(),
    }
}
