//! The agent's end of the link: it attends the server, carries out the runs that it is given, and hands them over.
//!
//! A run that is done goes to the [spool](Spool) on disk first, and leaves it when the server has it. No run is asked
//! for while one waits there: so the spool never holds more than what was under way when the server went away, runs
//! arrive in the order in which they ended, and none is ever dropped.

mod attend;
mod channel;
mod courier;
mod enroll;
mod pace;
mod spool;
mod work;

pub use attend::{Agent, attend};
pub use channel::Channel;
pub use enroll::{Credential, EnrollError, enroll};
pub use spool::{Spool, SpoolError};
pub use work::{Host, Watch};

use thiserror::Error;

/// Why an agent does not go on.
#[derive(Debug, Error)]
pub enum AgentError {
    /// The server does not know the credential any more.
    #[error("the server has shut this agent out; enrol it again with a new token")]
    ShutOut,
    /// The server does not speak this version of the link.
    #[error("the server does not have this link; update the server, or use an agent of its version")]
    OtherVersion,
}
