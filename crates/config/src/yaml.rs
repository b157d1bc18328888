//! YAML into a tree that knows its lines.

use crate::node::{Content, Entry, Node, Scalar};
use crate::{Origin, Problem};
use serde_saphyr::granit_parser::{Event, Marker, Parser, ScalarStyle};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// How deep sections and lists may nest; the configuration's own depth is below ten.
const DEEPEST: usize = 64;
/// How many values a file may hold after its aliases have been replaced by what they stand for.
const MOST_VALUES: usize = 200_000;

/// Where a text stands: in a file with lines of its own, or in a variable of the environment.
pub(crate) enum Source<'a> {
    File(&'a Arc<Path>),
    Variable(&'a Origin),
}

impl Source<'_> {
    fn at(&self, marker: Marker) -> Origin {
        match self {
            Self::File(file) => {
                Origin::File { file: Arc::clone(file), line: marker.line().max(1), column: marker.col() + 1 }
            }
            Self::Variable(origin) => (*origin).clone(),
        }
    }
}

/// The tree of a file, as far as there is one, and all that is wrong with its form.
pub(crate) fn parse_file(text: &str, file: &Arc<Path>) -> (Option<Node>, Vec<Problem>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = Source::File(file);
    match parse(text, &source) {
        Ok((node, problems)) => (node, problems),
        Err(problem) => {
            let mut problems = tab_problems(text, &source);
            if problems.is_empty() {
                return (None, vec![problem]);
            }
            // a tab is most often one level; read on as if it were, to tell what else is wrong
            match parse(&without_tabs(text), &source) {
                Ok((node, others)) => {
                    problems.extend(others);
                    (node, problems)
                }
                Err(other) => {
                    problems.push(other);
                    (None, problems)
                }
            }
        }
    }
}

fn indentation(line: &str) -> &str {
    line.get(..line.len() - line.trim_start_matches([' ', '\t']).len()).unwrap_or_default()
}

fn tab_problems(text: &str, source: &Source<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        if let Some(column) = indentation(line).find('\t') {
            // what has no colon is part of a value, which may be a secret
            let what = match content.trim_start_matches("- ").split_once(':') {
                Some((key, _)) => format!("`{}`", key.trim()),
                None => "this line".to_owned(),
            };
            problems.push(Problem::new(
                source.at(Marker::new(0, index + 1, column)),
                format!(
                    "{what} is indented with a tab; YAML takes only spaces, so use two spaces for each level"
                ),
            ));
        }
    }
    problems
}

fn without_tabs(text: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    for line in text.lines() {
        let indentation = indentation(line);
        replaced.push_str(&indentation.replace('\t', "  "));
        replaced.push_str(line.get(indentation.len()..).unwrap_or_default());
        replaced.push('\n');
    }
    replaced
}

/// The tree of a text, none where it holds nothing but comments; and keys that stand there twice.
pub(crate) fn parse(text: &str, source: &Source<'_>) -> Result<(Option<Node>, Vec<Problem>), Problem> {
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        source,
        anchors: HashMap::new(),
        values: 0,
        twice: Vec::new(),
    };
    let mut root = None;
    while let Some((event, at)) = reader.next()? {
        match event {
            Event::DocumentStart(..) if root.is_some() => {
                return Err(Problem::new(at, "a second document begins here; keep one document in the file"));
            }
            Event::StreamStart | Event::StreamEnd | Event::DocumentStart(..) | Event::DocumentEnd => {}
            event => root = Some(reader.node(event, at, 0)?),
        }
    }
    Ok((root.filter(|node| !node.is_null()), reader.twice))
}

struct Reader<'a, 'text> {
    parser: Parser<'text, serde_saphyr::granit_parser::StrInput<'text>>,
    source: &'a Source<'a>,
    /// Anchored values with their sizes, by the parser's number for the anchor.
    anchors: HashMap<usize, (Node, usize)>,
    values: usize,
    twice: Vec<Problem>,
}

impl<'text> Reader<'_, 'text> {
    fn next(&mut self) -> Result<Option<(Event<'text>, Origin)>, Problem> {
        loop {
            match self.parser.next_event() {
                None => return Ok(None),
                Some(Ok((Event::Comment(..), _))) => {}
                Some(Ok((event, span))) => return Ok(Some((event, self.source.at(span.start)))),
                Some(Err(error)) => {
                    return Err(Problem::new(
                        self.source.at(*error.marker()),
                        format!("this is not well-formed YAML: {}", error.info()),
                    ));
                }
            }
        }
    }

    fn inner(&mut self) -> Result<(Event<'text>, Origin), Problem> {
        self.next()?.ok_or_else(|| Problem::new(Origin::Default, "the file ends too early"))
    }

    fn count(&mut self, values: usize, at: &Origin) -> Result<(), Problem> {
        self.values = self.values.saturating_add(values);
        if self.values > MOST_VALUES {
            return Err(Problem::new(
                at.clone(),
                format!("there are more than {MOST_VALUES} values up to here"),
            ));
        }
        Ok(())
    }

    fn node(&mut self, event: Event<'text>, at: Origin, depth: usize) -> Result<Node, Problem> {
        if depth > DEEPEST {
            return Err(Problem::new(at, format!("this is nested more than {DEEPEST} levels deep")));
        }
        let before = self.values;
        self.count(1, &at)?;
        let (content, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                // `!!str 1` is text, as quotes would make it
                let plain = style == ScalarStyle::Plain && tag.is_none();
                (Content::Scalar(Scalar { text: text.into_owned(), plain }), anchor)
            }
            Event::SequenceStart(_, anchor, _) => (self.list(depth)?, anchor),
            Event::MappingStart(_, anchor, _) => (self.map(depth)?, anchor),
            Event::Alias(anchor) => {
                // an anchor inside of itself is not known before it ends
                let size = self.anchors.get(&anchor).map_or(0, |(_, size)| *size);
                self.count(size, &at)?;
                return match self.anchors.get(&anchor) {
                    Some((node, _)) => Ok(node.clone()),
                    None => Err(Problem::new(at, "this alias stands inside of what it names")),
                };
            }
            _ => return Err(Problem::new(at, "a value was expected here")),
        };
        let node = Node { origin: at, content };
        if anchor != 0 {
            let size = self.values - before;
            // what is kept for aliases counts too, so that nested anchors cannot fill the memory
            self.count(size, &node.origin)?;
            self.anchors.insert(anchor, (node.clone(), size));
        }
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Content, Problem> {
        let mut items = Vec::new();
        loop {
            match self.inner()? {
                (Event::SequenceEnd, _) => return Ok(Content::List(items)),
                (event, at) => items.push(self.node(event, at, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Content, Problem> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen: HashMap<String, Origin> = HashMap::new();
        loop {
            let (key, origin) = match self.inner()? {
                (Event::MappingEnd, _) => return Ok(Content::Map(entries)),
                (Event::Scalar(key, _, 0, None), at) => (key.into_owned(), at),
                // what follows may be a value that lost its key, so it is not shown
                (Event::Scalar(..), at) => {
                    return Err(Problem::new(
                        at,
                        "a key cannot have a tag (`!`) or an anchor (`&`); write it without",
                    ));
                }
                (_, at) => return Err(Problem::new(at, "a key was expected here")),
            };
            let (event, at) = self.inner()?;
            let value = self.node(event, at, depth + 1)?;
            if let Some(first) = seen.get(&key) {
                let message = format!("`{key}` stands here twice, first at {first}; remove one");
                self.twice.push(Problem::new(origin, message));
                continue;
            }
            seen.insert(key.clone(), origin.clone());
            entries.push(Entry { key, origin, value });
        }
    }
}
