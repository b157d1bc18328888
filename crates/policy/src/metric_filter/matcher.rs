//! A filter against an event.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value;

use super::{Filter, Fixed, Node, Operator, Selector, Step, Term};
use crate::glob::with_stars;

impl Filter {
    /// Whether the event matches. A comparison, `!=` among them, needs a text,
    /// number or boolean at its selector: it does not match where the field is
    /// missing, a list, or a map. `*` in a value stands for any text.
    pub fn matches(&self, event: &Value) -> bool {
        self.root.matches(event)
    }
}

impl Node {
    fn matches(&self, event: &Value) -> bool {
        match self {
            Node::All(nodes) => nodes.iter().all(|node| node.matches(event)),
            Node::Any(nodes) => nodes.iter().any(|node| node.matches(event)),
            Node::Compare(selector, operator, term) => {
                selector.find(event).into_iter().any(|value| compare(value, *operator, term))
            }
            Node::Is(selector, fixed) => selector.find(event).into_iter().any(|value| match fixed {
                Fixed::Null => value.is_null(),
                Fixed::True => value == &Value::Bool(true),
                Fixed::False => value == &Value::Bool(false),
            }),
            Node::NotExists(selector) => selector.find(event).is_empty(),
        }
    }
}

impl Selector {
    fn find<'a>(&self, event: &'a Value) -> Vec<&'a Value> {
        let mut found = vec![event];
        for step in &self.0 {
            found = found
                .into_iter()
                .flat_map(|value| match step {
                    Step::Field(name) => value.get(name).into_iter().collect(),
                    Step::Index(index) => value.get(index).into_iter().collect(),
                    Step::Every => value.as_array().into_iter().flatten().collect::<Vec<_>>(),
                })
                .collect();
        }
        found
    }
}

fn compare(value: &Value, operator: Operator, term: &Term) -> bool {
    match operator {
        Operator::Equal => equal(value, term) == Some(true),
        Operator::NotEqual => equal(value, term) == Some(false),
        Operator::Less => ordered(value, term, |found, wanted| found < wanted),
        Operator::LessOrEqual => ordered(value, term, |found, wanted| found <= wanted),
        Operator::Greater => ordered(value, term, |found, wanted| found > wanted),
        Operator::GreaterOrEqual => ordered(value, term, |found, wanted| found >= wanted),
    }
}

/// None where the value cannot be compared with the term.
fn equal(value: &Value, term: &Term) -> Option<bool> {
    if let Term::Bare(word) = term
        && word.eq_ignore_ascii_case("null")
    {
        return Some(value.is_null());
    }
    let text = match value {
        Value::String(text) => Cow::Borrowed(text.as_str()),
        Value::Number(number) => Cow::Owned(number.to_string()),
        Value::Bool(truth) => Cow::Borrowed(if *truth { "true" } else { "false" }),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    Some(match term {
        Term::Regex(regex) => regex.is_match(&text),
        Term::Quoted(pattern) => with_stars(&text, pattern),
        Term::Bare(pattern) => {
            same_number(value, pattern)
                || value.is_boolean() && pattern.eq_ignore_ascii_case(&text)
                || with_stars(&text, pattern)
        }
    })
}

/// `1`, `1.0` and `1e0` are one number.
fn same_number(value: &Value, text: &str) -> bool {
    number_of(value, text).is_some_and(|(found, wanted)| found.partial_cmp(&wanted) == Some(Ordering::Equal))
}

fn ordered(value: &Value, term: &Term, holds: impl Fn(f64, f64) -> bool) -> bool {
    match term {
        Term::Bare(text) => number_of(value, text).is_some_and(|(found, wanted)| holds(found, wanted)),
        Term::Quoted(_) | Term::Regex(_) => false,
    }
}

fn number_of(value: &Value, text: &str) -> Option<(f64, f64)> {
    match value {
        Value::Number(found) => found.as_f64().zip(text.parse().ok()),
        _ => None,
    }
}
