//! Reports to take along: of a benchmark or of everything, of some accounts or of all, as a file.

mod asked;
mod download;
mod kept;

pub(crate) use asked::{Asked, FORMATS, Status, media_type, words};
pub(crate) use download::send;
