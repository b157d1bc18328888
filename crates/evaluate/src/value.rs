//! Values of the expression language, borrowed from what was read wherever they can be.
//!
//! An expression is evaluated in one go on one thread, so what it makes by itself is shared by counting.

mod list;
mod map;

pub(crate) use list::{Items, List, Resources};
pub(crate) use map::{Key, Map, member};
pub(crate) use serde_json::Value as Json;

use crate::touched::Cause;
use chrono::{DateTime, FixedOffset, TimeDelta};
use stance_policy::Policy;
use std::rc::Rc;

/// A value of the expression language.
#[derive(Clone, Debug)]
pub(crate) enum Value<'v> {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Double(f64),
    Text(Text<'v>),
    List(List<'v>),
    Map(Map<'v>),
    Optional(Option<Rc<Value<'v>>>),
    Policy(Rc<Policy>),
    Moment(DateTime<FixedOffset>),
    Duration(TimeDelta),
    /// The name of a type, for `type(x) == list`.
    Type(&'static str),
    /// What could not be read: every operation on it fails.
    Unreadable(Cause<'v>),
}

/// A text, borrowed or made.
#[derive(Clone, Debug)]
pub(crate) enum Text<'v> {
    Borrowed(&'v str),
    Made(Rc<str>),
}

impl Text<'_> {
    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Made(text) => text,
        }
    }
}

impl<'v> Value<'v> {
    /// A part of a document without nulls.
    pub fn of(json: &'v Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(value), _) => Self::Int(value),
                (None, Some(value)) => Self::UInt(value),
                (None, None) => Self::Double(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Self::text(text),
            Json::Array(_) => Self::List(List::Document(json)),
            Json::Object(_) => Self::Map(Map::Document(json)),
        }
    }

    /// A document that nobody else holds; nulls are left out, but for one that is the whole.
    pub fn made(json: Json) -> Self {
        match json {
            Json::Array(items) => Self::List(List::made(
                items.into_iter().filter(|item| !item.is_null()).map(Self::made).collect(),
            )),
            Json::Object(members) => Self::Map(Map::made(
                members
                    .into_iter()
                    .filter(|(_, value)| !value.is_null())
                    .map(|(name, value)| (Key::Text(Text::Made(name.into())), Self::made(value)))
                    .collect(),
            )),
            Json::String(text) => Self::made_text(text),
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(value),
            Json::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(value), _) => Self::Int(value),
                (None, Some(value)) => Self::UInt(value),
                (None, None) => Self::Double(number.as_f64().unwrap_or(f64::NAN)),
            },
        }
    }

    /// A text that is borrowed.
    pub fn text(text: &'v str) -> Self {
        Self::Text(Text::Borrowed(text))
    }

    /// A text that an expression made.
    pub fn made_text(text: impl Into<Rc<str>>) -> Self {
        Self::Text(Text::Made(text.into()))
    }

    /// An optional with or without a value.
    pub fn optional(value: Option<Self>) -> Self {
        Self::Optional(value.map(Rc::new))
    }

    /// How the language calls the value's type.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null_type",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::UInt(_) => "uint",
            Self::Double(_) => "double",
            Self::Text(_) => "string",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Optional(_) => "optional_type",
            Self::Policy(_) => "policy",
            Self::Moment(_) => "google.protobuf.Timestamp",
            Self::Duration(_) => "google.protobuf.Duration",
            Self::Type(_) => "type",
            Self::Unreadable(_) => "dyn",
        }
    }
}
