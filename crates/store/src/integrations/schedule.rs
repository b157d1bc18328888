//! When something is scanned again. Pure: moments go in and come out.

use crate::{Result, StoreError};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

/// When something is scanned again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    every: TimeDelta,
    at: Option<NaiveTime>,
}

impl Default for Schedule {
    /// Every 24 hours.
    fn default() -> Self {
        Self { every: TimeDelta::days(1), at: None }
    }
}

impl Schedule {
    /// The shortest span: a scan takes minutes, and asks the provider thousands of questions.
    pub const SHORTEST: TimeDelta = TimeDelta::minutes(10);
    /// The longest span.
    pub const LONGEST: TimeDelta = TimeDelta::days(366);

    /// From start to start; at a time of day in UTC, where one is given.
    ///
    /// # Errors
    /// If it is too often or too seldom, or a time of day goes with a span that is not whole days.
    pub fn of(every: TimeDelta, at: Option<NaiveTime>) -> Result<Self> {
        if every < Self::SHORTEST || every > Self::LONGEST {
            let message =
                "scans start every 10 minutes at most, and once in 366 days at least; choose a span between";
            return Err(StoreError::Unfit(message.to_owned()));
        }
        if at.is_some() && every.num_milliseconds() % TimeDelta::days(1).num_milliseconds() != 0 {
            let message = "a time of day goes with whole days; choose 24 hours or more, or no time of day";
            return Err(StoreError::Unfit(message.to_owned()));
        }
        Ok(Self { every, at })
    }

    /// From start to start.
    pub fn every(&self) -> TimeDelta {
        self.every
    }

    /// The time of day in UTC.
    pub fn at(&self) -> Option<NaiveTime> {
        self.at
    }

    /// The first start of something that is new: at once, or at the next time of day.
    pub fn first(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.at.map_or(now, |at| next_time_of_day(at, now))
    }

    /// The start after the one that was due at `due` and began at `began`. Starts that were missed while no server
    /// ran are made up for by one, not by all of them.
    pub fn next(&self, due: DateTime<Utc>, began: DateTime<Utc>) -> DateTime<Utc> {
        // a due time in the future was asked for by hand, or the clock went back
        let due = due.min(began);
        let late = began - due;
        let missed = late.num_milliseconds() / self.every.num_milliseconds().max(1);
        let steps = i32::try_from(missed).unwrap_or(i32::MAX - 1) + 1;
        let next = due + self.every * steps;
        match self.at {
            None => next,
            // the day stays, and the time of day is the one that is asked for
            Some(at) => {
                let day = next.date_naive().and_time(at).and_utc();
                if day > began { day } else { next_time_of_day(at, began) }
            }
        }
    }
}

fn next_time_of_day(at: NaiveTime, now: DateTime<Utc>) -> DateTime<Utc> {
    let today = now.date_naive().and_time(at).and_utc();
    if today > now { today } else { today + TimeDelta::days(1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn hour(hour: u32) -> Option<NaiveTime> {
        NaiveTime::from_hms_opt(hour, 0, 0)
    }

    #[test]
    fn a_start_that_was_late_does_not_move_the_ones_after_it() {
        let daily = Schedule::default();
        let due = at("2026-01-01T03:00:00Z");
        assert_eq!(daily.next(due, due + TimeDelta::minutes(5)), at("2026-01-02T03:00:00Z"));
    }

    #[test]
    fn missed_starts_are_made_up_for_by_one() {
        let daily = Schedule::default();
        let (due, began) = (at("2026-01-01T03:00:00Z"), at("2026-01-05T12:00:00Z"));
        assert_eq!(daily.next(due, began), at("2026-01-06T03:00:00Z"));
    }

    #[test]
    fn a_time_of_day_is_kept_whenever_somebody_asked_for_a_scan_between() {
        let nightly = Schedule::of(TimeDelta::days(1), hour(2)).unwrap();
        assert_eq!(nightly.first(at("2026-01-01T12:00:00Z")), at("2026-01-02T02:00:00Z"));
        // asked for by hand at noon: due and begun then
        let noon = at("2026-01-01T12:00:00Z");
        assert_eq!(nightly.next(noon, noon), at("2026-01-02T02:00:00Z"));
        let weekly = Schedule::of(TimeDelta::days(7), hour(2)).unwrap();
        assert_eq!(
            weekly.next(at("2026-01-02T02:00:00Z"), at("2026-01-02T02:00:09Z")),
            at("2026-01-09T02:00:00Z")
        );
    }

    #[test]
    fn what_cannot_be_kept_is_refused() {
        assert!(Schedule::of(TimeDelta::minutes(1), None).is_err());
        assert!(Schedule::of(TimeDelta::days(1000), None).is_err());
        assert!(Schedule::of(TimeDelta::hours(5), hour(2)).is_err());
    }

    proptest! {
        #[test]
        fn the_next_start_is_later_and_at_most_one_span_away(
            minutes in 10_i64..100_000, late in -1_000_000_i64..10_000_000, of_day in prop::option::of(0_u32..24)
        ) {
            let every = if of_day.is_some() { TimeDelta::days(minutes % 30 + 1) } else { TimeDelta::minutes(minutes) };
            let schedule = Schedule::of(every, of_day.and_then(hour)).unwrap();
            let due = at("2026-06-01T00:00:00Z");
            let began = due + TimeDelta::seconds(late);
            let next = schedule.next(due, began);
            prop_assert!(next > began);
            // a time of day may fall up to a day after the span
            let slack = if of_day.is_some() { TimeDelta::days(1) } else { TimeDelta::zero() };
            prop_assert!(next <= began + every + slack);
        }
    }
}
