//! A value that does not fit, with its path and place.

use crate::hint::nearest;
use crate::node::{Scalar, Step};
use crate::{Origin, Problem};
use serde::de::{Error, Expected, Unexpected};
use stance_model::printable;
use std::fmt;

/// A value that does not fit.
#[derive(Debug)]
pub(super) struct Misfit {
    /// From the value outwards.
    steps: Vec<Step>,
    origin: Option<Origin>,
    reason: Reason,
}

#[derive(Debug)]
enum Reason {
    /// A sentence that names no key.
    Message(String),
    /// A key that has to be there is not.
    Lack(&'static str),
}

impl Misfit {
    pub fn new(origin: &Origin, message: impl Into<String>) -> Self {
        Self { steps: Vec::new(), origin: Some(origin.clone()), reason: Reason::Message(message.into()) }
    }

    pub fn expected(origin: &Origin, scalar: &Scalar, what: &str) -> Self {
        let written = if scalar.text.is_empty() {
            "nothing".to_owned()
        } else {
            format!("`{}`", printable(&scalar.text))
        };
        Self::new(origin, format!("{written} is not {what}"))
    }

    /// The same, of a value in which that one stands; the innermost place counts.
    pub fn within(mut self, step: Step, origin: &Origin) -> Self {
        self.steps.push(step);
        self.at(origin)
    }

    pub fn at(mut self, origin: &Origin) -> Self {
        self.origin.get_or_insert_with(|| origin.clone());
        self
    }

    pub fn path(&self) -> Vec<Step> {
        self.steps.iter().rev().cloned().collect()
    }

    pub fn is_lack(&self) -> bool {
        matches!(self.reason, Reason::Lack(_))
    }

    pub fn problem(&self, path: &str) -> Problem {
        let message = match &self.reason {
            Reason::Message(message) => format!("`{path}`: {message}"),
            Reason::Lack(key) => format!("`{path}` lacks `{key}`; add it"),
        };
        Problem::new(self.origin.clone().unwrap_or_default(), message)
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::Message(message) => f.write_str(message),
            Reason::Lack(key) => write!(f, "`{key}` is missing"),
        }
    }
}

impl std::error::Error for Misfit {}

impl Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { steps: Vec::new(), origin: None, reason: Reason::Message(message.to_string()) }
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format!("{unexpected} stands here, but {expected} is expected"))
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(unexpected, expected)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let words = expected.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        let hint = nearest(variant, expected.iter().copied())
            .map(|word| format!("; did you mean `{word}`?"))
            .unwrap_or_default();
        Self::custom(format!("`{}` is not one of {words}{hint}", printable(variant)))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let hint = nearest(field, expected.iter().copied())
            .map(|word| format!("; did you mean `{word}`?"))
            .unwrap_or_default();
        Self::custom(format!("`{}` is not a key here{hint}", printable(field)))
    }

    fn missing_field(field: &'static str) -> Self {
        Self { steps: Vec::new(), origin: None, reason: Reason::Lack(field) }
    }
}
