//! Times as services write them, to RFC 3339 in UTC.
//!
//! The official codecs reject a time without a zone, and the whole answer with it. Here a time that
//! lacks a zone is taken as UTC, and one that cannot be understood at all stays the text it was, so
//! that it spoils one field and not its neighbours.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

/// A time that came as text.
pub(crate) fn from_text(text: &str) -> String {
    parse(text.trim()).and_then(|time| time.fmt(Format::DateTime).ok()).unwrap_or_else(|| text.to_string())
}

/// A time that came as seconds since 1970, with a fraction or not.
pub(crate) fn from_seconds(seconds: f64) -> String {
    // to whole microseconds; finer than that, floats bring noise
    #[allow(clippy::cast_possible_truncation)]
    let microseconds = (seconds * 1e6).round() as i64;
    let nanoseconds = u32::try_from(microseconds.rem_euclid(1_000_000) * 1000).unwrap_or_default();
    DateTime::from_secs_and_nanos(microseconds.div_euclid(1_000_000), nanoseconds)
        .fmt(Format::DateTime)
        .unwrap_or_else(|_| seconds.to_string())
}

/// A time in any of the forms that services use.
pub(crate) fn parse(text: &str) -> Option<DateTime> {
    if let Ok(seconds) = text.parse::<f64>() {
        return seconds.is_finite().then(|| DateTime::from_secs_f64(seconds));
    }
    let offset = |text: &str| DateTime::from_str(text, Format::DateTimeWithOffset).ok();
    if let Some(time) = offset(text).or_else(|| DateTime::from_str(text, Format::HttpDate).ok()) {
        return Some(time);
    }
    let (date, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, "00:00:00"));
    let time = match time.rfind(['+', '-']) {
        // `+0000`
        Some(at) if time.len() - at == 5 => format!("{}:{}", time.get(..at + 3)?, time.get(at + 3..)?),
        Some(_) => time.to_string(),
        None => format!("{}Z", time.trim_end_matches(['Z', 'z'])),
    };
    offset(&format!("{date}T{time}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_without_zone_is_utc() {
        assert_eq!(from_text("2024-02-03T04:05:06"), "2024-02-03T04:05:06Z");
        assert_eq!(from_text("2024-02-03 04:05:06.789"), "2024-02-03T04:05:06.789Z");
        assert_eq!(from_text("2024-02-03"), "2024-02-03T00:00:00Z");
    }

    #[test]
    fn zones_are_turned_into_utc() {
        assert_eq!(from_text("2024-02-03T04:05:06+02:00"), "2024-02-03T02:05:06Z");
        assert_eq!(from_text("2024-02-03T04:05:06.000+0000"), "2024-02-03T04:05:06Z");
        assert_eq!(from_text("Sat, 03 Feb 2024 04:05:06 GMT"), "2024-02-03T04:05:06Z");
        assert_eq!(from_text("1706933106"), "2024-02-03T04:05:06Z");
    }

    #[test]
    fn seconds_keep_their_fraction_and_no_noise() {
        assert_eq!(from_seconds(1_706_933_106.789_123), "2024-02-03T04:05:06.789123Z");
        assert_eq!(from_seconds(-0.5), "1969-12-31T23:59:59.5Z");
        assert_eq!(from_seconds(1_706_933_106.789), "2024-02-03T04:05:06.789Z");
        assert_eq!(from_seconds(0.0), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn what_is_no_time_stays_as_it_is() {
        for text in ["", "N/A", "soon", "2024-13-99T99:99:99", "é+é12é", "NaN"] {
            assert_eq!(from_text(text), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_and_any_number_is_survived(text in r"[0-9TZ:.+é -]{0,30}", seconds: f64) {
            from_text(&text);
            from_seconds(seconds);
        }

        #[test]
        fn what_was_understood_is_understood_again(seconds in -60_000_000_000_i64..200_000_000_000) {
            let text = DateTime::from_secs(seconds).fmt(Format::DateTime).unwrap();
            proptest::prop_assert_eq!(from_text(&text), text.clone());
            proptest::prop_assert_eq!(from_text(text.trim_end_matches('Z')), text);
        }
    }
}
