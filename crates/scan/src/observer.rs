//! Who wants to know how a scan goes.

use stance_collect::Observer;
use stance_model::ScopeId;
use std::sync::Arc;

/// Told how a scan goes, account by account.
pub trait ScanObserver: Send + Sync + 'static {
    /// So many accounts are to be scanned.
    fn accounts(&self, count: usize);
    /// The collection of an account begins; the observer that it tells.
    fn begins(&self, account: &ScopeId) -> Arc<dyn Observer>;
    /// An account is done, or failed with this message.
    fn ended(&self, account: &str, failure: Option<&str>);
}
