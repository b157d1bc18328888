//! What is scanned again and again, when next, and which server does it.

mod integration;
mod queue;
mod schedule;

pub use integration::{Integration, IntegrationId, IntegrationName, NewIntegration};
pub use queue::{Claim, LEASE};

pub(crate) use integration::find;
pub(crate) use queue::{claimed_by, end};
pub use schedule::Schedule;
