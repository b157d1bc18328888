//! Texts that stand for other texts: exact, with `*` and `?`, or a regular expression.

use regex::Regex;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A text that stands for others. `/…/` is a regular expression, found anywhere unless anchored;
/// a text with `*` (any run of characters) or `?` (one) must fit as a whole; any other text stands
/// for itself. Case matters everywhere.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    Exact,
    /// With the longest plain part, which most texts do not have: looking for it first is quick.
    Wildcards {
        part: String,
    },
    Expression(Regex),
}

/// A text cannot serve as a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PatternError {
    /// Nothing would ever match it, or everything.
    #[error("an empty text is no pattern; leave the field out, or write `*` for anything")]
    Empty,
    /// The regular expression is not one, or uses what the `regex` crate leaves out.
    #[error("`{text}` is not a regular expression that can be used here: {reason}")]
    Expression {
        /// The pattern with its slashes.
        text: String,
        /// What is wrong with it, in one line.
        reason: String,
    },
}

impl Pattern {
    /// Whether it stands for that text.
    pub fn matches(&self, text: &str) -> bool {
        match &self.form {
            Form::Exact => self.text == text,
            Form::Wildcards { part } => contains(text, part) && stance_policy::glob(text, &self.text),
            Form::Expression(expression) => expression.is_match(text),
        }
    }

    /// The text that it stands for, where that is one only.
    pub fn exact(&self) -> Option<&str> {
        match self.form {
            Form::Exact => Some(&self.text),
            Form::Wildcards { .. } | Form::Expression(_) => None,
        }
    }

    /// Whether every match begins as the pattern does, so that it is meant for whole ids too:
    /// `*logs*` is meant for names, and not for each `arn:aws:logs:…`.
    pub(crate) fn has_fixed_start(&self) -> bool {
        match self.form {
            Form::Exact => true,
            Form::Wildcards { .. } => !self.text.starts_with(['*', '?']),
            Form::Expression(_) => false,
        }
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().is_empty() {
            return Err(PatternError::Empty);
        }
        let inner = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
        let form = match inner {
            Some("") => return Err(PatternError::Empty),
            Some(inner) => Form::Expression(Regex::new(inner).map_err(|error| PatternError::Expression {
                text: text.to_owned(),
                reason: reason(&error),
            })?),
            None if text.contains(['*', '?']) => {
                let longest = text.split(['*', '?']).max_by_key(|part| part.len());
                Form::Wildcards { part: longest.unwrap_or_default().to_owned() }
            }
            None => Form::Exact,
        };
        Ok(Self { text: text.to_owned(), form })
    }
}

/// Whether the part stands somewhere in the text; for texts as short as names, quicker than a search
/// that has to be prepared.
fn contains(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    let Some(first) = part.first() else { return true };
    text.iter()
        .enumerate()
        .any(|(at, byte)| byte == first && text.get(at..).is_some_and(|rest| rest.starts_with(part)))
}

/// The last line of the crate's message, which says what is wrong; the others draw it.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::text::read(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(pattern: &str, text: &str) -> bool {
        pattern.parse::<Pattern>().unwrap().matches(text)
    }

    #[test]
    fn a_plain_text_stands_for_itself_and_case_matters() {
        assert!(matches("logs", "logs"));
        assert!(!matches("logs", "Logs") && !matches("logs", "my-logs"));
        assert!(matches("/aws/lambda/billing", "/aws/lambda/billing"));
    }

    #[test]
    fn wildcards_must_fit_the_whole_text() {
        assert!(matches("acme-*", "acme-invoices"));
        assert!(matches("i-?", "i-1"));
        assert!(!matches("acme-*", "my-acme-invoices"));
    }

    #[test]
    fn an_expression_between_slashes_is_found_anywhere_unless_anchored() {
        assert!(matches("/log(s|ging)/", "my-logging-bucket"));
        assert!(!matches("/^log(s|ging)$/", "my-logging-bucket"));
    }

    #[test]
    fn what_cannot_be_a_pattern_says_why() {
        let refusal = |text: &str| text.parse::<Pattern>().unwrap_err().to_string();
        assert_eq!(
            refusal(" "),
            "an empty text is no pattern; leave the field out, or write `*` for anything"
        );
        assert_eq!(
            refusal("/a(?=b)/"),
            "`/a(?=b)/` is not a regular expression that can be used here: look-around, including look-ahead and look-behind, is not supported"
        );
        assert_eq!(
            refusal("/a(/"),
            "`/a(/` is not a regular expression that can be used here: unclosed group"
        );
    }

    proptest! {
        #[test]
        fn looking_for_a_part_first_changes_nothing(pattern in "[ab*?é]{1,6}", text in "[abé]{0,8}") {
            prop_assert_eq!(
                matches(&pattern, &text),
                if pattern.contains(['*', '?']) { stance_policy::glob(&text, &pattern) } else { pattern == text }
            );
        }
    }
}
