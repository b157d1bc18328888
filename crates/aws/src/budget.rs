//! What all clients of a process may ask together, and what they did ask.

use crate::limiter::{Limiter, Permit};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A limit that clients share, on top of the limits of each service and region.
#[derive(Debug)]
pub struct Budget {
    limiter: Limiter,
    requests: AtomicU64,
    throttled: AtomicU64,
    repeated: AtomicU64,
    waited_microseconds: AtomicU64,
}

/// How services were asked; every attempt counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Requests that were sent, those tried again counted each time.
    pub requests: u64,
    /// Requests to which a service answered that it is asked too often.
    pub throttled: u64,
    /// Requests that were tried again.
    pub repeated: u64,
    /// How long requests waited for the limits, all added up.
    pub waited: Duration,
}

impl Budget {
    /// How many requests may be under way at once unless said otherwise.
    pub const CONCURRENCY: usize = 256;
    /// How many requests a second are sent unless said otherwise.
    pub const RATE: f64 = 500.0;

    /// So many requests under way, so many a second.
    pub fn new(max_concurrency: usize, max_rate: f64) -> Self {
        Self {
            limiter: Limiter::new(max_concurrency, max_rate),
            requests: AtomicU64::new(0),
            throttled: AtomicU64::new(0),
            repeated: AtomicU64::new(0),
            waited_microseconds: AtomicU64::new(0),
        }
    }

    /// What was asked so far.
    pub fn traffic(&self) -> Traffic {
        Traffic {
            requests: self.requests.load(Ordering::Relaxed),
            throttled: self.throttled.load(Ordering::Relaxed),
            repeated: self.repeated.load(Ordering::Relaxed),
            waited: Duration::from_micros(self.waited_microseconds.load(Ordering::Relaxed)),
        }
    }

    /// Waits until one more request may be sent. The limit of the request's own service comes before
    /// this one, so that who waits there keeps nobody else waiting here.
    pub(crate) async fn acquire(&self) -> Permit<'_> {
        self.limiter.acquire().await
    }

    pub(crate) fn sent(&self, waited: Duration) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let microseconds = u64::try_from(waited.as_micros()).unwrap_or(u64::MAX);
        self.waited_microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }

    pub(crate) fn was_throttled(&self) {
        self.throttled.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn tries_again(&self) {
        self.repeated.fetch_add(1, Ordering::Relaxed);
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(Self::CONCURRENCY, Self::RATE)
    }
}
