//! Moments, for people and machines.

use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};

/// A moment as "3 days ago", with the exact one for whoever points at it.
pub(crate) fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> Markup {
    html! { time datetime=(at.to_rfc3339()) title=(exact(at)) { (ago_text(at, now)) } }
}

/// A moment in full.
pub(crate) fn moment(at: DateTime<Utc>) -> Markup {
    html! { time datetime=(at.to_rfc3339()) { (exact(at)) } }
}

pub(crate) fn exact(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// How long something took.
pub(crate) fn length(length: TimeDelta) -> String {
    let seconds = length.num_seconds().max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

fn ago_text(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (now - at).num_seconds();
    let (count, unit) = match seconds {
        ..60 => return "just now".to_owned(),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        86_400..5_184_000 => (seconds / 86_400, "day"),
        _ => return at.format("%Y-%m-%d").to_string(),
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_as_people_do() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let told = |seconds| ago_text(now - TimeDelta::seconds(seconds), now);
        assert_eq!(told(-5), "just now");
        assert_eq!(told(60), "1 minute ago");
        assert_eq!(told(7200), "2 hours ago");
        assert_eq!(told(86_400 * 3), "3 days ago");
        assert_eq!(told(86_400 * 100), "2026-06-13");
        assert_eq!(length(TimeDelta::seconds(3_725)), "1 h 2 min");
    }
}
