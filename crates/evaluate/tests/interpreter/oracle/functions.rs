//! The functions that rules may call, beyond those of the language.

// helpers have the shape of the functions that end with them
#![allow(clippy::unnecessary_wraps)]

mod estate;
mod network;
mod policy;
mod text;
mod time;

use crate::oracle::document::to_json;
use crate::oracle::value::{Map, Node};
use cel::common::functions::Function;
use cel::common::types::{CelBool, CelOptional, CelString, DYN_TYPE, Type};
use cel::common::value::CowVal;
use cel::{Env, ExecutionError};
use serde_json::Value;
use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

type Answer<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

/// A function with its name and how many arguments it takes, a method's receiver among them.
struct Entry {
    name: &'static str,
    method: bool,
    arity: usize,
    function: Function,
}

const fn function(name: &'static str, arity: usize, function: Function) -> Entry {
    Entry { name, method: false, arity, function }
}

const fn method(name: &'static str, arity: usize, function: Function) -> Entry {
    Entry { name, method: true, arity, function }
}

/// The language with all functions, built once.
pub(crate) static LANGUAGE: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib().with_optional_support(true);
    for declared in [env.add_extension(cel::extensions::lists), env.add_extension(cel::extensions::strings)] {
        debug_assert!(declared.is_ok(), "the language's own extensions do not fit each other");
    }
    let own = [
        function(stance_catalog::OPTIONAL_FIELD, 2, optional_field),
        function(super::rewrite::SAME, 2, same),
        function(super::rewrite::AMONG, 2, among),
    ];
    for entry in own
        .iter()
        .chain(text::ENTRIES)
        .chain(time::ENTRIES)
        .chain(estate::ENTRIES)
        .chain(policy::ENTRIES)
        .chain(network::ENTRIES)
    {
        let id = format!("{}_{}", entry.name, entry.arity);
        let declared = if entry.method {
            let arguments = any(entry.arity - 1);
            env.add_member_overload(entry.name, &id, DYN_TYPE, arguments, entry.function)
        } else {
            env.add_overload(entry.name, &id, any(entry.arity), entry.function)
        };
        debug_assert!(declared.is_ok(), "{} is declared twice", entry.name);
    }
    Arc::new(env)
});

/// Argument types that admit every value.
fn any(count: usize) -> Vec<Type> {
    std::iter::repeat_with(|| DYN_TYPE).take(count).collect()
}

/// Optional selection that hides a missing field, and nothing else.
fn optional_field<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [operand, key] = take(args)?;
    let found = match operand.downcast_ref::<CelOptional>() {
        Some(optional) => match optional.inner() {
            Some(inner) => field(inner, key.as_ref())?,
            None => None,
        },
        None => field(operand.as_ref(), key.as_ref())?,
    };
    Ok(CowVal::owned(found.map_or_else(CelOptional::none, CelOptional::of)))
}

/// Equality that does not depend on which side a value stands: the interpreter asks only the left one.
fn same<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [left, right] = take(args)?;
    truth(are_same(left.as_ref(), right.as_ref()))
}

fn are_same(left: &dyn cel::common::value::Val, right: &dyn cel::common::value::Val) -> bool {
    use crate::oracle::value::{List, Map, Unreadable};
    let is_ours = |value: &dyn cel::common::value::Val| {
        value.downcast_ref::<List>().is_some()
            || value.downcast_ref::<Map>().is_some()
            || value.downcast_ref::<Unreadable>().is_some()
    };
    let is_partial = right.downcast_ref::<List>().is_some_and(|list| list.gap().is_some());
    if is_partial || is_ours(right) && !is_ours(left) { right.equals(left) } else { left.equals(right) }
}

/// `in` over a list with that equality.
fn among<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [item, container] = take(args)?;
    if let (cel::common::types::Kind::List, Some(items)) =
        (container.get_type().kind(), container.as_iterable())
    {
        let mut items = items.iter();
        while let Some(known) = items.next() {
            if known.downcast_ref::<crate::oracle::value::Unreadable>().is_none()
                && are_same(known, item.as_ref())
            {
                return truth(true);
            }
        }
    }
    let wrong = || {
        let types = vec![item.get_type().name().to_owned(), container.get_type().name().to_owned()];
        ExecutionError::no_such_overload("@in", types)
    };
    truth(container.as_container().ok_or_else(wrong)?.contains(item.as_ref())?)
}

fn field<'v>(
    value: &(dyn cel::common::value::Val + 'v),
    key: &dyn cel::common::value::Val,
) -> Result<Option<Box<dyn cel::common::value::Val + 'v>>, ExecutionError> {
    // a field of a text or number is a misreading of the answer, not a missing field
    let indexer = value.as_indexer().ok_or_else(|| {
        ExecutionError::function_error("field", format!("a {} has no fields", value.get_type().name()))
    })?;
    match indexer.get(key) {
        Ok(found) => Ok(Some(found.into_owned())),
        Err(ExecutionError::NoSuchKey(_) | ExecutionError::IndexOutOfBounds(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The arguments as an array; the declared arity makes the number right.
fn take<'b, 'v, const N: usize>(args: Vec<CowVal<'b, 'v>>) -> Result<[CowVal<'b, 'v>; N], ExecutionError> {
    let actual = args.len();
    args.try_into().map_err(|_| ExecutionError::invalid_argument_count(N, actual))
}

fn text_of(value: &CowVal<'_, '_>, function: &str) -> Result<String, ExecutionError> {
    value.downcast_ref::<CelString>().map(|text| text.inner().to_owned()).ok_or_else(|| {
        ExecutionError::function_error(
            function,
            format!("a text is needed, not a {}", value.get_type().name()),
        )
    })
}

fn json_of<'a>(value: &'a CowVal<'_, '_>) -> Result<Cow<'a, Value>, ExecutionError> {
    match value.downcast_ref::<Map>() {
        Some(map) => map.json().map(Cow::Borrowed),
        None => to_json(value.as_ref()).map(Cow::Owned),
    }
}

fn truth<'b, 'v>(value: bool) -> Answer<'b, 'v> {
    Ok(CowVal::owned(CelBool::from(value)))
}

fn texts<'b, 'v>(values: impl IntoIterator<Item = impl AsRef<str>>) -> Answer<'b, 'v> {
    let items = values.into_iter().map(|value| Node::text(value.as_ref())).collect();
    Ok(CowVal::owned(crate::oracle::value::List::of(items, None)))
}

fn node<'b, 'v>(value: &Value) -> Answer<'b, 'v> {
    Ok(match Node::of(value) {
        Some(node) => CowVal::Owned(node.val().clone_as_boxed()),
        None => CowVal::owned(cel::common::types::CelNull),
    })
}
