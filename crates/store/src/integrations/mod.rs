//! What is scanned again and again, when next, and which server does it.

mod integration;
mod queue;
mod schedule;

pub use integration::{Integration, IntegrationId, IntegrationName, NewIntegration};
pub use queue::{Claim, LEASE};
pub use schedule::Schedule;
