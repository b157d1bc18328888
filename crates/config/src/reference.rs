//! The configuration's page of the documentation.

use crate::sections::TYPE;
use crate::shape::{ROOT, Section, Shape, Tagged};
use crate::write_yaml::inline;
use std::fmt::Write;

const INTRODUCTION: &str = include_str!("introduction.md");

/// The page of the documentation, in Markdown: an introduction, then a table of keys for each section.
pub fn reference() -> String {
    let mut page = String::from(INTRODUCTION);
    page.push_str("\n## Keys\n");
    table("", "At the top level", &ROOT, &mut page);
    page
}

fn table(path: &str, title: &str, section: &Section, page: &mut String) {
    // writing to a string cannot fail
    let _ = write!(page, "\n### {title}\n\n| key | type | default | |\n|---|---|---|---|\n");
    for key in &section.keys {
        let default = match (&key.shape, &key.default) {
            (Shape::Section(_), _) | (_, None) => String::new(),
            (_, Some(value)) if value.as_array().is_some_and(Vec::is_empty) => String::new(),
            (_, Some(value)) if value.as_object().is_some_and(serde_json::Map::is_empty) => String::new(),
            (_, Some(value)) => format!("`{}`", inline(value)),
        };
        let mut text = key.text.clone();
        if key.required {
            text.push_str(" Must be given.");
        }
        if !key.needs.is_empty() {
            let needs: Vec<String> = key.needs.iter().map(|needed| format!("`{needed}`")).collect();
            let _ = write!(text, " Needs {}.", needs.join(", "));
        }
        let others: Vec<String> = section
            .keys
            .iter()
            .filter(|other| key.way.is_some() && other.way.is_some() && other.way != key.way)
            .map(|other| format!("`{}`", other.name))
            .collect();
        if !others.is_empty() {
            let _ = write!(text, " Not together with {}.", others.join(", "));
        }
        if key.later {
            text.push_str(" *Takes effect in a later version.*");
        }
        let _ = writeln!(
            page,
            "| `{}` | {} | {default} | {} |",
            key.name,
            key.shape.words(),
            text.replace('|', "\\|")
        );
    }
    for key in &section.keys {
        let name = if path.is_empty() { key.name.clone() } else { format!("{path}.{}", key.name) };
        match &key.shape {
            Shape::Section(inner) => table(&name, &format!("`{name}`"), inner, page),
            Shape::List(items) => match items.as_ref() {
                Shape::Section(inner) => table(&name, &format!("Each item of `{name}`"), inner, page),
                Shape::Tagged(tagged) => kinds(&name, tagged, page),
                _ => {}
            },
            _ => {}
        }
    }
}

/// The shared keys, then those of each kind.
fn kinds(name: &str, tagged: &Tagged, page: &mut String) {
    table(name, &format!("Each item of `{name}`, whatever its `{TYPE}`"), &tagged.shared, page);
    for kind in &tagged.kinds {
        let title =
            format!("Items of `{name}` with `{TYPE}: {}`: {}", kind.name, kind.text.trim_end_matches('.'));
        table(&format!("{name}[{}]", kind.name), &title, &kind.own, page);
    }
}
