//! Judges resources by rules: verdicts, findings, scores. No input or output.

mod document;
mod estate;
mod evidence;
mod examples;
mod functions;
mod judge;
mod report;
mod touched;
mod value;

pub use examples::verify;
pub use report::{Options, evaluate};
