//! Questions about AWS policy documents, network permissions, network ACLs,
//! IP ranges and CloudWatch Logs metric filter patterns.
//!
//! Everything here is a pure function of its arguments: no I/O, no clock. Where
//! an answer cannot be exact, it leans to the side that shows a doubt rather
//! than hides it: a grant counts as public, as allowed, as open, unless the
//! document says otherwise in a way that is understood here.

// Tests hand over what `json!` makes; references would only be noise there.
#![cfg_attr(test, allow(clippy::needless_pass_by_value))]

mod accounts;
mod address;
mod condition;
mod deputy;
mod document;
mod escalation;
mod escalation_table;
mod federation;
mod glob;
mod grants;
mod known;
pub mod metric_filter;
pub mod network;
mod normal;
mod pattern;
mod principal;
mod public;
mod statement;
mod takeback;
mod transport;

pub use address::AddressError;
pub use document::{Policy, PolicyError};
pub use glob::glob;

#[cfg(test)]
mod reference;
#[cfg(test)]
mod sample;
