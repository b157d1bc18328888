//! Collect.
