//! The console and the API as their users meet them.

// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod answers;
mod description;
mod estate;
mod exceptions;
mod exports;
mod hostile;
mod pages;
mod paging;
mod people;
mod push;
mod report;
mod reports;
mod server;
mod visibility;
mod watch;
