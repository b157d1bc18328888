//! Judges resources by rules: verdicts, findings, scores. No input or output.

mod document;
mod estate;
mod evaluator;
mod evidence;
mod examples;
mod excepted;
mod failure;
mod finding;
mod functions;
mod judge;
mod operators;
mod program;
mod report;
mod touched;
mod value;
mod view;
mod world;

pub use evaluator::{Evaluator, Options};
pub use examples::verify;
pub use finding::order;
pub use report::{Totals, evaluate};
