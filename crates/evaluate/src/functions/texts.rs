//! Functions on texts. Places in a text are counted in code points.

use super::{Function, function, json_of, made_texts, method, text_of, truth};
use crate::failure::{Answer, Failure};
use crate::program::Run;
use crate::value::{Json, Value};
use regex::Regex;

pub(super) const FUNCTIONS: &[Function] = &[
    method("startsWith", 2, starts_with),
    method("endsWith", 2, ends_with),
    method("contains", 2, contains),
    method("matches", 2, matches),
    method("lowerAscii", 1, lower_ascii),
    method("upperAscii", 1, upper_ascii),
    method("trim", 1, trim),
    method("split", 2, split),
    method("split", 3, split),
    method("replace", 3, replace),
    method("replace", 4, replace),
    method("substring", 2, substring),
    method("substring", 3, substring),
    method("indexOf", 2, index_of),
    method("indexOf", 3, index_of),
    function("glob", 2, glob),
    function("parseJson", 1, parse_json),
    function("secrets", 1, secrets),
];

fn starts_with<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    match arguments {
        [Value::Text(text), Value::Text(start)] => truth(text.as_str().starts_with(start.as_str())),
        _ => Err(Failure::Mismatch),
    }
}

fn ends_with<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    match arguments {
        [Value::Text(text), Value::Text(end)] => truth(text.as_str().ends_with(end.as_str())),
        _ => Err(Failure::Mismatch),
    }
}

fn contains<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    match arguments {
        [Value::Text(text), Value::Text(part)] => truth(text.as_str().contains(part.as_str())),
        _ => Err(Failure::Mismatch),
    }
}

/// A pattern that is only known when it is used.
fn matches<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    match arguments {
        [Value::Text(text), Value::Text(pattern)] => match Regex::new(pattern.as_str()) {
            Ok(made) => truth(made.is_match(text.as_str())),
            Err(error) => {
                let pattern = pattern.as_str();
                Err(Failure::of("matches", format_args!("'{pattern}' not a valid regex:\n{error}")))
            }
        },
        _ => Err(Failure::Mismatch),
    }
}

fn lower_ascii<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    match arguments {
        [Value::Text(text)] if !text.as_str().bytes().any(|byte| byte.is_ascii_uppercase()) => {
            Ok(Value::Text(text.clone()))
        }
        [Value::Text(text)] => Ok(Value::made_text(text.as_str().to_ascii_lowercase())),
        _ => Err(Failure::Mismatch),
    }
}

fn upper_ascii<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    match arguments {
        [Value::Text(text)] => Ok(Value::made_text(text.as_str().to_ascii_uppercase())),
        _ => Err(Failure::Mismatch),
    }
}

fn trim<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    match arguments {
        [Value::Text(text)] => Ok(Value::made_text(text.as_str().trim())),
        _ => Err(Failure::Mismatch),
    }
}

/// The parts of a text, at most as many as asked; the last is then the rest.
fn split<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let (text, by, most) = match arguments {
        [Value::Text(text), Value::Text(by)] => (text.as_str(), by.as_str(), None),
        [Value::Text(text), Value::Text(by), Value::Int(most)] => {
            (text.as_str(), by.as_str(), usize::try_from(*most).ok())
        }
        _ => return Err(Failure::Mismatch),
    };
    match (most, by) {
        (Some(most), "") => made_texts(letters(text, most)),
        (Some(most), _) => made_texts(text.splitn(most, by)),
        (None, "") => made_texts(text.chars()),
        (None, _) => made_texts(text.split(by)),
    }
}

fn letters(text: &str, most: usize) -> Vec<String> {
    let Some(last) = most.checked_sub(1) else { return Vec::new() };
    let mut letters: Vec<String> = text.chars().take(last).map(String::from).collect();
    let rest: String = text.chars().skip(last).collect();
    if !rest.is_empty() {
        letters.push(rest);
    }
    letters
}

fn replace<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let (text, from, to, most) = match arguments {
        [Value::Text(text), Value::Text(from), Value::Text(to)] => (text, from, to, None),
        [Value::Text(text), Value::Text(from), Value::Text(to), Value::Int(most)] => {
            (text, from, to, usize::try_from(*most).ok())
        }
        _ => return Err(Failure::Mismatch),
    };
    let (text, from, to) = (text.as_str(), from.as_str(), to.as_str());
    Ok(Value::made_text(match most {
        Some(most) => text.replacen(from, to, most),
        None => text.replace(from, to),
    }))
}

fn out_of_range<'v>(function: &str, place: i64) -> Failure<'v> {
    Failure::of(function, format_args!("index out of range: {place}"))
}

fn substring<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let (text, start, end) = match arguments {
        [Value::Text(text), Value::Int(start)] => (text.as_str(), *start, None),
        [Value::Text(text), Value::Int(start), Value::Int(end)] => (text.as_str(), *start, Some(*end)),
        _ => return Err(Failure::Mismatch),
    };
    let length = text.chars().count();
    let place = |at: i64| {
        usize::try_from(at).ok().filter(|at| *at <= length).ok_or_else(|| out_of_range("substring", at))
    };
    if let Some(end) = end.filter(|end| start > *end) {
        let message = format!("invalid substring range. start: {start}, end: {end}");
        return Err(Failure::of("substring", message));
    }
    let (start, end) = (place(start)?, end.map_or(Ok(length), place)?);
    Ok(Value::made_text(text.chars().skip(start).take(end - start).collect::<String>()))
}

fn index_of<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let (text, part, start) = match arguments {
        [Value::Text(text), Value::Text(part)] => (text.as_str(), part.as_str(), 0),
        [Value::Text(text), Value::Text(part), Value::Int(start)] => (text.as_str(), part.as_str(), *start),
        _ => return Err(Failure::Mismatch),
    };
    let length = text.chars().count();
    let skipped = usize::try_from(start).map_err(|_| out_of_range("indexOf", start))?;
    if part.is_empty() {
        return super::number(skipped.min(length));
    }
    if skipped >= length && arguments.len() == 3 {
        return Err(out_of_range("indexOf", start));
    }
    let from = text.char_indices().nth(skipped).map_or(text.len(), |(at, _)| at);
    let rest = text.get(from..).unwrap_or_default();
    match rest.find(part) {
        Some(at) => super::number(skipped + rest.get(..at).unwrap_or_default().chars().count()),
        None => Ok(Value::Int(-1)),
    }
}

fn glob<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [text, pattern] = arguments else { return Err(Failure::Mismatch) };
    truth(stance_policy::glob(text_of(text, "glob")?, text_of(pattern, "glob")?))
}

fn parse_json<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    match arguments {
        [Value::Text(text)] => parsed(text.as_str()),
        [Value::Optional(Some(inner))] => parse_json(run, &[Value::clone(inner)]),
        [value @ (Value::Map(_) | Value::List(_))] => {
            // whether all of it could be read is asked where it is used
            json_of(run, value)?;
            Ok(value.clone())
        }
        [value] => json_of(run, value).map(|json| Value::made(json.into_owned())),
        _ => Err(Failure::Mismatch),
    }
}

fn parsed<'v>(text: &str) -> Answer<'v> {
    serde_json::from_str::<Json>(text).map_err(|error| Failure::of("parseJson", error)).map(Value::made)
}

/// The secrets that were concealed in a value, as texts like `password in DB_PASSWORD`.
fn secrets<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [value] = arguments else { return Err(Failure::Mismatch) };
    let found = stance_secrets::found(&*json_of(run, value)?).into_iter().map(|secret| {
        if secret.place.is_empty() { secret.kind } else { format!("{} in {}", secret.kind, secret.place) }
    });
    made_texts(found)
}
