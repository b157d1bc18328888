//! What a value without quotes is, where no type says what it should be.

use crate::node::Scalar;
use serde_json::Value;

/// The value, by YAML 1.2's core schema. A number that would not survive, as one with leading zeros or
/// with too many digits, stays text.
pub(crate) fn resolve(scalar: &Scalar) -> Value {
    if !scalar.plain {
        return Value::String(scalar.text.clone());
    }
    if scalar.is_null() {
        return Value::Null;
    }
    match scalar.text.as_str() {
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        text => number(text).unwrap_or_else(|| Value::String(text.to_owned())),
    }
}

fn number(text: &str) -> Option<Value> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    // no words such as `inf`, no underscores, and no zeros that would be lost
    let begins_well = digits.starts_with(|c: char| c.is_ascii_digit());
    let padded = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    if !begins_well || padded || text.starts_with('+') {
        return None;
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<u64>().map(Value::from)).ok();
    }
    let decimal =
        digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'-' | b'+'));
    if !decimal {
        return None;
    }
    serde_json::Number::from_f64(text.parse().ok()?).map(Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn plain(text: &str) -> Value {
        resolve(&Scalar { text: text.to_owned(), plain: true })
    }

    #[test]
    fn numbers_that_would_not_survive_stay_text() {
        for text in [
            "012345678901",
            "99999999999999999999999",
            "1_000",
            "+5",
            "0x1F",
            "1e999",
            "1.2.3",
            "2027-01-31",
            "-",
        ] {
            assert_eq!(plain(text), json!(text));
        }
    }

    #[test]
    fn other_plain_values_are_what_they_look_like() {
        assert_eq!(plain("123456789012"), json!(123_456_789_012_u64));
        assert_eq!(plain("-1.5"), json!(-1.5));
        assert_eq!(plain("0"), json!(0));
        assert_eq!(plain("True"), json!(true));
        assert_eq!(plain("~"), json!(null));
        assert_eq!(plain("yes"), json!("yes"));
    }
}
