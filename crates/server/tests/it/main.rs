//! The console and the API as their users meet them.

// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod alerts;
mod answers;
mod comparison;
mod description;
mod estate;
mod exceptions;
mod exports;
mod handling;
mod hostile;
mod integrations;
mod pages;
mod paging;
mod people;
mod pretender;
mod push;
mod report;
mod reports;
mod rule_settings;
mod server;
mod visibility;
mod watch;
