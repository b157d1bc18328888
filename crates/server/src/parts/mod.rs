//! Pieces that pages are made of.

pub(crate) mod pager;
pub(crate) mod prose;
pub(crate) mod score;
pub(crate) mod tag;
pub(crate) mod time;
pub(crate) mod trend;
