//! Scans that the server carries out itself: what is asked of whoever knows how to scan, and when.

mod report;
mod scheduler;
mod trials;

pub use report::{AccessReport, AccountAccess};
pub use scheduler::Stopping;

pub(crate) use scheduler::{run, told};
pub(crate) use trials::{Trial, Trials};

use stance_store::Integration;

/// Whoever knows how to scan. Every call blocks for as long as the provider takes: the server calls from threads where
/// that does no harm.
pub trait Scanner: Send + Sync + 'static {
    /// Whether a configuration can be used, without asking a provider.
    ///
    /// # Errors
    /// All that is wrong with it, for people.
    fn check(&self, configuration: &str) -> Result<(), String>;

    /// Tries whether what a configuration says can be read.
    ///
    /// # Errors
    /// Why nothing could be tried, for people.
    fn try_access(&self, configuration: &str, stopping: &Stopping) -> Result<AccessReport, String>;

    /// Scans an integration, and keeps what it found in the store as a run of it. A run that is asked to stop, by the
    /// store or by `stopping`, keeps what it has read.
    ///
    /// # Errors
    /// Why it came to nothing, for people; the run says the same.
    fn scan(&self, integration: &Integration, stopping: &Stopping) -> Result<(), String>;
}

#[cfg(test)]
mod tests;
