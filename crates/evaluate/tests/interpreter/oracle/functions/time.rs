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
