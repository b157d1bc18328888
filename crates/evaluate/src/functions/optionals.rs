//! Methods of the language on optionals; `orValue` is a step of its own.

use super::{Function, method};
use crate::failure::{Answer, Failure};
use crate::program::Run;
use crate::value::Value;
use std::rc::Rc;

pub(super) const FUNCTIONS: &[Function] = &[
    method("hasValue", 1, has_value),
    method("value", 1, value),
    method("orValue", 2, or_value),
    method("or", 2, or),
];

fn has_value<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    match arguments {
        [Value::Optional(inner)] => super::truth(inner.is_some()),
        _ => Err(Failure::Mismatch),
    }
}

fn value<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    match arguments {
        [Value::Optional(Some(inner))] => Ok(Value::clone(inner)),
        [Value::Optional(None)] => Err(Failure::of("value", "optional.none() dereference")),
        _ => Err(Failure::Mismatch),
    }
}

fn or_value<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    match arguments {
        [Value::Optional(Some(inner)), _] => Ok(Rc::unwrap_or_clone(Rc::clone(inner))),
        [Value::Optional(None), other] => Ok(other.clone()),
        _ => Err(Failure::Mismatch),
    }
}

fn or<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    match arguments {
        [Value::Optional(None), other] => Ok(other.clone()),
        [first @ Value::Optional(Some(_)), _] => Ok(first.clone()),
        _ => Err(Failure::Mismatch),
    }
}
