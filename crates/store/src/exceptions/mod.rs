//! Exceptions that people make here, beside those of files: what they say, who made them, and what they accept now.

mod adjust;
mod apply;
mod change;
mod force;
mod kept;

pub(crate) use force::{Asked, Force};
pub(crate) use kept::marks;
pub use kept::{Author, ExceptionChange, ExceptionState, KeptException};

use crate::database::Session;
use crate::{Result, StoreError};

/// The number that the next run or moment between runs bears.
pub(crate) fn next_moment(session: &mut dyn Session) -> Result<i64> {
    let last = "SELECT max(id) FROM (SELECT max(id) AS id FROM run UNION ALL SELECT max(id) FROM adjustment) AS last";
    Ok(session.number(last, &[])? + 1)
}

fn unreadable(error: &serde_json::Error) -> StoreError {
    StoreError::Content { place: "exception.document", message: error.to_string() }
}
