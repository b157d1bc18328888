//! Evaluate.
