//! How fast a receiver is asked, and how long after a failure again.

use chrono::{DateTime, Utc};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// When a failed request is tried again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    /// About how long after the first failure.
    pub first: Duration,
    /// Longest pause that is our own choice.
    pub longest: Duration,
    /// Most attempts for one request.
    pub attempts: u32,
    /// Longest time for one request, all attempts and pauses included.
    pub patience: Duration,
}

impl Backoff {
    pub const FIRST: Duration = Duration::from_millis(500);
    pub const LONGEST: Duration = Duration::from_secs(30);

    /// How long to wait after so many failures within that time; nothing where it is not worth trying again.
    /// What the receiver asks for is kept, unless that is longer than our patience.
    pub fn pause(&self, failures: u32, elapsed: Duration, asked: Option<Duration>) -> Option<Duration> {
        if failures >= self.attempts {
            return None;
        }
        let doubled =
            self.first.saturating_mul(1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX));
        let most = doubled.min(self.longest);
        // half of it by chance, so that many senders do not come back together
        let own = most.mul_f64(0.5 + fastrand::f64() / 2.0);
        let pause = asked.map_or(own, |asked| asked.max(own));
        (elapsed.saturating_add(pause) <= self.patience).then_some(pause)
    }
}

/// How long `Retry-After` asks to wait, as it says in seconds or as a date. A date that is past, as after
/// a clock has jumped, is no time at all.
pub(crate) fn retry_after(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTime::parse_from_rfc2822(text).ok()?;
    Some((date.to_utc() - now).to_std().unwrap_or(Duration::ZERO))
}

/// Lets so many requests a second pass.
#[derive(Debug)]
pub(crate) struct RateLimit {
    gap: Duration,
    next: Option<Instant>,
}

impl RateLimit {
    /// That many a second, or no limit.
    pub fn new(rate: Option<f64>) -> Self {
        let gap = rate.and_then(|rate| Duration::try_from_secs_f64(1.0 / rate).ok()).unwrap_or_default();
        Self { gap, next: None }
    }

    /// Waits until the next request may be sent.
    pub async fn wait(&mut self) {
        if self.gap.is_zero() {
            return;
        }
        let at = self.next.unwrap_or_else(Instant::now).max(Instant::now());
        sleep_until(at).await;
        self.next = at.checked_add(self.gap);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BACKOFF: Backoff = Backoff {
        first: Duration::from_millis(100),
        longest: Duration::from_secs(2),
        attempts: 9,
        patience: Duration::from_mins(1),
    };

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let now = DateTime::parse_from_rfc3339("2026-10-21T07:28:00Z").unwrap().to_utc();
        for (text, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Wed, 21 Oct 2026 07:28:30 GMT", Some(30)),
            ("Wed, 21 Oct 2026 07:00:00 GMT", Some(0)),
            ("soon", None),
            ("-5", None),
            ("", None),
        ] {
            assert_eq!(retry_after(text, now), seconds.map(Duration::from_secs), "{text}");
        }
    }

    #[test]
    fn what_the_receiver_asks_for_is_kept_within_our_patience() {
        let asked = |seconds| BACKOFF.pause(1, Duration::from_secs(10), Some(Duration::from_secs(seconds)));
        assert_eq!(asked(50), Some(Duration::from_secs(50)));
        assert_eq!(asked(51), None);
        assert_eq!(asked(u64::MAX), None);
    }

    #[test]
    fn attempts_end() {
        assert!(BACKOFF.pause(8, Duration::ZERO, None).is_some());
        assert_eq!(BACKOFF.pause(9, Duration::ZERO, None), None);
    }

    proptest! {
        #[test]
        fn pauses_double_up_to_the_longest_and_half_of_each_is_chance(failures in 1..9_u32) {
            let most = Duration::from_millis(100 << (failures - 1)).min(Duration::from_secs(2));
            let pause = BACKOFF.pause(failures, Duration::ZERO, None).unwrap();
            prop_assert!(pause >= most / 2 && pause <= most);
        }

        #[test]
        fn any_text_in_retry_after_is_borne(text in any::<String>()) {
            let _ = retry_after(&text, DateTime::UNIX_EPOCH);
        }
    }

    #[tokio::test]
    async fn requests_are_let_through_one_after_the_other() {
        let mut limit = RateLimit::new(Some(50.0));
        let start = Instant::now();
        for _ in 0..4 {
            limit.wait().await;
        }
        assert!(start.elapsed() >= Duration::from_millis(60));
    }
}
