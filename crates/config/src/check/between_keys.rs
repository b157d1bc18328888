//! Keys that exclude each other, and keys that need each other, as the schema says.

use crate::node::{Content, Entry, Node, Step, written};
use crate::shape::{Section, Shape};
use crate::{Origin, Problem};

pub(super) fn check(node: &Node, section: &Section, path: &mut Vec<Step>, problems: &mut Vec<Problem>) {
    ways(node, section, path, problems);
    needs(node, section, path, problems);
    for entry in node.entries() {
        let Some(key) = section.key(&entry.key) else { continue };
        path.push(Step::Key(entry.key.clone()));
        match (&key.shape, &entry.value.content) {
            (Shape::Section(inner), _) => check(&entry.value, inner, path, problems),
            (Shape::List(items), Content::List(nodes)) => {
                for (index, item) in nodes.iter().enumerate() {
                    let Some(inner) = items.section_of(item) else { continue };
                    path.push(Step::Index(index));
                    check(item, inner, path, problems);
                    path.pop();
                }
            }
            _ => {}
        }
        path.pop();
    }
}

fn named(path: &[Step], key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{}.{key}", written(path)) }
}

fn place(origin: &Origin) -> String {
    format!("at {origin}")
}

fn ways(node: &Node, section: &Section, path: &[Step], problems: &mut Vec<Problem>) {
    let mut chosen: Option<(&str, &Entry)> = None;
    for entry in node.entries() {
        let Some(way) = section.key(&entry.key).and_then(|key| key.way.as_deref()) else { continue };
        match chosen {
            None => chosen = Some((way, entry)),
            Some((other, first)) if other != way => problems.push(Problem::new(
                entry.origin.clone(),
                format!(
                    "`{}` and `{}` ({}) are two ways to sign in; remove one of them",
                    named(path, &entry.key),
                    named(path, &first.key),
                    place(&first.origin)
                ),
            )),
            Some(_) => {}
        }
    }
}

fn needs(node: &Node, section: &Section, path: &[Step], problems: &mut Vec<Problem>) {
    for entry in node.entries() {
        let Some(key) = section.key(&entry.key) else { continue };
        for needed in key.needs.iter().filter(|needed| node.entry(needed).is_none()) {
            problems.push(Problem::new(
                entry.origin.clone(),
                format!(
                    "`{}` means nothing without `{}`; add that, or remove it",
                    named(path, &entry.key),
                    named(path, needed)
                ),
            ));
        }
    }
}
