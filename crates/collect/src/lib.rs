//! Carries out a plan over a provider's transport, and keeps what was read.

mod answer;
mod collector;
mod input;
mod journal;
mod observer;
mod reader;
mod regions;
mod snapshot;
mod transport;

pub use collector::{Collector, Scope};
pub use journal::{Journal, JournalError};
pub use observer::{NoObserver, Observer};
pub use regions::{ScanRegions, find_regions};
pub use snapshot::{SNAPSHOT_VERSION, SnapshotError, read_snapshot, read_snapshot_from, write_snapshot};
pub use transport::{Answer, CallFailure, Transport};
