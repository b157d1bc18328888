//! Functions on lists, and on what can be read as lists.

use super::{Function, function, method, number};
use crate::document::as_list;
use crate::failure::{Answer, Failure};
use crate::operators::{equal, order};
use crate::program::Run;
use crate::value::{List, Value};
use std::cmp::Ordering;

pub(super) const FUNCTIONS: &[Function] = &[
    function("asList", 1, list_of),
    function("size", 1, size),
    method("size", 1, size),
    method("distinct", 1, distinct),
    method("flatten", 1, flatten),
    method("flatten", 2, flatten),
    method("sort", 1, sort),
    method("reverse", 1, reverse),
    method("join", 1, join),
    method("join", 2, join),
];

fn list_of<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    match arguments {
        [value] => as_list(value, &mut run.touched).map(Value::List),
        _ => Err(Failure::Mismatch),
    }
}

fn size<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    match arguments {
        [Value::Text(text)] => number(text.as_str().chars().count()),
        [Value::Map(map)] => number(map.len()),
        [Value::List(list)] => {
            if let Some(gap) = list.gap() {
                run.touched.note_undecidable(gap);
            }
            number(list.len())
        }
        _ => Err(Failure::Mismatch),
    }
}

/// The first of each set of equal items.
fn distinct<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [Value::List(list)] = arguments else { return Err(Failure::Mismatch) };
    let mut unique: Vec<Value<'v>> = Vec::new();
    for item in list.iter() {
        if !unique.iter().any(|known| equal(&item, known, &mut run.touched)) {
            unique.push(item);
        }
    }
    match list.gap() {
        // it may equal a known item, or not
        Some(gap) if !unique.is_empty() => run.touched.note_undecidable(gap),
        Some(gap) => run.touched.note(gap),
        None => {}
    }
    Ok(Value::List(List::in_part(unique, list.gap())))
}

/// The items with those of the lists among them in their place, one level deep or as many as asked.
fn flatten<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let (list, depth) = match arguments {
        [Value::List(list)] => (list, 1),
        [Value::List(list), Value::Int(depth)] => {
            let depth =
                u64::try_from(*depth).map_err(|_| Failure::of("flatten", "level must be non-negative"))?;
            (list, depth)
        }
        _ => return Err(Failure::Mismatch),
    };
    let mut flat = Vec::new();
    flatten_into(list, depth, &mut flat);
    let flat = List::made(flat);
    if let Some(gap) = flat.gap() {
        run.touched.note(gap);
    }
    Ok(Value::List(flat))
}

fn flatten_into<'v>(list: &List<'v>, depth: u64, flat: &mut Vec<Value<'v>>) {
    for item in list.iter() {
        match item {
            Value::List(inner) if depth > 0 => flatten_into(&inner, depth - 1, flat),
            other => flat.push(other),
        }
    }
    flat.extend(list.gap().map(Value::Unreadable));
}

/// The known items of a list that is known wholly.
fn whole<'v>(run: &mut Run<'v>, list: &List<'v>) -> Result<Vec<Value<'v>>, Failure<'v>> {
    match list.gap() {
        Some(gap) => Err(run.unreadable(gap)),
        None => Ok(list.iter().collect()),
    }
}

fn sort<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [Value::List(list)] = arguments else { return Err(Failure::Mismatch) };
    let mut items = whole(run, list)?;
    if let Some(first) = items.first() {
        for item in &items {
            if item.type_name() != first.type_name() {
                return Err(Failure::of("sort", "list elements must have the same type"));
            }
            if order(first, item).is_none() {
                return Err(Failure::of("sort", "list elements must be comparable"));
            }
        }
    }
    items.sort_by(|left, right| order(left, right).unwrap_or(Ordering::Equal));
    Ok(Value::List(List::made(items)))
}

fn reverse<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    match arguments {
        [Value::Text(text)] => Ok(Value::made_text(text.as_str().chars().rev().collect::<String>())),
        [Value::List(list)] => {
            let mut items = whole(run, list)?;
            items.reverse();
            Ok(Value::List(List::made(items)))
        }
        _ => Err(Failure::Mismatch),
    }
}

fn join<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let (list, between) = match arguments {
        [Value::List(list)] => (list, ""),
        [Value::List(list), Value::Text(between)] => (list, between.as_str()),
        _ => return Err(Failure::Mismatch),
    };
    let mut joined = String::new();
    for (index, item) in list.iter().enumerate() {
        let Value::Text(text) = &item else {
            return Err(Failure::UnexpectedType { got: item.type_name(), want: "string" });
        };
        joined.push_str(if index == 0 { "" } else { between });
        joined.push_str(text.as_str());
    }
    match list.gap() {
        Some(gap) => Err(run.unreadable(gap)),
        None => Ok(Value::made_text(joined)),
    }
}
