//! Values of the expression language as JSON, for functions that work on documents.

use crate::failure::Failure;
use crate::operators::unreadable;
use crate::touched::Touched;
use crate::value::{Json, List, Map, Value};
use serde_json::{Map as Members, Number};
use std::borrow::Cow;

/// The value as JSON; an optional is what it holds, or null.
///
/// # Errors
/// If a part of it could not be read, or has no form in JSON.
pub(crate) fn to_json<'v>(
    value: &Value<'v>,
    touched: &mut Touched<'v>,
) -> Result<Cow<'v, Json>, Failure<'v>> {
    let no_form = || Failure::of("json", format_args!("a {} has no form in JSON", value.type_name()));
    Ok(Cow::Owned(match value {
        Value::List(List::Document(json)) | Value::Map(Map::Document(json)) => {
            return Ok(Cow::Borrowed(json));
        }
        Value::Optional(None) | Value::Null => Json::Null,
        Value::Optional(Some(inner)) => return to_json(inner, touched),
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Int(number) => Json::from(*number),
        Value::UInt(number) => Json::from(*number),
        Value::Double(number) => Number::from_f64(*number).map(Json::Number).ok_or_else(no_form)?,
        Value::Text(text) => Json::from(text.as_str()),
        Value::List(list) => {
            if let Some(gap) = list.gap() {
                return Err(unreadable(gap, touched));
            }
            let items: Result<_, _> =
                list.iter().map(|item| to_json(&item, touched).map(Cow::into_owned)).collect();
            Json::Array(items?)
        }
        Value::Map(map) => {
            let mut members = Members::new();
            for key in map.keys() {
                let found = map.at(&key).map_err(|cause| unreadable(cause, touched))?;
                let name = match &key {
                    Value::Text(text) => text.as_str().to_owned(),
                    other => to_json(other, touched)?.to_string(),
                };
                members.insert(name, to_json(&found.unwrap_or(Value::Null), touched)?.into_owned());
            }
            Json::Object(members)
        }
        Value::Unreadable(cause) => return Err(unreadable(*cause, touched)),
        Value::Policy(_) | Value::Moment(_) | Value::Duration(_) | Value::Type(_) => return Err(no_form()),
    }))
}

/// The items of a list; an optional is what it holds; anything else is a list of one.
///
/// # Errors
/// If the value could not be read, or can stand in no document.
pub(crate) fn as_list<'v>(value: &Value<'v>, touched: &mut Touched<'v>) -> Result<List<'v>, Failure<'v>> {
    Ok(match value {
        Value::Optional(None) | Value::Null => List::made(Vec::new()),
        Value::Optional(Some(inner)) => return as_list(inner, touched),
        Value::List(list) => list.clone(),
        Value::Map(_) => List::made(vec![value.clone()]),
        other => {
            to_json(other, touched)?;
            List::made(vec![other.clone()])
        }
    })
}

/// Whether there is a null anywhere in the document.
pub(crate) fn holds_null(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::Array(items) => items.iter().any(holds_null),
        Json::Object(members) => members.values().any(holds_null),
        _ => false,
    }
}

/// The document without its nulls; nothing where it is one.
pub(crate) fn without_nulls(json: Json) -> Option<Json> {
    Some(match json {
        Json::Null => return None,
        Json::Array(items) => Json::Array(items.into_iter().filter_map(without_nulls).collect()),
        Json::Object(members) => Json::Object(
            members.into_iter().filter_map(|(name, value)| Some((name, without_nulls(value)?))).collect(),
        ),
        other => other,
    })
}

/// The document with the members of its maps in the order of their names, so that it is written the
/// same whatever the provider's order.
pub(crate) fn in_order(json: &Json) -> Json {
    match json {
        Json::Array(items) => Json::Array(items.iter().map(in_order).collect()),
        Json::Object(members) => {
            let mut members: Vec<(&String, &Json)> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            Json::Object(members.into_iter().map(|(name, value)| (name.clone(), in_order(value))).collect())
        }
        other => other.clone(),
    }
}
