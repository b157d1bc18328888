//! The functions that rules may call: those of the language, and those that Stance adds to it.

// helpers have the shape of the functions that end with them
#![allow(clippy::unnecessary_wraps)]

mod conversions;
mod estate;
mod lists;
mod memory;
mod network;
mod optionals;
mod policy;
mod texts;
mod time;
mod versions;

use crate::document::to_json;
use crate::failure::{Answer, Failure};
use crate::program::Run;
use crate::value::{Json, List, Value};
use std::borrow::Cow;

pub(crate) use memory::Memory;

/// A function with its name and how many arguments it takes, a method's receiver among them.
pub(crate) struct Function {
    pub name: &'static str,
    pub method: bool,
    arity: usize,
    pub body: Body,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Function")
            .field("name", &self.name)
            .field("arity", &self.arity)
            .finish_non_exhaustive()
    }
}

type Body = for<'v> fn(&mut Run<'v>, &[Value<'v>]) -> Answer<'v>;

const fn function(name: &'static str, arity: usize, body: Body) -> Function {
    Function { name, method: false, arity, body }
}

const fn method(name: &'static str, arity: usize, body: Body) -> Function {
    Function { name, method: true, arity, body }
}

/// All functions, by what they are about.
static ALL: [&[Function]; 9] = [
    conversions::FUNCTIONS,
    estate::FUNCTIONS,
    lists::FUNCTIONS,
    network::FUNCTIONS,
    optionals::FUNCTIONS,
    policy::FUNCTIONS,
    texts::FUNCTIONS,
    time::FUNCTIONS,
    versions::FUNCTIONS,
];

fn all() -> impl Iterator<Item = &'static Function> {
    ALL.into_iter().flatten()
}

/// The function of that name for so many arguments, a method's receiver among them.
pub(crate) fn find(name: &str, method: bool, arguments: usize) -> Option<&'static Function> {
    all().find(|known| known.name == name && known.method == method && known.arity == arguments)
}

/// The text of an argument.
fn text_of<'a>(value: &'a Value<'_>, function: &str) -> Result<&'a str, Failure<'static>> {
    match value {
        Value::Text(text) => Ok(text.as_str()),
        other => Err(Failure::of(function, format_args!("a text is needed, not a {}", other.type_name()))),
    }
}

fn json_of<'v>(run: &mut Run<'v>, value: &Value<'v>) -> Result<Cow<'v, Json>, Failure<'v>> {
    to_json(value, &mut run.touched)
}

fn truth<'v>(value: bool) -> Answer<'v> {
    Ok(Value::Bool(value))
}

fn number<'v>(value: usize) -> Answer<'v> {
    Ok(Value::Int(i64::try_from(value).unwrap_or(i64::MAX)))
}

fn made_texts<'v>(texts: impl IntoIterator<Item = impl Into<String>>) -> Answer<'v> {
    let items = texts.into_iter().map(|text| Value::made_text(text.into())).collect();
    Ok(Value::List(List::made(items)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_catalog_knows_exactly_the_functions_that_exist() {
        let here: BTreeSet<(&str, bool, usize)> = all()
            .map(|function| (function.name, function.method, function.arity - usize::from(function.method)))
            .collect();
        let there: BTreeSet<(&str, bool, usize)> = stance_catalog::FUNCTIONS
            .iter()
            .chain(stance_catalog::LANGUAGE)
            .flat_map(|known| known.arity.iter().map(move |arity| (known.name, known.method, *arity)))
            .collect();
        assert_eq!(here, there);
    }
}
