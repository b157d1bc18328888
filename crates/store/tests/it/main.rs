//! The store as its users meet it, on each database.

// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod agents;
mod alerts;
mod estate;
mod exceptions;
mod handling;
mod history;
mod integrations;
mod lists;
mod people;
mod retention;
mod serve;
mod trust;
