//! Values as YAML in one line, which reads back as the same value.

use crate::node::Scalar;
use crate::read::resolve;
use serde_json::Value;
use std::fmt::Write;

/// The value in one line.
pub(crate) fn inline(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| format!("{}: {}", key(name), inline(value)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        Value::String(text) => scalar(text),
        Value::Number(number) => {
            // 20.0 is 20 to people
            let text = number.to_string();
            text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
        }
        other => other.to_string(),
    }
}

/// A key.
pub(crate) fn key(name: &str) -> String {
    scalar(name)
}

/// A text, with quotes where it would else be taken for something other.
fn scalar(text: &str) -> String {
    let harmless = text
        .starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '~' | '.' | '_' | '('))
        && text.chars().all(|c| c.is_ascii_alphanumeric() || " _./:@+~*=()-".contains(c))
        && !text.contains(": ")
        && !text.ends_with([':', ' ']);
    let stays_text =
        resolve(&Scalar { text: text.to_owned(), plain: true }) == Value::String(text.to_owned());
    // digits are text to this reader, but not to every other one
    let looks_like_a_number =
        text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'-' | b'_'));
    if harmless && stays_text && !looks_like_a_number { text.to_owned() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            // writing to a string cannot fail
            c if is_hidden(c) => _ = write!(quoted, "\\U{:08x}", u32::from(c)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a terminal or an eye may be led astray by it.
fn is_hidden(c: char) -> bool {
    matches!(stance_model::printable(c.encode_utf8(&mut [0; 4])), std::borrow::Cow::Owned(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Origin;
    use crate::node::{Content, Node};
    use crate::yaml::{Source, parse};
    use proptest::prelude::*;
    use serde_json::json;

    fn value_of(node: &Node) -> Value {
        match &node.content {
            Content::Removed => Value::Null,
            Content::Scalar(scalar) => resolve(scalar),
            Content::List(items) => items.iter().map(value_of).collect(),
            Content::Map(entries) => {
                entries.iter().map(|entry| (entry.key.clone(), value_of(&entry.value))).collect()
            }
        }
    }

    #[test]
    fn quotes_stand_only_where_they_are_needed() {
        let value = json!({"a": "eu-west-1", "b": "111122223333", "c": ["yes", "true", "arn:aws:iam::1:role/x"], "d": "a: b", "e": "03:00"});
        assert_eq!(
            inline(&value),
            r#"{ a: eu-west-1, b: "111122223333", c: [yes, "true", arn:aws:iam::1:role/x], d: "a: b", e: "03:00" }"#
        );
    }

    proptest! {
        #[test]
        fn any_text_reads_back(text in "\\PC*|[ -~\\n\\t\u{202e}\u{7f}\u{85}]*", name in "[ -~]{1,10}") {
            let value = json!({ name: [text] });
            let yaml = format!("key: {}\n", inline(&value));
            let (node, _) = parse(&yaml, &Source::Variable(&Origin::Default)).unwrap();
            prop_assert_eq!(value_of(&node.unwrap()), json!({ "key": value }), "{}", yaml);
        }
    }
}
