//! The layer of the environment: `STANCE__AWS__REGION=eu-west-1`.

use crate::hint::nearest;
use crate::node::{Content, Entry, Node};
use crate::shape::{Key, ROOT, Section, Shape};
use crate::yaml::{Source, parse};
use crate::{Origin, Problem};
use std::sync::Arc;

/// What the names of all variables of this layer begin with.
const PREFIX: &str = "STANCE__";
const BETWEEN: &str = "__";

/// The tree of the environment's layer. An empty variable is as good as none.
pub(crate) fn layer(environment: &[(String, String)], problems: &mut Vec<Problem>) -> Node {
    let mut tree = Node::map(Origin::Default);
    let mut variables: Vec<(&str, &str, &str)> = environment
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .filter_map(|(name, value)| Some((name.as_str(), name.strip_prefix(PREFIX)?, value.as_str())))
        .collect();
    // a section comes before the keys in it, whatever order the system has
    variables.sort_unstable();
    for (name, rest, value) in variables {
        let origin = Origin::Environment(Arc::from(name));
        match find(rest) {
            Ok(path) => match value_of(value, path.last().map(|key| &key.shape), &origin) {
                Ok(value) => put(&mut tree, &path, value, &origin),
                Err(problem) => problems.push(problem),
            },
            Err(message) => problems.push(Problem::new(origin, message)),
        }
    }
    tree
}

/// The keys that a variable's name leads along.
fn find(rest: &str) -> Result<Vec<&'static Key>, String> {
    let mut path: Vec<&'static Key> = Vec::new();
    let mut section: &'static Section = &ROOT;
    let mut parts = rest.split(BETWEEN).peekable();
    while let Some(part) = parts.next() {
        let Some(key) = section.keys.iter().find(|key| key.name.to_uppercase() == part) else {
            return Err(unknown(rest));
        };
        path.push(key);
        match &key.shape {
            Shape::Section(inner) => section = inner,
            _ if parts.peek().is_some() => {
                return Err(format!(
                    "`{}` is a {}, which is set as a whole; set `{}`",
                    dotted(&path),
                    key.shape.words(),
                    variable(&path)
                ));
            }
            _ => {}
        }
    }
    Ok(path)
}

fn dotted(path: &[&Key]) -> String {
    path.iter().map(|key| key.name.as_str()).collect::<Vec<_>>().join(".")
}

fn variable(path: &[&Key]) -> String {
    let names: Vec<String> = path.iter().map(|key| key.name.to_uppercase()).collect();
    format!("{PREFIX}{}", names.join(BETWEEN))
}

fn unknown(rest: &str) -> String {
    let mut names = Vec::new();
    collect(&ROOT, "", &mut names);
    let last = rest.rsplit(BETWEEN).next().unwrap_or(rest);
    let meant = nearest(rest, names.iter().map(String::as_str)).or_else(|| {
        // the level that was forgotten, or is not the right one
        names.iter().map(String::as_str).find(|name| name.rsplit(BETWEEN).next() == Some(last))
    });
    match meant {
        Some(meant) => format!("this variable names no key; did you mean `{PREFIX}{meant}`?"),
        None => "this variable names no key; `stance config sample` lists the keys".to_owned(),
    }
}

fn collect(section: &Section, before: &str, names: &mut Vec<String>) {
    for key in &section.keys {
        let name = format!("{before}{}", key.name.to_uppercase());
        if let Shape::Section(inner) = &key.shape {
            collect(inner, &format!("{name}{BETWEEN}"), names);
        }
        names.push(name);
    }
}

/// A single value is taken to the letter; lists, maps and sections are YAML in one line, and a list of
/// single values may also be written with commas alone.
fn value_of(text: &str, shape: Option<&Shape>, origin: &Origin) -> Result<Node, Problem> {
    let trimmed = text.trim_start();
    let yaml = match shape {
        Some(Shape::Single(_)) | None => false,
        Some(Shape::Secret) => trimmed.starts_with('{'),
        Some(Shape::List(items)) if matches!(**items, Shape::Single(_)) => trimmed.starts_with('['),
        Some(_) => true,
    };
    if yaml {
        let secret = shape == Some(&Shape::Secret);
        let (node, twice) = parse(text, &Source::Variable(origin)).map_err(|problem| {
            // the parser may quote what it met
            if secret { Problem::new(origin.clone(), "this is not well-formed YAML") } else { problem }
        })?;
        if let Some(problem) = twice.into_iter().next() {
            return Err(problem);
        }
        return Ok(node.unwrap_or_else(|| Node::map(origin.clone())));
    }
    if matches!(shape, Some(Shape::List(_))) {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        let content = Content::List(items.map(|item| Node::text(origin.clone(), item)).collect());
        return Ok(Node { origin: origin.clone(), content });
    }
    Ok(Node::text(origin.clone(), text))
}

/// Puts a value below the sections that lead to it.
pub(crate) fn put(tree: &mut Node, path: &[&Key], value: Node, origin: &Origin) {
    let Some((key, rest)) = path.split_first() else { return };
    // a section that is none stays as it is, to be told
    let Content::Map(entries) = &mut tree.content else { return };
    let index = entries.iter().position(|entry| entry.key == key.name).unwrap_or_else(|| {
        let entry = Entry { key: key.name.clone(), origin: origin.clone(), value: Node::map(origin.clone()) };
        entries.push(entry);
        entries.len() - 1
    });
    let Some(entry) = entries.get_mut(index) else { return };
    if rest.is_empty() {
        entry.value = value;
        entry.origin = origin.clone();
    } else {
        put(&mut entry.value, rest, value, origin);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(name: &str, value: &str) -> String {
        let mut problems = Vec::new();
        layer(&[(name.to_owned(), value.to_owned())], &mut problems);
        problems.first().map(Problem::to_string).unwrap_or_default()
    }

    #[test]
    fn a_name_that_is_no_key_is_told_the_nearest() {
        assert_eq!(
            problem("STANCE__AWS__REGOIN", "x"),
            "STANCE__AWS__REGOIN: this variable names no key; did you mean `STANCE__AWS__REGION`?"
        );
        assert_eq!(
            problem("STANCE__EXTERNAL_ID", "x"),
            "STANCE__EXTERNAL_ID: this variable names no key; did you mean `STANCE__AWS__EXTERNAL_ID`?"
        );
    }

    #[test]
    fn what_lies_in_lists_and_maps_is_set_as_a_whole() {
        assert_eq!(
            problem("STANCE__AWS__ACCOUNTS__0__ID", "x"),
            "STANCE__AWS__ACCOUNTS__0__ID: `aws.accounts` is a list of sections, which is set as a whole; set `STANCE__AWS__ACCOUNTS`"
        );
    }

    #[test]
    fn variables_with_single_underscores_are_not_ours() {
        assert_eq!(problem("STANCE_CONFIG", "local.yaml"), "");
    }
}
