//! Functions on times.

use super::{Answer, Entry, function, take, text_of};
use cel::ExecutionError;
use cel::common::types::{CelInt, CelTimestamp};
use cel::common::value::CowVal;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime};

pub(super) const ENTRIES: &[Entry] =
    &[function("daysSince", 2, days_since), function("daysUntil", 2, days_until)];

fn days_since<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let (then, now) = moments(args, "daysSince")?;
    Ok(CowVal::owned(CelInt::from((now - then).num_days())))
}

fn days_until<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let (then, now) = moments(args, "daysUntil")?;
    Ok(CowVal::owned(CelInt::from((then - now).num_days())))
}

type Moment = DateTime<FixedOffset>;

fn moments(args: Vec<CowVal<'_, '_>>, function: &str) -> Result<(Moment, Moment), ExecutionError> {
    let [then, now] = take(args)?;
    let now = now
        .downcast_ref::<CelTimestamp>()
        .ok_or_else(|| ExecutionError::function_error(function, "there is no present moment"))?;
    let then = match then.downcast_ref::<CelTimestamp>() {
        Some(moment) => *moment.inner(),
        None => {
            let text = text_of(&then, function)?;
            parse(&text)
                .ok_or_else(|| ExecutionError::function_error(function, format!("`{text}` is not a time")))?
        }
    };
    Ok((then, *now.inner()))
}

/// RFC 3339, or a date with or without time, which are then of UTC: some answers leave the zone out.
fn parse(text: &str) -> Option<Moment> {
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .ok()
        .or_else(|| {
            ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
                .iter()
                .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
                .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0))
                .map(|moment| moment.and_utc().fixed_offset())
        })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn the_forms_that_providers_use_are_read_and_others_are_not() {
        for text in [
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00+00:00",
            "2026-01-01T00:00:00.000+0000",
            "2026-01-01",
            "2026-01-01 00:00:00",
        ] {
            assert_eq!(parse(text).unwrap().timestamp(), 1_767_225_600, "{text}");
        }
        assert_eq!(parse("N/A"), None);
        assert_eq!(parse(""), None);
    }
}
