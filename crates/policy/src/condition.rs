//! The tests in a statement's condition block.

use serde_json::Value;

use crate::document::texts;

/// One operator on one key. All tests of a statement must hold, and each holds
/// where one of its values matches.
#[derive(Debug, Clone)]
pub(crate) struct Test {
    /// As written, for showing.
    pub(crate) written_operator: String,
    /// As written, for showing.
    pub(crate) written_key: String,
    /// In lower case: keys are not case-sensitive.
    pub(crate) key: String,
    pub(crate) values: Vec<String>,
    pub(crate) comparison: Comparison,
    pub(crate) negated: bool,
    pub(crate) quantifier: Quantifier,
    pub(crate) if_exists: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// `*` and `?` are ordinary characters.
    Text,
    /// `*` and `?` are wildcards.
    Like,
    /// Wildcards too, with either of the names that AWS has for it.
    Arn,
    Ip,
    Bool,
    Null,
    /// Numbers, dates, and whatever AWS may add: never about who calls.
    Other,
}

/// How the values of a request are taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantifier {
    One,
    Any,
    All,
}

impl Test {
    /// Reads a condition block; None where it has another form.
    pub(crate) fn parse_block(block: &Value) -> Option<Vec<Test>> {
        let mut tests = Vec::new();
        for (operator, keys) in block.as_object()? {
            for (key, values) in keys.as_object()? {
                tests.push(Test::new(operator, key, texts(values)?));
            }
        }
        Some(tests)
    }

    fn new(operator: &str, key: &str, values: Vec<String>) -> Test {
        let lower = operator.trim().to_ascii_lowercase();
        let (quantifier, rest) = if let Some(rest) = lower.strip_prefix("foranyvalue:") {
            (Quantifier::Any, rest)
        } else if let Some(rest) = lower.strip_prefix("forallvalues:") {
            (Quantifier::All, rest)
        } else {
            (Quantifier::One, lower.as_str())
        };
        let (base, if_exists) = match rest.strip_suffix("ifexists") {
            Some(base) => (base, true),
            None => (rest, false),
        };
        let (comparison, negated) = match base {
            "stringequals" | "stringequalsignorecase" => (Comparison::Text, false),
            "stringnotequals" | "stringnotequalsignorecase" => (Comparison::Text, true),
            "stringlike" => (Comparison::Like, false),
            "stringnotlike" => (Comparison::Like, true),
            "arnequals" | "arnlike" => (Comparison::Arn, false),
            "arnnotequals" | "arnnotlike" => (Comparison::Arn, true),
            "ipaddress" => (Comparison::Ip, false),
            "notipaddress" => (Comparison::Ip, true),
            "bool" => (Comparison::Bool, false),
            "null" => (Comparison::Null, false),
            _ => (Comparison::Other, false),
        };
        Test {
            written_operator: operator.to_owned(),
            written_key: key.to_owned(),
            key: key.trim().to_ascii_lowercase(),
            values,
            comparison,
            negated,
            quantifier,
            if_exists,
        }
    }

    /// Whether every value of the test is this truth, as `Bool` and `Null` read it.
    pub(crate) fn is_truth(&self, truth: bool) -> bool {
        let truth = if truth { "true" } else { "false" };
        !self.values.is_empty() && self.values.iter().all(|v| v.eq_ignore_ascii_case(truth))
    }

    /// Whether a request without the key fails this test. Tests with
    /// `IfExists` or `ForAllValues:` hold for it, as do negated ones; with those
    /// a caller who lacks the key gets through, unless a `Null` test beside it
    /// demands that the key be there.
    pub(crate) fn needs_key(&self, beside: &[Test]) -> bool {
        !self.if_exists && self.quantifier != Quantifier::All
            || beside.iter().any(|other| {
                other.comparison == Comparison::Null && other.key == self.key && other.is_truth(false)
            })
    }

    /// Whether a request without the key meets this negated test.
    pub(crate) fn holds_without_key(&self) -> bool {
        self.negated && self.quantifier != Quantifier::Any
    }

    /// The values as patterns: `*` wherever anything may stand. In comparisons
    /// without wildcards a `*` is an ordinary character, and so becomes one that
    /// is not special.
    pub(crate) fn shapes(&self) -> Vec<String> {
        let wild = self.comparison != Comparison::Text;
        self.values.iter().map(|v| shape(v, wild)).collect()
    }
}

/// A variable that stands for the account or organization of the resource is as
/// good as a literal; all others are under the caller's control or unknown.
fn shape(value: &str, wild: bool) -> String {
    let mut shaped = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(start) = rest.find("${") {
        let (before, from) = rest.split_at(start);
        plain(before, wild, &mut shaped);
        let Some(end) = from.find('}') else {
            rest = from;
            break;
        };
        let (variable, behind) = from.split_at(end + 1);
        shaped.push_str(match variable.to_ascii_lowercase().as_str() {
            "${aws:resourceaccount}" => "000000000000",
            "${aws:resourceorgid}" => "o-resourceorg",
            "${aws:resourceorgpaths}" => "o-resourceorg/",
            // the escapes for the special characters themselves
            "${*}" | "${?}" | "${$}" => "_",
            _ => "*",
        });
        rest = behind;
    }
    plain(rest, wild, &mut shaped);
    shaped
}

fn plain(text: &str, wild: bool, shaped: &mut String) {
    shaped.extend(text.chars().map(|symbol| match symbol {
        '*' | '?' if wild => '*',
        '*' | '?' => '_',
        other => other,
    }));
}
