//! Policy documents: from the forms in which AWS hands them out to statements.

use serde_json::{Map, Value};

use crate::condition::Test;
use crate::principal::{Named, Principals};
use crate::statement::{Effect, Selection, Statement};

/// Longer than any pattern that AWS accepts; comparing two patterns takes the
/// product of their lengths, so there must be an end.
const LONGEST_PATTERN: usize = 4096;

/// A parsed policy document, or several together.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    pub(crate) statements: Vec<Statement>,
}

/// Why a document could not be understood. A document that says nothing
/// understandable must never be taken for one that grants nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The text is neither JSON nor URL-encoded JSON.
    #[error("policy document is not JSON: {0}")]
    NotJson(String),
    /// The document is a number, a list or the like.
    #[error("policy document is not a map but `{0}`")]
    NotAMap(&'static str),
    /// A document with content, but without statements.
    #[error("policy document has no `Statement`")]
    NoStatement,
    /// A statement that is not a map.
    #[error("statement {statement} is not a map")]
    StatementNotAMap {
        /// Which statement, counted from 1.
        statement: usize,
    },
    /// `Effect` is missing or neither `Allow` nor `Deny`.
    #[error("statement {statement} has the effect `{found}`, which is neither `Allow` nor `Deny`")]
    Effect {
        /// Which statement, counted from 1.
        statement: usize,
        /// What stands there.
        found: String,
    },
    /// Neither `Action` nor `NotAction`.
    #[error("statement {statement} has neither `Action` nor `NotAction`")]
    NoAction {
        /// Which statement, counted from 1.
        statement: usize,
    },
    /// An element together with its negation.
    #[error("statement {statement} has both `{element}` and `Not{element}`")]
    Both {
        /// Which statement, counted from 1.
        statement: usize,
        /// The element.
        element: &'static str,
    },
    /// An element that must be a text or a list of texts.
    #[error("statement {statement} has an `{element}` that is neither a text nor a list of texts")]
    NotTexts {
        /// Which statement, counted from 1.
        statement: usize,
        /// The element.
        element: String,
    },
    /// A pattern longer than AWS accepts.
    #[error("statement {statement} has a pattern of {length} bytes, more than `{LONGEST_PATTERN}`")]
    TooLong {
        /// Which statement, counted from 1.
        statement: usize,
        /// How long it is.
        length: usize,
    },
    /// A principal of an unknown form.
    #[error("statement {statement} has a principal that is not understood")]
    Principal {
        /// Which statement, counted from 1.
        statement: usize,
    },
    /// A condition block of an unknown form.
    #[error("statement {statement} has a condition that is not understood")]
    Condition {
        /// Which statement, counted from 1.
        statement: usize,
    },
}

impl Policy {
    /// Reads a document: a map, JSON text, or URL-encoded JSON text.
    ///
    /// `null`, an empty text and an empty map are documents that say nothing;
    /// several AWS calls answer so where there is no policy. Any other map must
    /// have a `Statement`, so that a wrapper around a document is not taken for
    /// a document that grants nothing. Names of elements are read in any case;
    /// unknown elements are skipped; numbers and booleans where texts belong are
    /// read as texts.
    pub fn parse(document: &Value) -> Result<Policy, PolicyError> {
        match document {
            Value::Null => Ok(Policy::empty()),
            Value::Object(map) => from_map(map),
            Value::String(text) if text.trim().is_empty() => Ok(Policy::empty()),
            Value::String(text) => match &parse_text(text)? {
                Value::Null => Ok(Policy::empty()),
                Value::Object(map) => from_map(map),
                other => Err(PolicyError::NotAMap(kind(other))),
            },
            other => Err(PolicyError::NotAMap(kind(other))),
        }
    }

    /// A document that says nothing.
    pub fn empty() -> Policy {
        Policy::default()
    }

    /// Several documents as one, such as all policies of an identity.
    pub fn together(policies: impl IntoIterator<Item = Policy>) -> Policy {
        Policy { statements: policies.into_iter().flat_map(|p| p.statements).collect() }
    }

    pub(crate) fn allow_statements(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(|s| s.allows())
    }

    pub(crate) fn deny_statements(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(|s| s.denies())
    }
}

/// A text or a list of texts as a list; None for anything else.
pub(crate) fn texts(value: &Value) -> Option<Vec<String>> {
    fn text(value: &Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            _ => None,
        }
    }
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        one => text(one).map(|one| vec![one]),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

fn parse_text(text: &str) -> Result<Value, PolicyError> {
    serde_json::from_str(text).or_else(|error| {
        // The IAM calls hand documents out URL-encoded. A JSON document never
        // starts with a percent sign, and an encoded one always does.
        let decoded = text.trim_start().starts_with('%').then(|| percent_decode(text)).flatten();
        match decoded {
            Some(decoded) => serde_json::from_str(&decoded).map_err(|e| PolicyError::NotJson(e.to_string())),
            None => Err(PolicyError::NotJson(error.to_string())),
        }
    })
}

/// RFC 3986: `+` stays as it is. None where the result is no text.
fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            decoded.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

fn from_map(map: &Map<String, Value>) -> Result<Policy, PolicyError> {
    if map.is_empty() {
        return Ok(Policy::empty());
    }
    let statements = match element(map, "Statement") {
        None | Some(Value::Null) => return Err(PolicyError::NoStatement),
        Some(Value::Array(items)) => items
            .iter()
            .enumerate()
            .map(|(index, item)| statement(item, index + 1))
            .collect::<Result<_, _>>()?,
        Some(one) => vec![statement(one, 1)?],
    };
    Ok(Policy { statements })
}

fn element<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    map.get(name)
        .or_else(|| map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

fn statement(value: &Value, number: usize) -> Result<Statement, PolicyError> {
    let Value::Object(map) = value else {
        return Err(PolicyError::StatementNotAMap { statement: number });
    };
    let effect = match element(map, "Effect") {
        Some(Value::String(text)) if text.eq_ignore_ascii_case("allow") => Effect::Allow,
        Some(Value::String(text)) if text.eq_ignore_ascii_case("deny") => Effect::Deny,
        found => {
            return Err(PolicyError::Effect {
                statement: number,
                found: found.map_or_else(|| "nothing".to_owned(), excerpt),
            });
        }
    };
    let Some(written_actions) = selection(map, "Action", "NotAction", number)? else {
        return Err(PolicyError::NoAction { statement: number });
    };
    let actions = match &written_actions {
        Selection::Only(patterns) => Selection::Only(lower(patterns)),
        Selection::Except(patterns) => Selection::Except(lower(patterns)),
    };
    let resources = selection(map, "Resource", "NotResource", number)?;
    let principals = match (element(map, "Principal"), element(map, "NotPrincipal")) {
        (Some(_), Some(_)) => {
            return Err(PolicyError::Both { statement: number, element: "Principal" });
        }
        (Some(only), None) => Some(Principals::Only(Named::parse(only, number)?)),
        (None, Some(except)) => Some(Principals::Except(Named::parse(except, number)?)),
        (None, None) => None,
    };
    let conditions = match element(map, "Condition") {
        None | Some(Value::Null) => Vec::new(),
        Some(block) => Test::parse_block(block).ok_or(PolicyError::Condition { statement: number })?,
    };
    let sid = element(map, "Sid").and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(Statement { sid, effect, principals, written_actions, actions, resources, conditions })
}

fn selection(
    map: &Map<String, Value>,
    only: &'static str,
    except: &str,
    number: usize,
) -> Result<Option<Selection>, PolicyError> {
    let read = |name: &str, value: &Value| {
        let list = texts(value)
            .ok_or_else(|| PolicyError::NotTexts { statement: number, element: name.to_owned() })?;
        match list.iter().map(String::len).find(|l| *l > LONGEST_PATTERN) {
            Some(length) => Err(PolicyError::TooLong { statement: number, length }),
            None => Ok(list),
        }
    };
    match (element(map, only), element(map, except)) {
        (Some(_), Some(_)) => Err(PolicyError::Both { statement: number, element: only }),
        (Some(value), None) => Ok(Some(Selection::Only(read(only, value)?))),
        (None, Some(value)) => Ok(Some(Selection::Except(read(except, value)?))),
        (None, None) => Ok(None),
    }
}

fn lower(patterns: &[String]) -> Vec<String> {
    patterns.iter().map(|p| p.to_ascii_lowercase()).collect()
}

fn excerpt(value: &Value) -> String {
    match value {
        Value::String(text) => text.chars().take(40).collect(),
        other => kind(other).to_owned(),
    }
}

#[cfg(test)]
mod tests;
