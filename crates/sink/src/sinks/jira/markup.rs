//! A ticket's text in the two markups of Jira: Atlassian's document format, and wiki markup.

use crate::tickets::{Block, Span};
use serde_json::{Value, json};

/// Marks of the wiki that no name from the estate may set.
const MARKS: &str = "\\{}[]*_+^~!|?#@&<>";

/// The text as an Atlassian document.
pub(super) fn document(blocks: &[Block<'_>]) -> Value {
    let content: Vec<Value> = blocks.iter().map(node).collect();
    json!({ "type": "doc", "version": 1, "content": content })
}

fn node(block: &Block<'_>) -> Value {
    let paragraph = |spans: Vec<Value>| json!({ "type": "paragraph", "content": spans });
    match block {
        Block::Paragraph(spans) => paragraph(spans.iter().map(text_node).collect()),
        Block::Heading(text) => {
            json!({ "type": "heading", "attrs": { "level": 3 }, "content": [{ "type": "text", "text": text }] })
        }
        Block::List(items) => {
            let items: Vec<Value> = items
                .iter()
                .map(|item| json!({ "type": "listItem", "content": [paragraph(vec![text_node(item)])] }))
                .collect();
            json!({ "type": "bulletList", "content": items })
        }
    }
}

fn text_node(span: &Span<'_>) -> Value {
    match span {
        Span::Words(text) => json!({ "type": "text", "text": text }),
        Span::Name(name) => json!({ "type": "text", "text": name, "marks": [{ "type": "code" }] }),
        Span::Link(link) => {
            json!({ "type": "text", "text": link, "marks": [{ "type": "link", "attrs": { "href": link } }] })
        }
    }
}

/// The text in wiki markup.
pub(super) fn wiki(blocks: &[Block<'_>]) -> String {
    let blocks: Vec<String> = blocks
        .iter()
        .map(|block| match block {
            Block::Paragraph(spans) => spans.iter().map(wiki_span).collect(),
            Block::Heading(text) => format!("h3. {text}"),
            Block::List(items) => {
                let items: Vec<String> = items.iter().map(|item| format!("* {}", wiki_span(item))).collect();
                items.join("\n")
            }
        })
        .collect();
    blocks.join("\n\n")
}

fn wiki_span(span: &Span<'_>) -> String {
    match span {
        Span::Words(text) => escaped(text),
        Span::Name(name) => format!("{{{{{}}}}}", escaped(name)),
        Span::Link(link) => format!("[{link}]"),
    }
}

/// The text without a mark that the wiki would follow: those stand as numbers of characters, which it shows
/// as they are. A hyphen is one only where no letter or digit stands on both sides.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        let is_lone = character == '-' && !(before.is_alphanumeric() && after.is_alphanumeric());
        if character.is_control() {
            out.push(' ');
        } else if is_lone || MARKS.contains(character) {
            out.extend(["&#", &u32::from(character).to_string(), ";"]);
        } else {
            out.push(character);
        }
        before = character;
    }
    out
}

/// What a description says, whatever Jira did to its form: the texts of a document one after the other, or
/// the lines of wiki markup.
pub(super) fn words(description: &Value) -> String {
    match description {
        Value::String(text) => text.replace('\r', "").trim().to_owned(),
        Value::Object(members) => match members.get("text").and_then(Value::as_str) {
            Some(text) => text.to_owned(),
            None => members.get("content").map(words).unwrap_or_default(),
        },
        Value::Array(nodes) => nodes.iter().map(words).collect(),
        _ => String::new(),
    }
}
