//! Puts markers in the place of secrets.

use crate::marker::{SENSITIVE, marker};
use crate::{encoded, known_format, named_value};
use serde_json::{Map, Value};
use std::ops::Range;

/// Types of variables whose value only names where the secret is kept.
const KEPT_ELSEWHERE: &[&str] = &["PARAMETER_STORE", "SECRETS_MANAGER"];

/// Conceals every secret in a value, at any depth. Maps and lists of pairs of name and value are
/// understood, since a name may be what tells a secret.
/// `name` is what the value is called, if it has a name.
pub fn conceal(name: Option<&str>, value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(concealed) = conceal_text(name, text) {
                *text = concealed;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| conceal(name, item)),
        Value::Object(members) => {
            let pair = name_in_pair(members).map(str::to_owned);
            let kept_elsewhere = members
                .values()
                .any(|member| member.as_str().is_some_and(|text| KEPT_ELSEWHERE.contains(&text)));
            for (key, member) in members.iter_mut() {
                match &pair {
                    Some(_) if kept_elsewhere => {}
                    Some(name) if is_value(key) => conceal(Some(name), member),
                    Some(_) => {}
                    None => conceal(Some(key), member),
                }
            }
        }
        _ => {}
    }
}

/// The name, where a map is a pair of a name and a value, as `{name: …, value: …}` or
/// `{OutputKey: …, OutputValue: …}`.
pub(crate) fn name_in_pair(members: &Map<String, Value>) -> Option<&str> {
    if !members.keys().any(|key| is_value(key)) {
        return None;
    }
    let is_name = |key: &str| {
        let key = key.to_ascii_lowercase();
        key.ends_with("name") || key.ends_with("key")
    };
    members.iter().find(|(key, _)| is_name(key)).and_then(|(_, name)| name.as_str())
}

fn is_value(key: &str) -> bool {
    key.to_ascii_lowercase().ends_with("value")
}

/// The text with a marker in the place of each secret; nothing where there is none. `name` is what
/// the text is called, if it has a name.
pub fn conceal_text(name: Option<&str>, text: &str) -> Option<String> {
    let mut secrets = known_format::find(text);
    if secrets.is_empty()
        && let Some(kind) = name.and_then(|name| named_value::kind(name, text))
    {
        return Some(marker(kind));
    }
    secrets.extend(named_value::find(text));
    if !secrets.is_empty() {
        return Some(replaced(text, secrets));
    }
    // of an encoded text nothing readable is lost when it goes whole
    let mut kinds = encoded::decoded(text).map(|text| kinds_in(&text)).unwrap_or_default();
    kinds.sort_unstable();
    kinds.dedup();
    let markers: Vec<String> = kinds.into_iter().map(marker).collect();
    (!markers.is_empty()).then(|| markers.join(" "))
}

fn kinds_in(text: &str) -> Vec<&'static str> {
    known_format::find(text).into_iter().chain(named_value::find(text)).map(|(_, kind)| kind).collect()
}

/// What may be kept of a text that the provider marks as sensitive: nothing but the kind of a secret
/// in it.
pub fn conceal_sensitive(name: Option<&str>, text: &str) -> String {
    let by_form = known_format::find(text).first().map(|(_, kind)| *kind);
    let kind = by_form
        .or_else(|| name.and_then(|name| named_value::kind(name, text)))
        .or_else(|| kinds_in(text).first().copied())
        .or_else(|| kinds_in(&encoded::decoded(text)?).first().copied());
    kind.map_or_else(|| SENSITIVE.to_owned(), marker)
}

fn replaced(text: &str, mut secrets: Vec<(Range<usize>, &'static str)>) -> String {
    // of those that overlap, the one that starts first and reaches farthest
    secrets.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (range, kind) in secrets {
        if range.start < done {
            // what reaches beyond the last one is part of a secret too
            done = done.max(range.end);
            continue;
        }
        out.push_str(text.get(done..range.start).unwrap_or_default());
        out.push_str(&marker(kind));
        done = range.end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Found, found};
    use proptest::prelude::*;
    use serde_json::json;

    // put together here, so that no text of this file looks like a key to those who search it
    fn access_key() -> String {
        ["AKIA", "QZ7K2M4NPX3RT6VY"].concat()
    }

    #[test]
    fn secrets_leave_a_value_and_their_kinds_stay() {
        let mut value = json!({
            "environment": [
                { "name": "DB_PASSWORD", "value": "hunter2" },
                { "name": "STAGE", "value": "prod" },
                { "name": "KEY", "value": access_key() },
            ],
            "script": format!("export A={}\necho done", access_key()),
        });
        conceal(None, &mut value);
        let text = value.to_string();
        assert!(!text.contains("hunter2") && !text.contains("AKIA"), "{text}");
        assert!(text.contains("echo done") && text.contains("prod"), "{text}");
        let kinds: Vec<(String, String)> =
            found(&value).into_iter().map(|Found { kind, place }| (kind, place)).collect();
        assert_eq!(
            kinds,
            [
                ("aws-access-key".to_owned(), "KEY".to_owned()),
                ("aws-access-key".to_owned(), "script".to_owned()),
                ("password".to_owned(), "DB_PASSWORD".to_owned()),
            ]
        );
    }

    #[test]
    fn a_variable_that_only_names_a_stored_secret_is_left_alone() {
        let mut value =
            json!([{ "name": "DB_PASSWORD", "value": "database-password-1", "type": "SECRETS_MANAGER" }]);
        let before = value.clone();
        conceal(None, &mut value);
        assert_eq!(value, before);
    }

    #[test]
    fn a_sensitive_text_leaves_nothing_but_its_kind() {
        assert_eq!(conceal_sensitive(Some("STAGE"), "prod"), SENSITIVE);
        assert_eq!(conceal_sensitive(Some("DB_PASSWORD"), "hunter2"), "[secret: password]");
        assert_eq!(conceal_sensitive(None, &access_key()), "[secret: aws-access-key]");
    }

    #[test]
    fn secrets_in_encoded_scripts_are_found_and_leave_with_the_text() {
        // export DB_PASSWORD=hunter2
        let encoded = "IyEvYmluL2Jhc2gKZXhwb3J0IERCX1BBU1NXT1JEPWh1bnRlcjIK";
        assert_eq!(conceal_text(None, encoded).as_deref(), Some("[secret: password]"));
        assert_eq!(conceal_sensitive(None, encoded), "[secret: password]");
        // #!/bin/bash echo hello
        assert_eq!(conceal_text(None, "IyEvYmluL2Jhc2gKZWNobyBoZWxsbwo="), None);
    }

    #[test]
    fn overlapping_secrets_leave_no_rest() {
        let text = "abcdefghij";
        assert_eq!(replaced(text, vec![(2..5, "a"), (3..8, "b")]), "ab[secret: a]ij");
    }

    proptest! {
        #[test]
        fn nothing_of_a_named_password_survives(password in "[A-Za-z0-9!]{8,40}") {
            prop_assume!(named_value::kind("DB_PASSWORD", &password).is_some());
            let mut value = json!({ "Variables": { "DB_PASSWORD": password.clone() } });
            conceal(None, &mut value);
            prop_assert!(!value.to_string().contains(&password));
        }

        #[test]
        fn concealing_twice_is_concealing_once(text in "\\PC{0,200}") {
            let mut once = json!({ "password": text });
            conceal(None, &mut once);
            let mut twice = once.clone();
            conceal(None, &mut twice);
            prop_assert_eq!(once, twice);
        }
    }
}
