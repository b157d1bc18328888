//! Layers in, configuration out.

use crate::check::check;
use crate::environment::{layer as environment_layer, put};
use crate::layers::{FlagValue, Layers};
use crate::node::{Content, Entry, Node, Step, written};
use crate::notices::notices;
use crate::read::{Follow, References, read};
use crate::shape::{Key, ROOT, Section, Shape};
use crate::yaml::parse_file;
use crate::{Config, ConfigError, MOST_PROBLEMS, Notice, Origin, Origins, Problem, keys};
use std::collections::HashMap;
use std::sync::Arc;

/// A configuration, with where it comes from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What is in force.
    pub config: Config,
    /// Where each value was written.
    pub origins: Origins,
    /// What whoever wrote it should know.
    pub notices: Vec<Notice>,
}

impl Loaded {
    /// A problem with the value at that path, for checks that only the caller can make.
    pub fn problem(&self, path: &str, message: impl Into<String>) -> Problem {
        Problem::new(self.origins.of(path), message)
    }
}

/// Loads the configuration: built-in defaults, the file, the environment, flags, each over the one before.
/// Sections are merged key by key; lists and maps of a higher layer replace those of a lower one.
///
/// # Errors
/// All problems that were found. What a layer says must be right even where a higher one replaces it.
pub fn load(layers: &Layers) -> Result<Loaded, ConfigError> {
    let mut problems = Vec::new();
    let mut trees = Vec::new();
    if let Some(layer) = &layers.file {
        let (tree, broken) = parse_file(&layer.text, &Arc::from(layer.path.as_path()));
        problems.extend(broken);
        trees.extend(tree);
    }
    trees.push(environment_layer(&layers.environment, &mut problems));
    trees.push(flags_layer(&layers.flags, &mut problems));
    let empty_organization = trees.first().and_then(empty_organization);

    let environment: HashMap<&str, &str> =
        layers.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let form_only = References { environment: &environment, follow: Follow::No };
    for tree in &mut trees {
        keys::check(tree, &mut problems);
        // a copy, as reading takes out what does not fit, also a section that another layer completes
        read::<Config>(&mut tree.clone(), &form_only, &mut problems);
    }
    if !problems.is_empty() {
        return Err(ConfigError::Problems(in_order(problems)));
    }

    let mut merged = Node::map(Origin::Default);
    for tree in trees {
        merge(&mut merged, tree, &ROOT);
    }
    let followed = References { environment: &environment, follow: Follow::Yes };
    let whole = merged.clone();
    let config = read::<Config>(&mut merged, &followed, &mut problems);
    let mut origins = Origins::default();
    note_origins(&whole, &mut Vec::new(), &mut origins);
    match config {
        Some(config) => {
            check(&config, &whole, &layers.formats, &origins, &mut problems);
            if problems.is_empty() {
                let mut notices = notices(&config, &whole, &origins);
                notices.extend(empty_organization);
                return Ok(Loaded { config, origins, notices });
            }
        }
        None if problems.is_empty() => {
            problems.push(Problem::new(Origin::Default, "the configuration could not be read"));
        }
        None => {}
    }
    Err(ConfigError::Problems(in_order(problems)))
}

/// Problems in the order of the file, those of the environment and of flags after them.
fn in_order(mut problems: Vec<Problem>) -> Vec<Problem> {
    let rank = |origin: &Origin| match origin {
        Origin::Default => (0, 0, 0),
        Origin::File { line, column, .. } => (1, *line, *column),
        Origin::Environment(_) => (2, 0, 0),
        Origin::Flag(_) => (3, 0, 0),
    };
    problems.sort_by_key(|problem| rank(&problem.origin));
    problems.dedup();
    if let Some(more) = problems.len().checked_sub(MOST_PROBLEMS).filter(|more| *more > 0) {
        problems.truncate(MOST_PROBLEMS);
        problems.push(Problem::new(Origin::Default, format!("{more} more problems are not listed")));
    }
    problems
}

/// `organization:` with nothing below may be meant either way, so it is told.
fn empty_organization(tree: &Node) -> Option<Notice> {
    let entry = tree.entry("aws")?.value.entry("organization").filter(|entry| entry.value.is_null())?;
    Some(Notice {
        key: "aws.organization".to_owned(),
        origin: entry.origin.clone(),
        message: "`aws.organization` is empty, so the organization is not scanned; write `enabled: true` below it if it should be".to_owned(),
    })
}

fn flags_layer(flags: &[FlagValue], problems: &mut Vec<Problem>) -> Node {
    let mut tree = Node::map(Origin::Default);
    for flag in flags {
        let origin = Origin::Flag(Arc::from(flag.flag.as_str()));
        match path_of(&flag.key) {
            Some(path) => put(&mut tree, &path, Node::of(&flag.value, &origin), &origin),
            None => problems.push(Problem::new(origin, format!("`{}` is not a key", flag.key))),
        }
    }
    tree
}

fn path_of(dotted: &str) -> Option<Vec<&'static Key>> {
    let mut section: Option<&'static Section> = Some(&ROOT);
    let mut path = Vec::new();
    for part in dotted.split('.') {
        let key = section?.key(part)?;
        section = match &key.shape {
            Shape::Section(inner) => Some(inner),
            _ => None,
        };
        path.push(key);
    }
    Some(path)
}

/// Lays one layer's section over another.
fn merge(lower: &mut Node, higher: Node, section: &Section) {
    let Content::Map(above) = higher.content else { return };
    lower.origin = higher.origin;
    let Content::Map(below) = &mut lower.content else { return };
    // whoever chooses a way to sign in does not want the other way of a lower layer beside it
    let way = |entry: &Entry| section.key(&entry.key).and_then(|key| key.way.as_deref());
    if let Some(chosen) = above.iter().find_map(way) {
        below.retain(|entry| way(entry).is_none_or(|other| other == chosen));
    }
    for entry in above {
        let inner = match section.key(&entry.key).map(|key| &key.shape) {
            Some(Shape::Section(inner)) => Some(inner),
            _ => None,
        };
        match (below.iter_mut().find(|other| other.key == entry.key), inner) {
            (Some(other), Some(inner)) => {
                merge(&mut other.value, entry.value, inner);
                other.origin = entry.origin;
            }
            (Some(other), None) => *other = entry,
            (None, _) => below.push(entry),
        }
    }
}

fn note_origins(node: &Node, path: &mut Vec<Step>, origins: &mut Origins) {
    match &node.content {
        Content::Map(entries) => {
            for entry in entries {
                path.push(Step::Key(entry.key.clone()));
                origins.add(written(path), entry.origin.clone());
                note_origins(&entry.value, path, origins);
                path.pop();
            }
        }
        Content::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(Step::Index(index));
                origins.add(written(path), item.origin.clone());
                note_origins(item, path, origins);
                path.pop();
            }
        }
        Content::Scalar(_) | Content::Removed => {}
    }
}
