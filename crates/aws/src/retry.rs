//! Which failures are worth another attempt, and when.
//!
//! Attempts are made here and not in the run time, so that each of them passes the limiter.

use crate::error::CallError;
use std::time::Duration;

/// First step of the wait after being throttled, and after anything else.
const THROTTLED_STEP: Duration = Duration::from_secs(1);
const TRANSIENT_STEP: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// A service that is out of reach seldom comes back within seconds, and whoever waits wants to know.
const UNREACHABLE_ATTEMPTS: u32 = 3;
/// An attempt that is not answered in time has cost half a minute already.
const TIMEOUT_ATTEMPTS: u32 = 3;

const TRANSIENT_CODES: &[&str] = &[
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
];

/// The clock is corrected by the answer; the next attempt is signed with the right time.
const CLOCK_CODES: &[&str] = &["RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed"];

/// How long to wait before another attempt; nothing where none is worth it. `attempt` counts those
/// that were made, `random` is between 0 and 1.
pub(crate) fn wait(error: &CallError, attempt: u32, max_attempts: u32, random: f64) -> Option<Duration> {
    let (step, limit) = match error {
        // patience is what the service asks for
        _ if error.is_throttling() => (THROTTLED_STEP, max_attempts.saturating_mul(2)),
        CallError::Service { code, .. } if CLOCK_CODES.contains(&code.as_str()) => {
            (Duration::ZERO, max_attempts.min(2))
        }
        CallError::Service { code, message, .. } if is_old_signature(code, message) => {
            (Duration::ZERO, max_attempts.min(2))
        }
        CallError::Service { code, status, .. }
            if matches!(status, 500 | 502 | 503 | 504) || TRANSIENT_CODES.contains(&code.as_str()) =>
        {
            (TRANSIENT_STEP, max_attempts)
        }
        CallError::Timeout { .. } => (TRANSIENT_STEP, max_attempts.min(TIMEOUT_ATTEMPTS)),
        CallError::Unreachable { .. } => (TRANSIENT_STEP, max_attempts.min(UNREACHABLE_ATTEMPTS)),
        _ => return None,
    };
    let longest = step.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1))).min(LONGEST_WAIT);
    // full jitter, but never quite at once: many calls fail in the same moment
    (attempt < limit).then(|| longest.mul_f64(0.1 + 0.9 * random.clamp(0.0, 1.0)))
}

/// Query services tell a clock that is off by the code of a wrong signature.
fn is_old_signature(code: &str, message: &str) -> bool {
    matches!(code, "SignatureDoesNotMatch" | "InvalidSignatureException")
        && (message.contains("expired") || message.contains("not yet current"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(code: &str, status: u16) -> CallError {
        CallError::Service { code: code.into(), message: String::new(), status, request_id: None }
    }

    #[test]
    fn throttling_waits_longer_each_time_up_to_a_bound() {
        let error = service("Throttling", 400);
        let waits: Vec<_> = (1..8).map(|n| wait(&error, n, 5, 1.0).unwrap().as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 20, 20]);
        assert_eq!(wait(&error, 10, 5, 1.0), None);
        assert!(wait(&error, 3, 9, 0.0) < wait(&error, 3, 9, 0.5));
    }

    #[test]
    fn server_errors_and_timeouts_are_tried_again() {
        for error in [
            service("Http503", 503),
            service("InternalFailure", 400),
            service("Whatever", 500),
            CallError::Timeout { message: String::new() },
            CallError::Unreachable { message: String::new() },
            service("RequestTimeTooSkewed", 403),
        ] {
            assert!(wait(&error, 1, 5, 0.5).is_some(), "{error:?}");
        }
    }

    #[test]
    fn what_will_not_change_is_not_tried_again() {
        for error in [
            service("AccessDenied", 403),
            service("NoSuchBucketPolicy", 404),
            service("SignatureDoesNotMatch", 403),
            CallError::SignIn { message: String::new() },
            CallError::Input { message: String::new() },
            CallError::MalformedAnswer { message: String::new() },
        ] {
            assert_eq!(wait(&error, 1, 5, 0.5), None, "{error:?}");
        }
    }

    #[test]
    fn unreachable_service_is_given_up_early() {
        let error = CallError::Unreachable { message: String::new() };
        assert!(wait(&error, 2, 9, 0.5).is_some());
        assert_eq!(wait(&error, 3, 9, 0.5), None);
    }
}
