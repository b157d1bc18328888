//! Filter patterns of CloudWatch Logs for JSON events, as metric filters use
//! them: `{ ($.eventName = "ConsoleLogin") && ($.errorMessage NOT EXISTS) }`.
//!
//! Patterns for plain text and for space-separated fields are not of this
//! language, and are errors here.

mod matcher;
mod parser;

use std::fmt;

use regex::Regex;
use serde_json::Value;

pub use parser::{FilterError, parse};

/// Whether the filter pattern matches every one of the events.
///
/// An unparsable pattern matches nothing, and neither does any pattern where no
/// event is given: an alarm that nobody tried must not count as one that rings.
pub fn catches(pattern: &str, events: &[Value]) -> bool {
    match parse(pattern) {
        Ok(filter) => !events.is_empty() && events.iter().all(|event| filter.matches(event)),
        Err(_) => false,
    }
}

/// A parsed filter pattern. Its `Display` is a pattern that means the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    root: Node,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Compare(Selector, Operator, Term),
    Is(Selector, Fixed),
    NotExists(Selector),
}

/// The way to a value in an event.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Selector(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Field(String),
    Index(usize),
    /// Every element of a list; one that matches is enough.
    Every,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fixed {
    Null,
    True,
    False,
}

/// What a value is compared with.
#[derive(Debug, Clone)]
enum Term {
    Quoted(String),
    Bare(String),
    Regex(Regex),
}

impl PartialEq for Term {
    fn eq(&self, other: &Term) -> bool {
        match (self, other) {
            (Term::Quoted(one), Term::Quoted(two)) | (Term::Bare(one), Term::Bare(two)) => one == two,
            (Term::Regex(one), Term::Regex(two)) => one.as_str() == two.as_str(),
            _ => false,
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{ {} }}", self.root)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Node::All(nodes) => joined(f, nodes, "&&"),
            Node::Any(nodes) => joined(f, nodes, "||"),
            Node::Compare(selector, operator, term) => {
                let operator = match operator {
                    Operator::Equal => "=",
                    Operator::NotEqual => "!=",
                    Operator::Less => "<",
                    Operator::LessOrEqual => "<=",
                    Operator::Greater => ">",
                    Operator::GreaterOrEqual => ">=",
                };
                write!(f, "{selector} {operator} {term}")
            }
            Node::Is(selector, Fixed::Null) => write!(f, "{selector} IS NULL"),
            Node::Is(selector, Fixed::True) => write!(f, "{selector} IS TRUE"),
            Node::Is(selector, Fixed::False) => write!(f, "{selector} IS FALSE"),
            Node::NotExists(selector) => write!(f, "{selector} NOT EXISTS"),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, nodes: &[Node], by: &str) -> fmt::Result {
    for (index, node) in nodes.iter().enumerate() {
        if index > 0 {
            write!(f, " {by} ")?;
        }
        match node {
            Node::All(_) | Node::Any(_) => write!(f, "({node})")?,
            _ => write!(f, "{node}")?,
        }
    }
    Ok(())
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        for step in &self.0 {
            match step {
                Step::Field(name) if !name.is_empty() && name.chars().all(parser::is_plain) => {
                    write!(f, ".{name}")?;
                }
                Step::Field(name) => write!(f, "[{}]", quoted(name))?,
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Every => f.write_str("[*]")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Term::Quoted(text) => f.write_str(&quoted(text)),
            Term::Bare(text) => f.write_str(text),
            Term::Regex(regex) => write!(f, "%{}%", regex.as_str()),
        }
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests;
