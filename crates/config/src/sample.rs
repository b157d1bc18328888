//! The sample: every key with its text, commented out.

use crate::sections::TYPE;
use crate::shape::{Key, ROOT, Section, Shape, Tagged};
use crate::write_yaml::inline;
use serde_json::Value;

const WIDTH: usize = 96;
const HEADER: &str = include_str!("sample_header.txt");

/// A configuration file with every key, its text and its default, all of it commented out: taking the
/// first `# ` off every line gives a file that loads. Keys that would exclude others stay comments then.
pub fn sample() -> String {
    let mut lines = Vec::new();
    for key in &ROOT.keys {
        lines.push(String::new());
        write_key(key, 0, false, &mut lines);
    }
    let mut text = String::from(HEADER);
    for line in lines {
        if !line.is_empty() {
            text.push_str("# ");
            text.push_str(&line);
        }
        text.push('\n');
    }
    text
}

/// A section's keys. Of the ways to sign in the first is shown as it would be used, the others as
/// comments.
fn write_section(section: &Section, depth: usize, lines: &mut Vec<String>) {
    let first_way = section.keys.iter().find_map(|key| key.way.as_deref());
    let mut way = None;
    for key in &section.keys {
        let other_way = key.way.is_some() && key.way.as_deref() != first_way;
        if other_way && key.way != way {
            comment("Or, instead of the way to sign in above:", depth, lines);
        }
        way.clone_from(&key.way);
        write_key(key, depth, other_way, lines);
    }
}

fn write_key(key: &Key, depth: usize, hidden: bool, lines: &mut Vec<String>) {
    let mut text = key.text.clone();
    if key.required {
        text.push_str(" Must be given.");
    }
    let default = match (&key.shape, &key.default) {
        (Shape::Section(_), _) | (_, None) => None,
        (_, Some(value)) => Some(inline(value)).filter(|value| value != "[]" && value != "{}"),
    };
    if let Some(default) = default {
        text.push_str(" Default: ");
        text.push_str(&default);
        text.push('.');
    }
    if key.later {
        text.push_str(" Takes effect in a later version.");
    }
    comment(&text, depth, lines);
    let start = lines.len();
    match &key.shape {
        Shape::Section(inner) => {
            lines.push(indented(depth, &format!("{}:", key.name)));
            write_section(inner, depth + 1, lines);
        }
        Shape::List(items) => match (items.as_ref(), &key.example) {
            (Shape::Section(inner), None) => {
                lines.push(indented(depth, &format!("{}:", key.name)));
                let first = lines.len();
                write_section(inner, depth + 2, lines);
                begin_item(lines.get_mut(first..).unwrap_or_default(), depth + 1);
            }
            (Shape::Tagged(tagged), _) => {
                lines.push(indented(depth, &format!("{}:", key.name)));
                write_kinds(tagged, depth, lines);
            }
            (Shape::Section(_) | Shape::Map(_) | Shape::Any, Some(Value::Array(examples))) => {
                lines.push(indented(depth, &format!("{}:", key.name)));
                lines.extend(examples.iter().map(|item| indented(depth + 1, &format!("- {}", inline(item)))));
            }
            _ => lines.push(setting(key, depth)),
        },
        _ => lines.push(setting(key, depth)),
    }
    if hidden {
        for line in lines.iter_mut().skip(start) {
            *line = indented(depth, &format!("# {}", line.get(depth * 2..).unwrap_or_default()));
        }
    }
}

/// An item of each kind. The shared keys are shown in the first; in the others only the name, which has to
/// differ from sink to sink.
fn write_kinds(tagged: &Tagged, depth: usize, lines: &mut Vec<String>) {
    for (index, kind) in tagged.kinds.iter().enumerate() {
        comment(&kind.text, depth + 1, lines);
        lines.push(indented(depth + 1, &format!("- {TYPE}: {}", kind.name)));
        write_section(&kind.own, depth + 2, lines);
        if index == 0 {
            comment("The keys below are the same for every type.", depth + 2, lines);
            write_section(&tagged.shared, depth + 2, lines);
        }
    }
}

fn setting(key: &Key, depth: usize) -> String {
    let value = key.example.as_ref().or(key.default.as_ref()).map(inline).unwrap_or_default();
    indented(depth, format!("{}: {value}", key.name).trim_end())
}

/// Puts the dash of a list before the first of the keys.
fn begin_item(lines: &mut [String], depth: usize) {
    let indentation = "  ".repeat(depth);
    if let Some(line) = lines.iter_mut().find(|line| !line.trim_start().starts_with('#')) {
        *line = format!("{indentation}- {}", line.trim_start());
    }
}

fn comment(text: &str, depth: usize, lines: &mut Vec<String>) {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && depth * 2 + line.len() + word.len() > WIDTH {
            lines.push(indented(depth, &format!("# {line}")));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(indented(depth, &format!("# {line}")));
}

fn indented(depth: usize, text: &str) -> String {
    format!("{}{text}", "  ".repeat(depth))
}
