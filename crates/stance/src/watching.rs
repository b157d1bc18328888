//! How far a scan is, for whoever looks at it in the console; and several who watch one scan.

use stance_collect::Observer;
use stance_model::{Listing, ScopeId};
use stance_scan::ScanObserver;
use stance_store::RunProgress;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts how far a scan is.
#[derive(Clone)]
pub struct Watching {
    progress: Arc<Mutex<RunProgress>>,
    tell: Arc<dyn Fn(&RunProgress) + Send + Sync>,
}

impl Default for Watching {
    fn default() -> Self {
        Self::telling(|_| {})
    }
}

impl Watching {
    /// Tells somebody of each change.
    pub fn telling(tell: impl Fn(&RunProgress) + Send + Sync + 'static) -> Self {
        Self { progress: Arc::default(), tell: Arc::new(tell) }
    }

    /// How far it is.
    pub fn progress(&self) -> RunProgress {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut RunProgress)) {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut progress);
        (self.tell)(&progress);
    }
}

impl ScanObserver for Watching {
    fn accounts(&self, count: usize) {
        self.change(|progress| progress.accounts = count as u64);
    }

    fn begins(&self, account: &ScopeId) -> Arc<dyn Observer> {
        Arc::new(AccountWatching { all: self.clone(), account: account.clone() })
    }

    fn ended(&self, _account: &str, _failure: Option<&str>) {
        self.change(|progress| progress.accounts_done += 1);
    }
}

/// One account's part of it.
struct AccountWatching {
    all: Watching,
    account: ScopeId,
}

impl Observer for AccountWatching {
    fn planned(&self, listings: usize) {
        self.all.change(|progress| progress.listings += listings as u64);
    }

    fn listed(&self, listing: &Listing) {
        self.all.change(|progress| {
            progress.listings_done += 1;
            progress.last = Some((self.account.to_string(), listing.resource_type.to_string()));
        });
    }
}

/// Two who watch the same scan.
pub struct Both(pub Arc<dyn ScanObserver>, pub Arc<dyn ScanObserver>);

impl ScanObserver for Both {
    fn accounts(&self, count: usize) {
        self.0.accounts(count);
        self.1.accounts(count);
    }

    fn begins(&self, account: &ScopeId) -> Arc<dyn Observer> {
        Arc::new(BothObservers(self.0.begins(account), self.1.begins(account)))
    }

    fn ended(&self, account: &str, failure: Option<&str>) {
        self.0.ended(account, failure);
        self.1.ended(account, failure);
    }
}

struct BothObservers(Arc<dyn Observer>, Arc<dyn Observer>);

impl Observer for BothObservers {
    fn planned(&self, listings: usize) {
        self.0.planned(listings);
        self.1.planned(listings);
    }

    fn listed(&self, listing: &Listing) {
        self.0.listed(listing);
        self.1.listed(listing);
    }
}
