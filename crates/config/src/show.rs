//! What is in force, and from where.

use crate::shape::{ROOT, Section, Shape};
use crate::write_yaml::{inline, key as yaml_key};
use crate::{Loaded, Origin};
use serde_json::{Map, Value};
use std::io::{self, Write};

/// Where the origins begin, unless a line is longer.
const COLUMN: usize = 48;

/// Writes what is in force as YAML, with where each value was written as a comment behind it. Of a plain
/// secret only that there is one; nothing is written for keys that have neither value nor default.
///
/// # Errors
/// The writer refused.
pub fn show(loaded: &Loaded, out: &mut impl Write) -> io::Result<()> {
    let values = serde_json::to_value(&loaded.config).map_err(io::Error::other)?;
    let mut lines = Vec::new();
    if let Some(values) = values.as_object() {
        section(values, &ROOT, "", 0, loaded, &mut lines);
    }
    let width =
        lines.iter().map(|(text, _)| text.chars().count()).filter(|width| *width < 72).max().unwrap_or(0);
    let column = COLUMN.max(width + 2);
    for (text, origin) in lines {
        match origin {
            Some(origin) => {
                let gap = column.saturating_sub(text.chars().count()).max(2);
                writeln!(out, "{text}{:gap$}# {origin}", "")?;
            }
            None => writeln!(out, "{text}")?,
        }
    }
    Ok(())
}

type Lines = Vec<(String, Option<Origin>)>;

fn section(
    values: &Map<String, Value>,
    known: &Section,
    path: &str,
    depth: usize,
    loaded: &Loaded,
    lines: &mut Lines,
) {
    for key in &known.keys {
        let Some(value) = values.get(&key.name) else { continue };
        let name = if path.is_empty() { key.name.clone() } else { format!("{path}.{}", key.name) };
        let set = loaded.origins.is_set(&name);
        let empty =
            value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty);
        if value.is_null() || (empty && !set) {
            continue;
        }
        let indentation = "  ".repeat(depth);
        match (&key.shape, value) {
            (Shape::Section(inner), Value::Object(members)) => {
                let header = lines.len();
                lines.push((format!("{indentation}{}:", key.name), None));
                section(members, inner, &name, depth + 1, loaded, lines);
                if lines.len() == header + 1 {
                    lines.pop();
                    if set {
                        lines.push((
                            format!("{indentation}{}: {{}}", key.name),
                            Some(loaded.origins.of(&name)),
                        ));
                    }
                }
            }
            (Shape::List(items), Value::Array(values)) if !is_flat(items) && !values.is_empty() => {
                lines.push((format!("{indentation}{}:", key.name), Some(loaded.origins.of(&name))));
                for (index, value) in values.iter().enumerate() {
                    item(value, &format!("{name}[{index}]"), depth + 1, loaded, lines);
                }
            }
            (_, value) => {
                let line = format!("{indentation}{}: {}", key.name, inline(value));
                lines.push((line, Some(loaded.origins.of(&name))));
            }
        }
    }
}

fn is_flat(shape: &Shape) -> bool {
    matches!(shape, Shape::Single(_) | Shape::Secret)
}

/// An item of a list of sections; only what it sets.
fn item(value: &Value, path: &str, depth: usize, loaded: &Loaded, lines: &mut Lines) {
    let indentation = "  ".repeat(depth);
    let mut lead = "- ";
    for (key, value) in value.as_object().into_iter().flatten() {
        let name = format!("{path}.{key}");
        if !loaded.origins.is_set(&name) {
            continue;
        }
        lines.push((
            format!("{indentation}{lead}{}: {}", yaml_key(key), inline(value)),
            Some(loaded.origins.of(&name)),
        ));
        lead = "  ";
    }
    if lead == "- " {
        lines.push((format!("{indentation}- {{}}"), Some(loaded.origins.of(path))));
    }
}
