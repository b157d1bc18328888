//! The operators of the language: equality, order, arithmetic, membership.
//!
//! Numbers compare by value whatever their types, as the language's specification asks.

use crate::failure::{Answer, Failure};
use crate::touched::Touched;
use crate::value::{Items, Json, List, Map, Text, Value};
use chrono::{DateTime, Datelike, FixedOffset, TimeDelta};
use std::cmp::Ordering;

/// What a sum or product is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Arithmetic {
    /// How the language calls it.
    const fn operator(self) -> &'static str {
        match self {
            Self::Add => "_+_",
            Self::Subtract => "_-_",
            Self::Multiply => "_*_",
            Self::Divide => "_/_",
            Self::Remainder => "_%_",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Subtract => "sub",
            Self::Multiply => "mul",
            Self::Divide => "div",
            Self::Remainder => "rem",
        }
    }
}

/// Whether two values are equal; if one could not be read, that is noted and the outcome does not count.
pub(crate) fn equal<'v>(left: &Value<'v>, right: &Value<'v>, touched: &mut Touched<'v>) -> bool {
    match (left, right) {
        (Value::Unreadable(cause), _) | (_, Value::Unreadable(cause)) => {
            touched.note_undecidable(*cause);
            false
        }
        (Value::Text(left), Value::Text(right)) => left.as_str() == right.as_str(),
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Null, Value::Null) | (Value::Optional(None), Value::Optional(None)) => true,
        (Value::Optional(Some(left)), Value::Optional(Some(right))) => equal(left, right, touched),
        (Value::List(left), Value::List(right)) => equal_lists(left, right, touched),
        (Value::List(list), _) | (_, Value::List(list)) => {
            if let Some(gap) = list.gap() {
                touched.note_undecidable(gap);
            }
            false
        }
        (Value::Map(left), Value::Map(right)) => equal_maps(left, right, touched),
        (Value::Moment(left), Value::Moment(right)) => left == right,
        (Value::Duration(left), Value::Duration(right)) => left == right,
        (Value::Type(left), Value::Type(right)) => left == right,
        _ => numbers(left, right) == Some(Ordering::Equal),
    }
}

/// Whether two readable values are equal.
pub(crate) fn same<'v>(left: &Value<'v>, right: &Value<'v>) -> bool {
    equal(left, right, &mut Touched::default())
}

fn equal_lists<'v>(left: &List<'v>, right: &List<'v>, touched: &mut Touched<'v>) -> bool {
    let gaps = [left.gap(), right.gap()];
    for gap in gaps.iter().flatten() {
        touched.note_undecidable(*gap);
    }
    gaps.iter().all(Option::is_none)
        && left.len() == right.len()
        && left.iter().zip(right.iter()).all(|(left, right)| equal(&left, &right, touched))
}

fn equal_maps<'v>(left: &Map<'v>, right: &Map<'v>, touched: &mut Touched<'v>) -> bool {
    left.len() == right.len()
        && left.keys().iter().all(|key| match (left.at(key), right.at(key)) {
            (Ok(Some(left)), Ok(Some(right))) => equal(&left, &right, touched),
            (Err(cause), _) | (_, Err(cause)) => {
                touched.note_undecidable(cause);
                false
            }
            _ => false,
        })
}

// a whole number is compared with a fraction as a fraction, as the language does
#[allow(clippy::cast_precision_loss)]
fn numbers(left: &Value<'_>, right: &Value<'_>) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::UInt(left), Value::UInt(right)) => Some(left.cmp(right)),
        (Value::Double(left), Value::Double(right)) => left.partial_cmp(right),
        // a number below nothing is less than every number without a sign
        (Value::Int(left), Value::UInt(right)) => {
            Some(u64::try_from(*left).map_or(Ordering::Less, |left| left.cmp(right)))
        }
        (Value::Int(left), Value::Double(right)) => (*left as f64).partial_cmp(right),
        (Value::UInt(left), Value::Double(right)) => (*left as f64).partial_cmp(right),
        (Value::UInt(_) | Value::Double(_), Value::Int(_)) | (Value::Double(_), Value::UInt(_)) => {
            numbers(right, left).map(Ordering::reverse)
        }
        _ => None,
    }
}

/// The order of two values, if they have one.
pub(crate) fn order(left: &Value<'_>, right: &Value<'_>) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(left.as_str().cmp(right.as_str())),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (Value::Moment(left), Value::Moment(right)) => Some(left.cmp(right)),
        (Value::Duration(left), Value::Duration(right)) => Some(left.cmp(right)),
        _ => numbers(left, right),
    }
}

/// Whether a list holds the item, or a map the key.
///
/// # Errors
/// If that could not be read, or the container is none.
pub(crate) fn contains<'v>(
    item: &Value<'v>,
    container: &Value<'v>,
    touched: &mut Touched<'v>,
) -> Result<bool, Failure<'v>> {
    match container {
        Value::List(List::Document(Json::Array(items))) => {
            Ok(items.iter().any(|known| equal(&Value::of(known), item, touched)))
        }
        Value::List(list) => {
            if list.iter().any(|known| equal(&known, item, touched)) {
                return Ok(true);
            }
            list.gap().map_or(Ok(false), |gap| Err(unreadable(gap, touched)))
        }
        Value::Map(map) => {
            if let Value::Unreadable(cause) = item {
                return Err(unreadable(*cause, touched));
            }
            map.at(item).map(|found| found.is_some()).map_err(|cause| unreadable(cause, touched))
        }
        Value::Unreadable(cause) => Err(unreadable(*cause, touched)),
        _ => Err(Failure::operator("@in", &[item, container])),
    }
}

/// Notes the cause and fails with it.
pub(crate) fn unreadable<'v>(cause: crate::touched::Cause<'v>, touched: &mut Touched<'v>) -> Failure<'v> {
    touched.note(cause);
    Failure::Unreadable(cause)
}

/// The sum, difference, product, quotient or remainder.
///
/// # Errors
/// If the values have none, or it is out of range.
pub(crate) fn calculate<'v>(how: Arithmetic, left: &Value<'v>, right: &Value<'v>) -> Answer<'v> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => whole(how, *left, *right),
        (Value::UInt(left), Value::UInt(right)) => unsigned(how, *left, *right),
        (Value::Double(first), Value::Double(second)) => Ok(Value::Double(match how {
            Arithmetic::Add => first + second,
            Arithmetic::Subtract => first - second,
            Arithmetic::Multiply => first * second,
            Arithmetic::Divide => first / second,
            Arithmetic::Remainder => return Err(Failure::operator(how.operator(), &[left, right])),
        })),
        (Value::Text(left), Value::Text(right)) if how == Arithmetic::Add => {
            Ok(Value::made_text([left.as_str(), right.as_str()].concat()))
        }
        (Value::List(left), Value::List(right)) if how == Arithmetic::Add => {
            let items = left.iter().chain(right.iter()).collect();
            Ok(Value::List(List::in_part(items, left.gap().or_else(|| right.gap()))))
        }
        _ => time(how, left, right).unwrap_or_else(|| Err(Failure::operator(how.operator(), &[left, right]))),
    }
}

fn overflow<'v>(how: Arithmetic, left: impl std::fmt::Debug, right: impl std::fmt::Debug) -> Failure<'v> {
    Failure::Told(format!("Overflow from binary operator '{}': {left:?}, {right:?}", how.word()).into())
}

fn by_zero<'v>(how: Arithmetic, left: &dyn std::fmt::Display) -> Failure<'v> {
    let what = if how == Arithmetic::Divide { "Division" } else { "Remainder" };
    Failure::Told(format!("{what} by zero of {left}").into())
}

fn whole<'v>(how: Arithmetic, left: i64, right: i64) -> Answer<'v> {
    let made = match how {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Divide | Arithmetic::Remainder if right == 0 => return Err(by_zero(how, &left)),
        Arithmetic::Divide => left.checked_div(right),
        Arithmetic::Remainder => left.checked_rem(right),
    };
    made.map(Value::Int).ok_or_else(|| overflow(how, left, right))
}

fn unsigned<'v>(how: Arithmetic, left: u64, right: u64) -> Answer<'v> {
    let made = match how {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Divide | Arithmetic::Remainder if right == 0 => return Err(by_zero(how, &left)),
        Arithmetic::Divide => left.checked_div(right),
        Arithmetic::Remainder => left.checked_rem(right),
    };
    made.map(Value::UInt).ok_or_else(|| overflow(how, left, right))
}

fn time<'v>(how: Arithmetic, left: &Value<'v>, right: &Value<'v>) -> Option<Answer<'v>> {
    let moment = |made: Option<DateTime<FixedOffset>>| {
        made.filter(is_moment).map(Value::Moment).ok_or_else(|| overflow(how, left, right))
    };
    let duration = |made: Option<TimeDelta>| {
        made.filter(is_duration).map(Value::Duration).ok_or_else(|| overflow(how, left, right))
    };
    Some(match (how, left, right) {
        (Arithmetic::Add, Value::Moment(then), Value::Duration(by))
        | (Arithmetic::Add, Value::Duration(by), Value::Moment(then)) => moment(then.checked_add_signed(*by)),
        (Arithmetic::Subtract, Value::Moment(then), Value::Duration(by)) => {
            moment(then.checked_sub_signed(*by))
        }
        (Arithmetic::Subtract, Value::Moment(to), Value::Moment(from)) => {
            duration(Some(to.signed_duration_since(from)))
        }
        (Arithmetic::Add, Value::Duration(first), Value::Duration(second)) => {
            duration(first.checked_add(second))
        }
        (Arithmetic::Subtract, Value::Duration(first), Value::Duration(second)) => {
            duration(first.checked_sub(second))
        }
        _ => return None,
    })
}

/// Whether the language has the moment: from the year 1 to the year 9999.
pub(crate) fn is_moment(moment: &DateTime<FixedOffset>) -> bool {
    (1..=9999).contains(&moment.naive_utc().year())
}

/// Whether the language has the duration: what fits between two of its moments.
pub(crate) fn is_duration(duration: &TimeDelta) -> bool {
    duration.num_nanoseconds().is_some()
}

/// The number with its sign turned.
///
/// # Errors
/// If it has no sign, or there is no such number.
pub(crate) fn negated<'v>(value: &Value<'v>) -> Answer<'v> {
    match value {
        Value::Int(number) => number.checked_neg().map(Value::Int).ok_or_else(|| {
            Failure::Told(format!("Overflow from binary operator 'negate': {number}, Null").into())
        }),
        Value::Double(number) => Ok(Value::Double(-number)),
        _ => Err(Failure::operator("-_", &[value])),
    }
}

/// What stands at an index of a list or at a key of a map; nothing where there is nothing.
///
/// # Errors
/// If it could not be read, or the value holds nothing; the latter is a [`Failure::Mismatch`].
pub(crate) fn at<'v>(
    value: &Value<'v>,
    key: &Value<'v>,
    touched: &mut Touched<'v>,
) -> Result<Option<Value<'v>>, Failure<'v>> {
    if let Value::Unreadable(cause) = key {
        return Err(unreadable(*cause, touched));
    }
    match value {
        Value::Map(map) => map.at(key).map_err(|cause| unreadable(cause, touched)),
        Value::List(list) => match place(key).and_then(|place| list.get(place)) {
            Some(item) => Ok(Some(item)),
            None => list.gap().map_or(Ok(None), |gap| Err(unreadable(gap, touched))),
        },
        Value::Unreadable(cause) => Err(unreadable(*cause, touched)),
        _ => Err(Failure::Mismatch),
    }
}

// whole fractions up to 2^53 are exact; lists are shorter
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn place(key: &Value<'_>) -> Option<usize> {
    match key {
        Value::Int(index) => usize::try_from(*index).ok(),
        Value::UInt(index) => usize::try_from(*index).ok(),
        Value::Double(index) if index.fract() == 0.0 && (0.0..9e15).contains(index) => Some(*index as usize),
        _ => None,
    }
}

/// Nothing stands at that key.
pub(crate) fn no_such<'v>(operand: &Value<'v>, key: &Value<'v>) -> Failure<'v> {
    let written = |key: &dyn std::fmt::Display| Text::Made(key.to_string().into());
    Failure::NoSuchKey(match (operand, key) {
        (_, Value::Text(text)) => text.clone(),
        (Value::Map(Map::Document(_) | Map::Resource(_) | Map::Tags(_)), _) => {
            Text::Borrowed("a key that is no text")
        }
        (_, Value::Int(number)) => written(number),
        (_, Value::UInt(number)) => written(number),
        (_, Value::Double(number)) => written(number),
        (_, Value::Bool(truth)) => written(truth),
        _ => Text::Borrowed("a key of another kind"),
    })
}

/// What a comprehension goes through.
///
/// # Errors
/// If there is nothing to go through.
pub(crate) fn items<'v>(value: &Value<'v>, touched: &mut Touched<'v>) -> Result<Items<'v>, Failure<'v>> {
    if let Value::Unreadable(cause) = value {
        return Err(unreadable(*cause, touched));
    }
    Items::of(value).ok_or_else(|| Failure::UnexpectedType { got: value.type_name(), want: "iterable" })
}
