//! The configuration as a whole: what is taken, what is told, what is shown.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod errors;
mod hostile;
mod layers;
mod mission;
mod properties;
mod sample;
mod secrets;
mod sinks;
mod support;
