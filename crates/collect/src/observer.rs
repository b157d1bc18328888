//! Who wants to know how a collection goes.

use stance_model::Listing;

/// Told how a collection goes; called from many tasks at once.
pub trait Observer: Send + Sync + 'static {
    /// So many listings are planned.
    fn planned(&self, listings: usize);
    /// A listing and the attributes of its resources are read, or could not be.
    fn listed(&self, listing: &Listing);
}

/// Nobody wants to know.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObserver;

impl Observer for NoObserver {
    fn planned(&self, _listings: usize) {}
    fn listed(&self, _listing: &Listing) {}
}
