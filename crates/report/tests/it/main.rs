//! Reports as they come out, in every format.
#![cfg(test)]

mod diff;
mod formats;
mod hostile;
mod large;
mod pdf;
mod remediation;
mod sample;
mod schema;
mod schema_check;
mod xlsx;
