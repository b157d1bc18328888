//! Configuration of Terraform in HCL, laid out as `terraform fmt` lays it out.

use crate::text::comment;
use serde_json::{Map, Value};

/// What a file or a block holds.
pub(crate) enum Item {
    /// A name with its value.
    Attribute(&'static str, Expression),
    /// A block within.
    Block(Block),
    /// A comment on what follows.
    Comment(String),
    /// An empty line.
    Blank,
}

/// A block, as `resource "aws_iam_role" "root" { … }`.
pub(crate) struct Block {
    header: String,
    items: Vec<Item>,
}

/// A value.
pub(crate) enum Expression {
    /// As it stands, as `var.name`.
    Raw(String),
    /// A text, a list or an object. Texts are templates: see [`literal`].
    Value(Value),
    /// A value made into JSON.
    Json(Value),
}

impl Block {
    /// A block with its labels.
    pub(crate) fn new(kind: &str, labels: &[&str], items: Vec<Item>) -> Self {
        let words = std::iter::once(kind.to_owned()).chain(labels.iter().map(|label| quoted(label)));
        Self { header: words.collect::<Vec<_>>().join(" "), items }
    }
}

/// An attribute as it stands.
pub(crate) fn raw(name: &'static str, expression: impl Into<String>) -> Item {
    Item::Attribute(name, Expression::Raw(expression.into()))
}

/// An attribute with a value.
pub(crate) fn value(name: &'static str, value: impl Into<Value>) -> Item {
    Item::Attribute(name, Expression::Value(value.into()))
}

/// A file of the items.
pub(crate) fn file(items: &[Item]) -> String {
    let mut out = String::new();
    body(&mut out, items, 0);
    out
}

/// A text that is no template, in a place where templates are.
pub(crate) fn literal(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

fn body(out: &mut String, items: &[Item], depth: usize) {
    let mut pending: Vec<(String, String)> = Vec::new();
    for item in items {
        if let Item::Attribute(name, expression) = item {
            let text = match expression {
                Expression::Raw(text) => text.clone(),
                Expression::Value(value) => written(value, depth),
                Expression::Json(value) => format!("jsonencode({})", written(value, depth)),
            };
            let ends_run = text.contains('\n');
            if ends_run {
                aligned(out, &mut pending, depth);
            }
            pending.push(((*name).to_owned(), text));
            if ends_run {
                aligned(out, &mut pending, depth);
            }
            continue;
        }
        aligned(out, &mut pending, depth);
        match item {
            Item::Block(block) if block.items.is_empty() => {
                line(out, depth, &format!("{} {{}}", block.header));
            }
            Item::Block(block) => {
                line(out, depth, &format!("{} {{", block.header));
                body(out, &block.items, depth + 1);
                line(out, depth, "}");
            }
            Item::Comment(text) => out.push_str(&comment(text, &"  ".repeat(depth))),
            Item::Blank | Item::Attribute(..) => out.push('\n'),
        }
    }
    aligned(out, &mut pending, depth);
}

/// Attributes that follow each other have their `=` below each other.
fn aligned(out: &mut String, pending: &mut Vec<(String, String)>, depth: usize) {
    let width = pending.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    for (name, text) in pending.drain(..) {
        line(out, depth, &format!("{name:width$} = {text}"));
    }
}

fn written(value: &Value, depth: usize) -> String {
    match value {
        Value::String(text) => expression_alone(text).map_or_else(|| quoted(text), str::to_owned),
        Value::Array(list)
            if list.len() > 1 || list.iter().any(|item| item.is_object() || item.is_array()) =>
        {
            let mut out = "[\n".to_owned();
            for item in list {
                line(&mut out, depth + 1, &format!("{},", written(item, depth + 1)));
            }
            closed(out, depth, "]")
        }
        Value::Array(list) => {
            let items: Vec<String> = list.iter().map(|item| written(item, depth)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => object(members, depth),
        other => other.to_string(),
    }
}

/// The expression, where a template is nothing but one.
fn expression_alone(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("${")?.strip_suffix('}')?;
    (!inner.contains(['{', '}', '"'])).then_some(inner)
}

fn object(members: &Map<String, Value>, depth: usize) -> String {
    let mut out = "{\n".to_owned();
    let mut pending = Vec::new();
    for (name, member) in members {
        let plain = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        let name = if plain { name.clone() } else { quoted(name) };
        let text = written(member, depth + 1);
        let ends_run = text.contains('\n');
        if ends_run {
            aligned(&mut out, &mut pending, depth + 1);
        }
        pending.push((name, text));
        if ends_run {
            aligned(&mut out, &mut pending, depth + 1);
        }
    }
    aligned(&mut out, &mut pending, depth + 1);
    closed(out, depth, "}")
}

fn closed(mut out: String, depth: usize, end: &str) -> String {
    for _ in 0..depth {
        out.push_str("  ");
    }
    out.push_str(end);
    out
}

fn line(out: &mut String, depth: usize, text: &str) {
    for _ in 0..depth {
        out.push_str("  ");
    }
    out.push_str(text);
    out.push('\n');
}

/// A text in quotes, in which templates stay templates.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn attributes_are_aligned_and_texts_keep_what_is_no_template() {
        let document = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Resource": "arn:${data.aws_partition.current.partition}:iam::*:role/x",
                "Condition": { "StringEquals": { "aws:ResourceOrgID": literal("${aws:PrincipalOrgID}") } },
            }],
        });
        let text = file(&[
            Item::Comment("why".into()),
            Item::Block(Block::new(
                "resource",
                &["aws_iam_role", "root"],
                vec![
                    value("name", "a\"b"),
                    raw("path_of_it", "var.path"),
                    Item::Attribute("policy", Expression::Json(document)),
                    value("tags", json!([])),
                ],
            )),
        ]);
        insta::assert_snapshot!(text, @r#"
        # why
        resource "aws_iam_role" "root" {
          name       = "a\"b"
          path_of_it = var.path
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [
              {
                Effect   = "Allow"
                Resource = "arn:${data.aws_partition.current.partition}:iam::*:role/x"
                Condition = {
                  StringEquals = {
                    "aws:ResourceOrgID" = "$${aws:PrincipalOrgID}"
                  }
                }
              },
            ]
          })
          tags = []
        }
        "#);
    }
}
