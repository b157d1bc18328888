//! Finds keys that there are not, and values of the wrong kind, and takes both out of the tree.

use crate::hint::{homes, nearest};
use crate::node::{Content, Entry, Node, Step, written};
use crate::sections::TYPE;
use crate::shape::{ROOT, Section, Shape, Tagged};
use crate::{MOST_PROBLEMS, Origin, Problem};
use stance_model::printable;

/// Takes out of a layer's tree what is not in its right place, and tells of it. Keys without a value
/// are taken out in silence: they are as good as not written.
pub(crate) fn check(tree: &mut Node, problems: &mut Vec<Problem>) {
    let empty_sections: Vec<(String, Origin)> = tree
        .entries()
        .iter()
        .filter(|entry| entry.value.is_null())
        .map(|entry| (entry.key.clone(), entry.origin.clone()))
        .collect();
    let mut checker = Checker { empty_sections, path: Vec::new(), problems };
    if !checker.section(tree, &ROOT) {
        tree.content = Content::Map(Vec::new());
    }
}

struct Checker<'a> {
    /// Keys at the top under which nothing stands, as when what belongs there is not indented.
    empty_sections: Vec<(String, Origin)>,
    path: Vec<Step>,
    problems: &'a mut Vec<Problem>,
}

impl Checker<'_> {
    fn section(&mut self, node: &mut Node, section: &Section) -> bool {
        let Content::Map(entries) = &mut node.content else {
            let keys: Vec<&str> = section.keys.iter().take(3).map(|key| key.name.as_str()).collect();
            let message = format!(
                "{} is {}, but a section is expected here, with keys as `{}`",
                self.here(),
                node.kind(),
                keys.join("`, `")
            );
            return self.refuse(&node.origin, message);
        };
        entries.retain_mut(|entry| {
            let Some(key) = section.key(&entry.key) else {
                let message = self.unknown(entry, section);
                return self.refuse(&entry.origin, message);
            };
            if entry.value.is_null() {
                return false;
            }
            self.path.push(Step::Key(entry.key.clone()));
            let keep = self.value(&mut entry.value, &key.shape);
            self.path.pop();
            keep
        });
        true
    }

    /// A section whose keys depend on its `type`.
    fn tagged(&mut self, node: &mut Node, tagged: &Tagged) -> bool {
        if let Some(kind) = tagged.kind_of(node) {
            return self.section(node, &kind.all);
        }
        let words: Vec<String> = tagged.kinds.iter().map(|kind| format!("`{}`", kind.name)).collect();
        let words = words.join(", ");
        let Some(entry) = node.entry(TYPE) else {
            let message = match node.content {
                Content::Map(_) => format!("{} lacks `{TYPE}`; add it, as one of {words}", self.here()),
                _ => format!(
                    "{} is {}, but a section is expected here, with `{TYPE}` and its keys",
                    self.here(),
                    node.kind()
                ),
            };
            return self.refuse(&node.origin, message);
        };
        let (origin, written) = match &entry.value.content {
            Content::Scalar(scalar) => (entry.value.origin.clone(), scalar.text.clone()),
            _ => (entry.origin.clone(), entry.value.kind().to_owned()),
        };
        let meant = nearest(&written, tagged.kinds.iter().map(|kind| kind.name.as_str()));
        let advice =
            meant.map_or_else(|| format!("use one of {words}"), |meant| format!("did you mean `{meant}`?"));
        self.refuse(
            &origin,
            format!("{}: `{}` is not a type of sink; {advice}", self.here(), printable(&written)),
        )
    }

    /// Whether the value may stay.
    fn value(&mut self, node: &mut Node, shape: &Shape) -> bool {
        match (shape, &mut node.content) {
            (Shape::Section(section), _) => self.section(node, section),
            (Shape::Tagged(tagged), _) => self.tagged(node, tagged),
            (Shape::List(shape), Content::List(items)) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.path.push(Step::Index(index));
                    if !self.value(item, shape) {
                        item.content = Content::Removed;
                    }
                    self.path.pop();
                }
                true
            }
            (Shape::Map(shape), Content::Map(entries)) => {
                entries.retain_mut(|entry| {
                    self.path.push(Step::Key(entry.key.clone()));
                    let keep = self.value(&mut entry.value, shape);
                    self.path.pop();
                    keep
                });
                true
            }
            (Shape::List(shape), Content::Scalar(_) | Content::Map(_)) => {
                let form = match shape.as_ref() {
                    Shape::Section(_) | Shape::Tagged(_) | Shape::Map(_) | Shape::Any => {
                        "begin each item on a line of its own with `- `"
                    }
                    _ => "write it in brackets, as `[a, b]`",
                };
                self.refuse(
                    &node.origin,
                    format!("{} is {}, but a list is expected here; {form}", self.here(), node.kind()),
                )
            }
            (Shape::Map(_), _) => self.refuse(
                &node.origin,
                format!(
                    "{} is {}, but a map is expected here; write it as `{{ name: value }}`",
                    self.here(),
                    node.kind()
                ),
            ),
            (Shape::Single(words), Content::List(_) | Content::Map(_)) => self.refuse(
                &node.origin,
                format!("{} is {}, but a single value is expected here: {words}", self.here(), node.kind()),
            ),
            // what a secret may be is the reader's business, which tells it without the value
            (_, Content::Removed)
            | (Shape::Single(_), Content::Scalar(_))
            | (Shape::Secret | Shape::Any, _) => true,
        }
    }

    fn refuse(&mut self, origin: &Origin, message: String) -> bool {
        self.problems.push(Problem::new(origin.clone(), message));
        false
    }

    fn here(&self) -> String {
        if self.path.is_empty() {
            "the configuration".to_owned()
        } else {
            format!("`{}`", written(&self.path))
        }
    }

    fn unknown(&self, entry: &Entry, section: &Section) -> String {
        let key = &entry.key;
        if self.problems.len() > MOST_PROBLEMS {
            // it will hardly be told, so no hint is sought
            return format!("{} is not a key", quoted(entry));
        }
        let here = if self.path.is_empty() {
            "at the top level".to_owned()
        } else {
            format!("under `{}`", written(&self.path))
        };
        if let Some(home) = homes(key).first() {
            return match self.empty_sections.iter().find(|(section, _)| section == home) {
                Some((_, origin)) if self.path.is_empty() => format!(
                    "`{key}` stands at the top level but belongs under `{home}`; indent it by two spaces, below `{home}:` in {origin}"
                ),
                _ if home.is_empty() => {
                    format!("`{key}` stands {here} but belongs at the top level; remove its indentation")
                }
                _ => format!("`{key}` stands {here} but belongs under `{home}`"),
            };
        }
        if let Some((home, name)) =
            key.rsplit_once('.').filter(|(home, name)| homes(name).iter().any(|path| path == home))
        {
            return format!("`{key}` is not a key {here}; write `{name}` under `{home}`");
        }
        if key == "<<" {
            return format!("`<<` {here} is not a key; write out what is to be merged");
        }
        match nearest(key, section.keys.iter().map(|key| key.name.as_str())) {
            Some(meant) => format!("`{key}` is not a key {here}; did you mean `{meant}`?"),
            None => match elsewhere(key) {
                Some((meant, home)) => {
                    format!("`{key}` is not a key {here}; did you mean `{meant}` under `{home}`?")
                }
                None => {
                    let keys: Vec<String> =
                        section.keys.iter().map(|key| format!("`{}`", key.name)).collect();
                    format!("{} is not a key {here}; the keys there are {}", quoted(entry), keys.join(", "))
                }
            },
        }
    }
}

/// The key, as far as it is one: the rest may be a value, even a secret, that a slip made part of the key.
fn quoted(entry: &Entry) -> String {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let end = entry.key.find(|c| !is_part(c)).unwrap_or(entry.key.len());
    match entry.key.get(..end) {
        Some(whole) if whole == entry.key && !entry.value.is_null() => format!("`{whole}`"),
        Some(part) if part != entry.key && !part.is_empty() => format!("what begins with `{part}`"),
        _ => "what stands here".to_owned(),
    }
}

/// The nearest key of a section at the top, with the name of that section.
fn elsewhere(key: &str) -> Option<(&'static str, &'static str)> {
    ROOT.keys.iter().find_map(|section| match &section.shape {
        Shape::Section(inner) => nearest(key, inner.keys.iter().map(|key| key.name.as_str()))
            .map(|meant| (meant, section.name.as_str())),
        _ => None,
    })
}
