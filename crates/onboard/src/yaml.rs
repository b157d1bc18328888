//! Templates of CloudFormation in YAML, for people: with comments, the short forms of functions, and long
//! lists wrapped.
//!
//! A comment is a member of a map whose name starts with `#`; it stands before the next member.

use crate::text::{comment, wrapped};
use serde_json::{Map, Value};

/// Where lines are wrapped.
const WIDTH: usize = 110;

/// The value as a document of YAML.
pub(crate) fn document(value: &Value) -> String {
    let mut out = String::new();
    if let Value::Object(members) = value {
        map(&mut out, members, 0);
    }
    out
}

fn map(out: &mut String, members: &Map<String, Value>, depth: usize) {
    for (name, member) in members {
        if name.starts_with('#') {
            out.push_str(&comment(member.as_str().unwrap_or_default(), &"  ".repeat(depth)));
        } else {
            indent(out, depth);
            out.push_str(&scalar(name));
            out.push(':');
            block(out, member, depth);
        }
    }
}

/// What follows a name or a dash, to the end of its lines.
fn block(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(members) => match function(members) {
            Some((name, Value::Array(arguments))) if arguments.iter().any(is_long_text) => {
                out.extend([" !", name, "\n"]);
                items(out, &arguments, depth + 1);
            }
            Some((name, argument)) if is_long_text(&argument) => {
                out.extend([" !", name]);
                block(out, &argument, depth);
            }
            Some(_) => line(out, value),
            None if members.is_empty() => line(out, value),
            None => {
                out.push('\n');
                map(out, members, depth + 1);
            }
        },
        Value::Array(list) if list.iter().all(is_plain) => flow_list(out, list, depth),
        Value::Array(list) => {
            out.push('\n');
            items(out, list, depth + 1);
        }
        Value::String(text) if is_long_text(value) => {
            out.push_str(" |\n");
            for content in text.lines() {
                if !content.is_empty() {
                    indent(out, depth + 1);
                    out.push_str(content);
                }
                out.push('\n');
            }
        }
        _ => line(out, value),
    }
}

fn items(out: &mut String, list: &[Value], depth: usize) {
    for item in list {
        // the members of a map stand beside the dash, as deep as they would below it
        let mut text = String::new();
        match item {
            Value::Object(members) if function(members).is_none() && !members.is_empty() => {
                map(&mut text, members, depth + 1);
                text = text.trim_start().to_owned();
                text.insert(0, ' ');
            }
            _ => block(&mut text, item, depth),
        }
        indent(out, depth);
        out.push('-');
        out.push_str(&text);
    }
}

fn line(out: &mut String, value: &Value) {
    out.push(' ');
    out.push_str(&flow(value));
    out.push('\n');
}

/// A list on one line if it fits, else filled up line by line.
fn flow_list(out: &mut String, list: &[Value], depth: usize) {
    let whole = flow(&Value::Array(list.to_vec()));
    if whole.len() + depth * 2 < WIDTH.saturating_sub(24) {
        out.push(' ');
        out.push_str(&whole);
        out.push('\n');
        return;
    }
    out.push_str(" [\n");
    let end = list.len().saturating_sub(1);
    let words = list.iter().enumerate();
    let words: Vec<String> =
        words.map(|(at, item)| format!("{}{}", flow(item), if at == end { " ]" } else { "," })).collect();
    for words in wrapped(words.iter().map(String::as_str), WIDTH.saturating_sub(depth * 2 + 2)) {
        indent(out, depth + 1);
        out.push_str(&words);
        out.push('\n');
    }
}

/// A value on one line.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Array(list) => format!("[{}]", list.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => match function(members) {
            Some((name, argument)) => format!("!{name} {}", flow(&argument)),
            None => {
                let members = members.iter().filter(|(name, _)| !name.starts_with('#'));
                let members: Vec<String> =
                    members.map(|(name, member)| format!("{}: {}", scalar(name), flow(member))).collect();
                format!("{{{}}}", members.join(", "))
            }
        },
        other => other.to_string(),
    }
}

/// A call of a function of CloudFormation: its short name and its argument.
fn function(members: &Map<String, Value>) -> Option<(&str, Value)> {
    let (name, argument) = members.iter().next().filter(|_| members.len() == 1)?;
    match (name.as_str(), argument) {
        ("Ref" | "Condition", Value::String(_)) => Some((name, argument.clone())),
        ("Fn::GetAtt", Value::Array(parts)) => {
            let parts: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
            Some(("GetAtt", parts.join(".").into()))
        }
        _ => Some((name.strip_prefix("Fn::")?, argument.clone())),
    }
}

/// A text, in quotes unless it is a plain word for every version of YAML.
fn scalar(text: &str) -> String {
    let starts = text.chars().next().is_some_and(|letter| letter.is_ascii_alphabetic());
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./".contains(letter);
    // `AWS::IAM::Role` has no space after its colons, so it is plain too
    let body = text.replace("::", "");
    let words = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    if starts
        && body.chars().all(plain)
        && !text.ends_with(':')
        && !words.contains(&text.to_lowercase().as_str())
    {
        text.to_owned()
    } else {
        Value::from(text).to_string()
    }
}

fn is_plain(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => function(members).is_some(),
        _ => !is_long_text(value),
    }
}

/// Whether the text is of lines that a block of YAML keeps as they are.
fn is_long_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        text.ends_with('\n')
            && !text.ends_with("\n\n")
            && !text.starts_with([' ', '\n', '\t'])
            && text.chars().all(|letter| letter == '\n' || (' '..='~').contains(&letter))
    })
}

fn indent(out: &mut String, depth: usize) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn functions_are_written_short_and_comments_before_what_they_explain() {
        let value = json!({
            "#": "why it is there",
            "Role": {
                "Type": "AWS::IAM::Role",
                "Name": { "Ref": "RoleName" },
                "Arn": { "Fn::GetAtt": ["Role", "Arn"] },
                "Boundary": { "Fn::If": ["Has", { "Fn::Sub": "arn:${AWS::Partition}" }, { "Ref": "AWS::NoValue" }] },
                "Body": { "Fn::Sub": ["a: ${X}\nb: 1\n", { "X": "1" }] },
                "Policies": [{ "Name": "one", "Document": { "Version": "2012-10-17" } }, { "Ref": "Two" }],
                "Empty": [],
                "Yes": "yes",
            },
        });
        insta::assert_snapshot!(document(&value), @r#"
        # why it is there
        Role:
          Type: AWS::IAM::Role
          Name: !Ref RoleName
          Arn: !GetAtt Role.Arn
          Boundary: !If [Has, !Sub "arn:${AWS::Partition}", !Ref AWS::NoValue]
          Body: !Sub
            - |
              a: ${X}
              b: 1
            - X: "1"
          Policies:
            - Name: one
              Document:
                Version: "2012-10-17"
            - !Ref Two
          Empty: []
          "Yes": "yes"
        "#);
    }

    fn trees() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[ -~\n]{0,12}".prop_map(Value::from),
            "[a-z]{1,6}:[A-Z][a-z]{1,12}".prop_map(Value::from),
            "\\PC{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 12, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..12).prop_map(Value::from),
                prop::collection::btree_map("[a-z][A-Za-z:. ]{0,7}", inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(members in prop::collection::btree_map("[A-Z][a-z]{1,8}", trees(), 1..6)) {
            let value = Value::Object(members.into_iter().collect());
            let text = document(&value);
            let read: Value = serde_saphyr::from_str(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
            prop_assert_eq!(read, value, "{}", text);
        }
    }
}
