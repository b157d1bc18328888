//! Functions of the language that turn a value into one of another type, or tell its type.

use super::{Function, function};
use crate::failure::{Answer, Failure};
use crate::operators::{is_duration, is_moment};
use crate::program::Run;
use crate::value::Value;
use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

pub(super) const FUNCTIONS: &[Function] = &[
    function("bool", 1, bool),
    function("int", 1, int),
    function("uint", 1, uint),
    function("double", 1, double),
    function("string", 1, string),
    function("timestamp", 1, timestamp),
    function("duration", 1, duration),
    function("type", 1, type_of),
];

fn bool<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    match arguments {
        [Value::Bool(truth)] => Ok(Value::Bool(*truth)),
        [Value::Text(text)] => match text.as_str() {
            "1" | "t" | "true" | "TRUE" | "True" => Ok(Value::Bool(true)),
            "0" | "f" | "false" | "FALSE" | "False" => Ok(Value::Bool(false)),
            _ => Err(Failure::of("bool", "Type conversion error from 'string' to 'bool'")),
        },
        _ => Err(Failure::Mismatch),
    }
}

// the bounds keep every fraction that is cut in range
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
fn int<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let overflow = || Failure::of("int", "integer overflow");
    match arguments {
        [Value::Int(number)] => Ok(Value::Int(*number)),
        [Value::UInt(number)] => i64::try_from(*number).map(Value::Int).map_err(|_| overflow()),
        [Value::Double(number)] if *number > i64::MIN as f64 && *number < i64::MAX as f64 => {
            Ok(Value::Int(*number as i64))
        }
        [Value::Double(_)] => Err(overflow()),
        [Value::Text(text)] => text.as_str().parse().map(Value::Int).map_err(|error| unparsed("int", error)),
        [Value::Moment(moment)] => Ok(Value::Int(moment.timestamp())),
        _ => Err(Failure::Mismatch),
    }
}

// the bounds keep every fraction that is cut in range
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)]
fn uint<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let overflow = || Failure::of("uint", "unsigned integer overflow");
    match arguments {
        [Value::UInt(number)] => Ok(Value::UInt(*number)),
        [Value::Int(number)] => u64::try_from(*number).map(Value::UInt).map_err(|_| overflow()),
        [Value::Double(number)] if *number >= 0.0 && *number < u64::MAX as f64 => {
            Ok(Value::UInt(*number as u64))
        }
        [Value::Double(_)] => Err(overflow()),
        [Value::Text(text)] => {
            text.as_str().parse().map(Value::UInt).map_err(|error| unparsed("uint", error))
        }
        _ => Err(Failure::Mismatch),
    }
}

// a whole number beyond 2^53 becomes the nearest fraction, as the language says
#[allow(clippy::cast_precision_loss)]
fn double<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    match arguments {
        [Value::Double(number)] => Ok(Value::Double(*number)),
        [Value::Int(number)] => Ok(Value::Double(*number as f64)),
        [Value::UInt(number)] => Ok(Value::Double(*number as f64)),
        [Value::Text(text)] => {
            text.as_str().parse().map(Value::Double).map_err(|error| unparsed("double", error))
        }
        _ => Err(Failure::Mismatch),
    }
}

fn unparsed<'v>(function: &str, error: impl std::fmt::Display) -> Failure<'v> {
    Failure::of(function, format_args!("string parse error: {error}"))
}

fn string<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    Ok(Value::made_text(match arguments {
        [Value::Text(text)] => return Ok(Value::Text(text.clone())),
        [Value::Bool(truth)] => truth.to_string(),
        [Value::Int(number)] => number.to_string(),
        [Value::UInt(number)] => number.to_string(),
        [Value::Double(number)] => number.to_string(),
        [Value::Moment(moment)] => written(moment),
        [Value::Duration(duration)] => seconds(*duration),
        _ => return Err(Failure::Mismatch),
    }))
}

fn written(moment: &DateTime<FixedOffset>) -> String {
    let moment = moment.with_timezone(&Utc);
    let base = moment.format("%Y-%m-%dT%H:%M:%S");
    format!("{base}{}Z", fraction(moment.timestamp_subsec_nanos() % 1_000_000_000))
}

fn seconds(duration: TimeDelta) -> String {
    let nanoseconds = duration.subsec_nanos();
    let sign = if duration < TimeDelta::zero() { "-" } else { "" };
    format!("{sign}{}{}s", duration.num_seconds().unsigned_abs(), fraction(nanoseconds.unsigned_abs()))
}

fn fraction(nanoseconds: u32) -> String {
    match nanoseconds {
        0 => String::new(),
        some => format!(".{}", format!("{some:09}").trim_end_matches('0')),
    }
}

fn timestamp<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let failed = |message: &str| Failure::of("timestamp", message);
    match arguments {
        [Value::Moment(moment)] => Ok(Value::Moment(*moment)),
        [Value::Text(text)] => {
            let moment =
                DateTime::parse_from_rfc3339(text.as_str()).map_err(|error| failed(&error.to_string()))?;
            Some(moment)
                .filter(is_moment)
                .map(Value::Moment)
                .ok_or_else(|| failed("range error parsing timestamp"))
        }
        [Value::Int(seconds)] => DateTime::from_timestamp(*seconds, 0)
            .map(|moment| moment.fixed_offset())
            .filter(is_moment)
            .map(Value::Moment)
            .ok_or_else(|| failed("timestamp out of range")),
        _ => Err(Failure::Mismatch),
    }
}

fn duration<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    match arguments {
        [Value::Duration(duration)] => Ok(Value::Duration(*duration)),
        [Value::Text(text)] => parsed(text.as_str()).map(Value::Duration).ok_or_else(|| {
            Failure::of("duration", format_args!("`{}` is not a duration like `1h30m`", text.as_str()))
        }),
        _ => Err(Failure::Mismatch),
    }
}

/// A duration as the language writes it: `1h30m`, `-1.5s`, `0`.
// a part of a nanosecond is cut, as the language does
#[allow(clippy::cast_possible_truncation)]
fn parsed(text: &str) -> Option<TimeDelta> {
    let (sign, mut rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    if rest == "0" {
        return Some(TimeDelta::zero());
    }
    let mut whole = TimeDelta::zero();
    let mut parts = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at_checked(end)?;
        let (unit, after) = ["ms", "us", "ns", "h", "m", "s"]
            .into_iter()
            .find_map(|unit| Some((unit, after.strip_prefix(unit)?)))?;
        let nanoseconds = match unit {
            "ns" => 1.0,
            "us" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            _ => 3600e9,
        } * number.parse::<f64>().ok()?;
        if nanoseconds.abs() > 9.2e18 {
            return None;
        }
        whole = whole.checked_add(&TimeDelta::nanoseconds(nanoseconds as i64))?;
        parts += 1;
        rest = after;
    }
    (parts > 0).then_some(whole * sign).filter(is_duration)
}

fn type_of<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    match arguments {
        // it has a type, and nobody knows which
        [Value::Unreadable(cause)] => Err(run.unreadable(*cause)),
        [value] => Ok(Value::Type(value.type_name())),
        _ => Err(Failure::Mismatch),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_all_units_and_nothing_else_is() {
        let milliseconds = |text| parsed(text).map(|duration| duration.num_milliseconds());
        assert_eq!(milliseconds("1h30m"), Some(5_400_000));
        assert_eq!(milliseconds("-1.5s"), Some(-1_500));
        assert_eq!(milliseconds("0"), Some(0));
        assert_eq!(milliseconds("20ms1000us"), Some(21));
        for text in ["", "-", "1", "h", "1d", "1 h", "99999999999h"] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn durations_are_written_in_seconds() {
        assert_eq!(seconds(TimeDelta::milliseconds(-1_500)), "-1.5s");
        assert_eq!(seconds(TimeDelta::hours(1)), "3600s");
    }
}
