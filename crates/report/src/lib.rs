//! Reports for people and machines: one [`Report`](stance_model::Report) in, one of ten formats
//! out. Findings are read through, never gathered: there may be more of them than memory.
//!
//! Every name in a report came from a cloud and may be hostile: it may hold markup, escape
//! sequences, spreadsheet formulas, or marks that turn the direction of a line. Each format makes
//! them harmless in its own way, and [`write_file`] leaves either a whole file or none.

mod accepted;
mod csv;
pub mod diff;
mod digest;
pub mod document;
mod error;
mod format;
mod gaps;
mod groups;
mod html;
mod json;
mod jsonl;
mod junit;
mod ocsf;
mod output;
mod overview;
mod pdf;
pub mod remediation;
mod safe_json;
mod sarif;
mod terminal;
mod visit;
mod words;
mod xlsx;
mod xml;

pub use error::{UnknownFormat, WriteError};
pub use format::Format;
pub use output::{write, write_file};
pub use terminal::TerminalOptions;
