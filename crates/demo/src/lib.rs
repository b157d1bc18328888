//! A small estate, recorded from a mock AWS, served over loopback HTTP.
//!
//! The recording holds HTTP exchanges, so that a scan of it goes through the very client, collector,
//! rules and reports that a real scan uses. `cargo xtask record-demo` makes it anew.

mod history;
mod recording;
mod server;

pub use history::days_before;
pub use recording::{Recording, RecordingError};
pub use server::DemoServer;
