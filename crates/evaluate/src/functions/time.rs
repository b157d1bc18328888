//! Functions on times.

use super::{Function, function, method, text_of};
use crate::failure::{Answer, Failure};
use crate::program::Run;
use crate::value::Value;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeDelta, Timelike};

pub(super) const FUNCTIONS: &[Function] = &[
    function("daysSince", 1, days_since),
    function("daysUntil", 1, days_until),
    method("getHours", 1, hours),
    method("getMinutes", 1, minutes),
    method("getSeconds", 1, seconds),
];

fn days_since<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    Ok(Value::Int(since(run, arguments, "daysSince")?.num_days()))
}

fn days_until<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    Ok(Value::Int((-since(run, arguments, "daysUntil")?).num_days()))
}

type Moment = DateTime<FixedOffset>;

fn since<'v>(run: &Run<'v>, arguments: &[Value<'v>], function: &str) -> Result<TimeDelta, Failure<'v>> {
    let then = match arguments {
        [Value::Moment(moment)] => *moment,
        [text] => {
            let text = text_of(text, function)?;
            parse(text).ok_or_else(|| Failure::of(function, format_args!("`{text}` is not a time")))?
        }
        _ => return Err(Failure::Mismatch),
    };
    Ok(run.now.fixed_offset() - then)
}

fn hours<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    match arguments {
        [Value::Moment(moment)] => Ok(Value::Int(moment.hour().into())),
        [Value::Duration(duration)] => Ok(Value::Int(duration.num_hours())),
        _ => Err(Failure::Mismatch),
    }
}

fn minutes<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    match arguments {
        [Value::Moment(moment)] => Ok(Value::Int(moment.minute().into())),
        [Value::Duration(duration)] => Ok(Value::Int(duration.num_minutes())),
        _ => Err(Failure::Mismatch),
    }
}

fn seconds<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    match arguments {
        [Value::Moment(moment)] => Ok(Value::Int(moment.second().into())),
        [Value::Duration(duration)] => Ok(Value::Int(duration.num_seconds())),
        _ => Err(Failure::Mismatch),
    }
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
