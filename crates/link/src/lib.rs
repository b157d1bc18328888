//! The link between agents and servers: the messages of `proto/stance/agent/v1/agent.proto`, and the agent's end.
//!
//! The server's end is part of the server. How bytes get from one to the other is up to whoever makes the
//! [channel](agent::Channel).

/// The agent's end.
pub mod agent;

/// Version 1 of the link, as `agent.proto` describes it.
#[allow(missing_docs, clippy::pedantic, reason = "made from `agent.proto` by the test `generated`")]
#[rustfmt::skip]
pub mod v1;

/// The longest part of a run that goes into one message, in bytes.
pub const LONGEST_PART: usize = 1 << 20;
