//! How often and how much at once one region of one service is asked.
//!
//! The run time's adaptive retry starts slow and takes half a minute to get over two throttled
//! requests; a scan asks a service only for a few seconds. So requests run at the full rate until
//! the service complains; then the rate is halved, and grows back in time.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// The slowest that complaints can make it, in requests a second.
const MIN_RATE: f64 = 0.5;
/// How long the way back from nothing to the full rate takes.
const RECOVERY: Duration = Duration::from_mins(1);

/// A token bucket and a number of seats.
#[derive(Debug)]
pub(crate) struct Limiter {
    seats: Semaphore,
    max_rate: f64,
    bucket: Mutex<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    /// Requests a second, now.
    rate: f64,
    /// Requests that may be sent at once. Below zero: requests that were given a time to wait for.
    tokens: f64,
    /// When the two above were right.
    at: Instant,
    /// When the rate was last halved.
    cut: Option<Instant>,
}

/// Leave to send one request; to be held until it is answered.
#[derive(Debug)]
pub(crate) struct Permit<'l> {
    limiter: &'l Limiter,
    sent: Instant,
    _seat: Option<SemaphorePermit<'l>>,
}

impl Limiter {
    pub fn new(max_concurrency: usize, max_rate: f64) -> Self {
        let max_rate = if max_rate.is_finite() { max_rate.max(MIN_RATE) } else { f64::from(u32::MAX) };
        Self {
            seats: Semaphore::new(max_concurrency.clamp(1, Semaphore::MAX_PERMITS)),
            max_rate,
            bucket: Mutex::new(Bucket {
                rate: max_rate,
                tokens: max_rate.max(1.0),
                at: Instant::now(),
                cut: None,
            }),
        }
    }

    /// Waits until one more request may be sent.
    pub async fn acquire(&self) -> Permit<'_> {
        // the semaphore is never closed, so that there always is a seat
        let seat = self.seats.acquire().await.ok();
        let wait = self.take();
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        Permit { limiter: self, sent: Instant::now(), _seat: seat }
    }

    /// Takes a token, or leaves a debt whose time must be waited for.
    fn take(&self) -> Duration {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.refill(self.max_rate);
        bucket.tokens -= 1.0;
        if bucket.tokens >= 0.0 {
            Duration::ZERO
        } else {
            Duration::from_secs_f64(-bucket.tokens / bucket.rate)
        }
    }
}

impl Permit<'_> {
    /// The service complained about this request. Requests that were sent before the rate was last
    /// halved say nothing about the new rate.
    pub fn throttled(&self) {
        let mut bucket = self.limiter.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.refill(self.limiter.max_rate);
        if bucket.cut.is_none_or(|cut| self.sent > cut) {
            bucket.rate = (bucket.rate / 2.0).max(MIN_RATE);
            bucket.tokens = bucket.tokens.min(0.0);
            bucket.cut = Some(bucket.at);
        }
    }
}

impl Bucket {
    fn refill(&mut self, max_rate: f64) {
        let now = Instant::now();
        let seconds = now.duration_since(self.at).as_secs_f64();
        self.at = now;
        // a burst of a second's worth
        self.tokens = (self.tokens + seconds * self.rate).min(self.rate.max(1.0));
        self.rate = (self.rate + seconds * max_rate / RECOVERY.as_secs_f64()).min(max_rate);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    async fn seconds(limiter: &Limiter, requests: usize) -> f64 {
        let start = Instant::now();
        for _ in 0..requests {
            drop(limiter.acquire().await);
        }
        start.elapsed().as_secs_f64()
    }

    fn about(got: f64, want: f64) {
        assert!((got - want).abs() < 0.05, "{got} is not about {want}");
    }

    #[tokio::test(start_paused = true)]
    async fn burst_goes_at_once_and_the_rest_at_the_rate() {
        let limiter = Limiter::new(4, 10.0);
        about(seconds(&limiter, 10).await, 0.0);
        about(seconds(&limiter, 20).await, 2.0);
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_requests_are_under_way_than_there_are_seats() {
        let limiter = Arc::new(Limiter::new(2, 1000.0));
        let start = Instant::now();
        let tasks: Vec<_> = (0..6)
            .map(|_| {
                let limiter = Arc::clone(&limiter);
                tokio::spawn(async move {
                    let _permit = limiter.acquire().await;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        about(start.elapsed().as_secs_f64(), 3.0);
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_halves_the_rate_once_for_all_that_was_under_way() {
        let limiter = Limiter::new(4, 10.0);
        let (first, second) = (limiter.acquire().await, limiter.acquire().await);
        tokio::time::sleep(Duration::from_millis(1)).await;
        first.throttled();
        second.throttled();
        drop((first, second));
        // 5 a second and growing by 10/60 a second
        let took = seconds(&limiter, 5).await;
        assert!(took > 0.9 && took < 1.1, "{took}");
    }

    #[tokio::test(start_paused = true)]
    async fn repeated_throttling_slows_down_to_a_floor() {
        let limiter = Limiter::new(4, 10.0);
        for _ in 0..20 {
            let permit = limiter.acquire().await;
            tokio::time::sleep(Duration::from_millis(1)).await;
            permit.throttled();
        }
        let rate = limiter.bucket.lock().unwrap().rate;
        assert!((MIN_RATE..2.0).contains(&rate), "{rate}");
    }

    #[tokio::test(start_paused = true)]
    async fn rate_recovers_in_time() {
        let limiter = Limiter::new(4, 12.0);
        let permit = limiter.acquire().await;
        tokio::time::sleep(Duration::from_millis(1)).await;
        permit.throttled();
        drop(permit);
        tokio::time::sleep(RECOVERY / 4).await;
        limiter.take();
        about(limiter.bucket.lock().unwrap().rate, 9.0);
        tokio::time::sleep(RECOVERY).await;
        limiter.take();
        about(limiter.bucket.lock().unwrap().rate, 12.0);
    }

    #[tokio::test(start_paused = true)]
    async fn nonsense_limits_still_let_requests_through() {
        for (concurrency, rate) in [(0, 0.0), (usize::MAX, f64::INFINITY), (1, f64::NAN), (1, -3.0)] {
            let limiter = Limiter::new(concurrency, rate);
            assert!(seconds(&limiter, 2).await < 3.0);
        }
    }
}
