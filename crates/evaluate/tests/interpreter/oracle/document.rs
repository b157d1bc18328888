//! Values of the expression language as JSON, for functions that work on documents.

use crate::oracle::value::{List, Map, Unreadable};
use cel::ExecutionError;
use cel::common::types::{CelBool, CelDouble, CelInt, CelOptional, CelString, CelUInt, Kind};
use cel::common::value::Val;
use serde_json::{Map as Members, Number, Value};

/// The value as JSON; an optional is what it holds, or null.
///
/// # Errors
/// If a part of it could not be read, or has no form in JSON.
pub(crate) fn to_json(value: &dyn Val) -> Result<Value, ExecutionError> {
    if let Some(optional) = value.downcast_ref::<CelOptional>() {
        return optional.inner().map_or(Ok(Value::Null), to_json);
    }
    if let Some(unreadable) = value.downcast_ref::<Unreadable>() {
        crate::oracle::touched::note(&unreadable.0);
        return Err(ExecutionError::function_error("unreadable", &unreadable.0));
    }
    let no_form = || {
        ExecutionError::function_error("json", format!("a {} has no form in JSON", value.get_type().name()))
    };
    match value.get_type().kind() {
        Kind::NullType => Ok(Value::Null),
        Kind::Boolean => {
            value.downcast_ref::<CelBool>().map(|value| Value::Bool(*value.inner())).ok_or_else(no_form)
        }
        Kind::Int => {
            value.downcast_ref::<CelInt>().map(|value| Value::from(*value.inner())).ok_or_else(no_form)
        }
        Kind::UInt => {
            value.downcast_ref::<CelUInt>().map(|value| Value::from(*value.inner())).ok_or_else(no_form)
        }
        Kind::Double => value
            .downcast_ref::<CelDouble>()
            .and_then(|value| Number::from_f64(*value.inner()))
            .map(Value::Number)
            .ok_or_else(no_form),
        Kind::String => {
            value.downcast_ref::<CelString>().map(|value| Value::from(value.inner())).ok_or_else(no_form)
        }
        Kind::List => {
            let mut items = Vec::new();
            let mut values = value.as_iterable().ok_or_else(no_form)?.iter();
            while let Some(item) = values.next() {
                items.push(to_json(item)?);
            }
            Ok(Value::Array(items))
        }
        Kind::Map => {
            let mut members = Members::new();
            let indexer = value.as_indexer().ok_or_else(no_form)?;
            let mut keys = value.as_iterable().ok_or_else(no_form)?.iter();
            while let Some(key) = keys.next() {
                let name = match to_json(key)? {
                    Value::String(name) => name,
                    other => other.to_string(),
                };
                members.insert(name, to_json(indexer.get(key)?.as_ref())?);
            }
            Ok(Value::Object(members))
        }
        _ => Err(no_form()),
    }
}

/// The items of a list; an optional is what it holds; anything else is a list of one.
pub(crate) fn as_list(value: &dyn Val) -> Result<List, ExecutionError> {
    if let Some(optional) = value.downcast_ref::<CelOptional>() {
        return optional.inner().map_or_else(|| Ok(List::of(Vec::new(), None)), as_list);
    }
    if let Some(list) = value.downcast_ref::<List>() {
        return Ok(list.clone());
    }
    let node = |value: &dyn Val| -> Result<Option<crate::oracle::value::Node>, ExecutionError> {
        Ok(match value.downcast_ref::<Map>() {
            Some(map) => Some(crate::oracle::value::Node::Map(map.clone())),
            None => crate::oracle::value::Node::of(&to_json(value)?),
        })
    };
    if value.get_type().kind() == Kind::List {
        let mut items = Vec::new();
        let mut values = value
            .as_iterable()
            .ok_or_else(|| ExecutionError::function_error("asList", "a list that cannot be gone through"))?
            .iter();
        while let Some(item) = values.next() {
            items.extend(node(item)?);
        }
        return Ok(List::of(items, None));
    }
    Ok(List::of(node(value)?.into_iter().collect(), None))
}
