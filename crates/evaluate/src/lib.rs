//! Judges resources by rules: verdicts, findings, scores. No input or output.

mod document;
mod estate;
mod evaluator;
mod evidence;
mod examples;
mod excepted;
mod finding;
mod functions;
mod judge;
mod report;
mod touched;
mod value;
mod world;

pub use evaluator::{Evaluator, Options};
pub use examples::verify;
pub use finding::order;
pub use report::{Totals, evaluate};
