//! Delays between tries to sign in, growing to a bound: guessing becomes hopeless, and nobody is locked out for good.

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Tries that are remembered; older ones are forgotten first.
const REMEMBERED: usize = 20_000;
/// After so long without a try everything is forgiven.
const FORGIVEN: TimeDelta = TimeDelta::hours(1);

/// What tries are counted by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// One place, whatever name it tries.
    Network(String),
    /// One name from one place.
    Both(String, String),
    /// One name from anywhere. Short delays only: others' tries must not keep its owner out.
    Name(String),
}

impl Key {
    /// Tries before the first delay, and the longest delay in seconds.
    fn bounds(&self) -> (u32, i64) {
        match self {
            Self::Network(_) => (20, 60),
            Self::Both(..) => (4, 60),
            Self::Name(_) => (20, 10),
        }
    }
}

#[derive(Clone, Copy)]
struct Tries {
    count: u32,
    last: DateTime<Utc>,
}

/// Tries that failed, of this server.
#[derive(Default)]
pub(crate) struct Throttle(Mutex<HashMap<Key, Tries>>);

/// Who tries.
pub(crate) struct Try<'t> {
    /// The name, whether there is anybody of it or not.
    pub(crate) name: &'t str,
    /// The place.
    pub(crate) network: &'t str,
    /// Whether the name has signed in from there before; then tries from elsewhere do not matter.
    pub(crate) is_familiar: bool,
}

impl Try<'_> {
    fn keys(&self) -> Vec<Key> {
        let (name, network) = (self.name.to_owned(), self.network.to_owned());
        let mut keys = vec![Key::Network(network.clone()), Key::Both(name.clone(), network)];
        if !self.is_familiar {
            keys.push(Key::Name(name));
        }
        keys
    }
}

impl Throttle {
    /// Lets a try happen and counts it as failed, so that many at once are counted too; or says how long to wait.
    pub(crate) fn admit(&self, tried: &Try<'_>, now: DateTime<Utc>) -> Result<(), TimeDelta> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = tried.keys();
        let until =
            keys.iter().filter_map(|key| held.get(key).map(|tries| tries.last + delay(key, tries.count)));
        if let Some(until) = until.max().filter(|until| *until > now) {
            return Err(until - now);
        }
        if held.len() >= REMEMBERED {
            forget(&mut held, now);
        }
        for key in keys {
            let tries = held.entry(key).or_insert(Tries { count: 0, last: now });
            if now - tries.last > FORGIVEN {
                tries.count = 0;
            }
            *tries = Tries { count: tries.count.saturating_add(1), last: now };
        }
        Ok(())
    }

    /// A try that was admitted was right. It takes back its own count only: whoever has a password of their own must
    /// not be able to clear the way for guesses at another one.
    pub(crate) fn succeeded(&self, tried: &Try<'_>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for key in tried.keys() {
            if matches!(key, Key::Both(..)) {
                held.remove(&key);
            } else if let Some(tries) = held.get_mut(&key) {
                tries.count = tries.count.saturating_sub(1);
            }
        }
    }
}

/// How long after the last of so many tries the next one may come.
fn delay(key: &Key, count: u32) -> TimeDelta {
    let (free, longest) = key.bounds();
    match count.checked_sub(free) {
        None => TimeDelta::zero(),
        Some(doublings) => {
            TimeDelta::seconds(1_i64.checked_shl(doublings.min(16)).unwrap_or(longest).min(longest))
        }
    }
}

/// Makes room: what is forgiven, and where that is not enough the older half.
fn forget(held: &mut HashMap<Key, Tries>, now: DateTime<Utc>) {
    held.retain(|_, tries| now - tries.last <= FORGIVEN);
    if held.len() >= REMEMBERED {
        let mut moments: Vec<DateTime<Utc>> = held.values().map(|tries| tries.last).collect();
        moments.sort_unstable();
        let middle = moments.get(moments.len() / 2).copied().unwrap_or(now);
        held.retain(|_, tries| tries.last > middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    fn tried<'t>(name: &'t str, network: &'t str) -> Try<'t> {
        Try { name, network, is_familiar: false }
    }

    #[test]
    fn delays_double_to_a_bound_and_a_refused_try_does_not_lengthen_them() {
        let throttle = Throttle::default();
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..14 {
            if let Err(wait) = throttle.admit(&tried("ada", "a"), at(now)) {
                for _ in 0..50 {
                    assert_eq!(throttle.admit(&tried("ada", "a"), at(now)), Err(wait));
                }
                waits.push(wait.num_seconds());
                now += wait.num_seconds();
                throttle.admit(&tried("ada", "a"), at(now)).unwrap();
            }
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
        throttle.admit(&tried("ada", "b"), at(now)).unwrap();
        throttle.admit(&tried("eve", "a"), at(now)).unwrap();
    }

    #[test]
    fn others_cannot_lock_somebody_out() {
        let throttle = Throttle::default();
        // a thousand places guess at one name for as long as they like
        for number in 0..1000 {
            let place = format!("place {number}");
            throttle.admit(&tried("ada", &place), at(number * 10)).unwrap();
        }
        let now = at(999 * 10);
        let familiar = Try { name: "ada", network: "home", is_familiar: true };
        throttle.admit(&familiar, now).unwrap();
        // from a new place its owner waits ten seconds at most
        let wait = throttle.admit(&tried("ada", "hotel"), now).unwrap_err();
        assert!(wait <= TimeDelta::seconds(10), "{wait}");
    }

    #[test]
    fn a_password_of_ones_own_does_not_clear_the_way_for_guesses() {
        let throttle = Throttle::default();
        let mut refused = 0;
        for number in 0..60 {
            let name = format!("name {number}");
            refused += u32::from(throttle.admit(&tried(&name, "a"), at(0)).is_err());
            if throttle.admit(&tried("own", "a"), at(0)).is_ok() {
                throttle.succeeded(&tried("own", "a"));
            }
        }
        assert_eq!(refused, 40);
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        for number in 0..30_000 {
            let text = number.to_string();
            throttle.admit(&tried(&text, &text), at(number)).unwrap();
        }
        assert!(throttle.0.lock().unwrap().len() <= REMEMBERED + 3);
    }
}
