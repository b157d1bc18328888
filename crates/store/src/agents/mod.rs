//! Agents: who they are, what they scan, and the runs that they hand over.

mod agent;
mod enrollment;
mod handed;
mod policy;

pub use agent::{Agent, AgentHealth, AgentId, AgentStatus};
pub use enrollment::{AgentDescription, Enrolled, EnrollmentInfo, NewEnrollment};
pub use handed::{Delivered, Handed, Instruction};
pub use policy::{AgentPolicy, AgentPolicyId};
