//! What the configuration looks like, as its schema says: which keys there are, and what each takes.

use crate::node::{Content, Node};
use crate::schema::json_schema;
use crate::sections::TYPE;
use serde_json::{Map, Value};
use std::sync::LazyLock;

/// What a value may be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    /// Keys that are known; layers are merged key by key.
    Section(Section),
    /// Keys that depend on what stands under `type`.
    Tagged(Tagged),
    /// Keys that whoever writes it chooses.
    Map(Box<Shape>),
    List(Box<Shape>),
    /// A secret, or a reference to one.
    Secret,
    /// A single value, with the words for its type.
    Single(String),
    /// Anything at all.
    Any,
}

/// A section with its keys, in the order of the types.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Section {
    pub keys: Vec<Key>,
}

/// A section of one of several kinds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tagged {
    /// Keys that every kind has.
    pub shared: Section,
    pub kinds: Vec<Kind>,
}

/// A kind of section, told by its `type`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Kind {
    pub name: String,
    pub text: String,
    /// All its keys, `type` and the shared ones included.
    pub all: Section,
    /// The keys that are its own.
    pub own: Section,
}

/// A key of a section.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Key {
    pub name: String,
    pub text: String,
    pub shape: Shape,
    /// What it is unless given; none where that takes words.
    pub default: Option<Value>,
    pub example: Option<Value>,
    /// Whether it takes effect in a later version only.
    pub later: bool,
    /// The way to sign in that it belongs to.
    pub way: Option<String>,
    /// Keys beside it without which it means nothing.
    pub needs: Vec<String>,
    pub required: bool,
}

impl Section {
    pub fn key(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// The configuration's own keys.
pub(crate) static ROOT: LazyLock<Section> = LazyLock::new(|| {
    let schema = json_schema();
    let definitions = schema.get("$defs").and_then(Value::as_object).cloned().unwrap_or_default();
    match shape_of(&schema, &definitions) {
        Shape::Section(section) => section,
        _ => Section { keys: Vec::new() },
    }
});

fn shape_of(schema: &Value, definitions: &Map<String, Value>) -> Shape {
    let schema = resolved(schema, definitions);
    let title = schema.get("title").and_then(Value::as_str);
    if title == Some("secret") {
        return Shape::Secret;
    }
    if let Some(tagged) = tagged(schema, definitions) {
        return Shape::Tagged(tagged);
    }
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        return Shape::Section(section_of(schema, properties, definitions));
    }
    match type_of(schema) {
        Some("object") => Shape::Map(Box::new(
            schema.get("additionalProperties").map_or(Shape::Any, |values| shape_of(values, definitions)),
        )),
        Some("array") => Shape::List(Box::new(
            schema.get("items").map_or(Shape::Any, |items| shape_of(items, definitions)),
        )),
        Some(other) => Shape::Single(words(other, title, schema)),
        None if schema.get("oneOf").is_some() => Shape::Single(words("string", title, schema)),
        None => Shape::Any,
    }
}

/// What every one of several sections tells apart by the constant under its `type`.
fn tagged(schema: &Value, definitions: &Map<String, Value>) -> Option<Tagged> {
    let mut kinds = Vec::new();
    for variant in schema.get("oneOf")?.as_array()? {
        let properties = variant.get("properties")?.as_object()?;
        let name = properties.get(TYPE)?.get("const")?.as_str()?.to_owned();
        let text = variant.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
        kinds.push((name, text, section_of(variant, properties, definitions)));
    }
    let (_, _, first) = kinds.first()?;
    let is_shared = |key: &Key| key.name != TYPE && kinds.iter().all(|(_, _, all)| all.keys.contains(key));
    let shared = Section { keys: first.keys.iter().filter(|key| is_shared(key)).cloned().collect() };
    let kinds = kinds
        .iter()
        .map(|(name, text, all)| {
            let own = all.keys.iter().filter(|key| key.name != TYPE && !is_shared(key)).cloned().collect();
            Kind { name: name.clone(), text: text.clone(), all: all.clone(), own: Section { keys: own } }
        })
        .collect();
    Some(Tagged { shared, kinds })
}

fn section_of(schema: &Value, properties: &Map<String, Value>, definitions: &Map<String, Value>) -> Section {
    let strings = |value: Option<&Value>| -> Vec<String> {
        let items = value.and_then(Value::as_array).into_iter().flatten();
        items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let required = strings(schema.get("required"));
    let keys = properties
        .iter()
        .map(|(name, property)| Key {
            name: name.clone(),
            text: property.get("description").and_then(Value::as_str).unwrap_or_default().to_owned(),
            shape: shape_of(property, definitions),
            default: property.get("default").filter(|value| !value.is_null()).cloned(),
            example: property.get("examples").and_then(|examples| examples.get(0)).cloned(),
            later: property.get("x-stance-later").is_some_and(|later| later == true),
            way: property.get("x-stance-way").and_then(Value::as_str).map(str::to_owned),
            needs: strings(schema.get("dependentRequired").and_then(|needs| needs.get(name))),
            required: required.contains(name),
        })
        .collect();
    Section { keys }
}

/// The schema that a reference leads to, and that an optional value has when it is given.
fn resolved<'a>(schema: &'a Value, definitions: &'a Map<String, Value>) -> &'a Value {
    let reference = schema.get("$ref").and_then(Value::as_str);
    if let Some(found) =
        reference.and_then(|path| path.strip_prefix("#/$defs/")).and_then(|name| definitions.get(name))
    {
        return resolved(found, definitions);
    }
    let given = schema
        .get("anyOf")
        .and_then(Value::as_array)
        .and_then(|either| either.iter().find(|schema| type_of(schema) != Some("null")));
    given.map_or(schema, |schema| resolved(schema, definitions))
}

/// The type, of several the first that is not null.
fn type_of(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::String(name) => Some(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        _ => None,
    }
}

fn words(name: &str, title: Option<&str>, schema: &Value) -> String {
    let listed: Vec<&str> = match (schema.get("enum"), schema.get("oneOf")) {
        (Some(Value::Array(words)), _) => words.iter().filter_map(Value::as_str).collect(),
        (_, Some(Value::Array(variants))) => {
            variants.iter().filter_map(|variant| variant.get("const")?.as_str()).collect()
        }
        _ => Vec::new(),
    };
    if !listed.is_empty() {
        return format!(
            "one of {}",
            listed.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
        );
    }
    title.map_or_else(
        || {
            match name {
                "boolean" => "true or false",
                "integer" => "whole number",
                "number" => "number",
                _ => "text",
            }
            .to_owned()
        },
        str::to_owned,
    )
}

impl Tagged {
    /// The kind that the node says it is.
    pub fn kind_of(&self, node: &Node) -> Option<&Kind> {
        let Content::Scalar(scalar) = &node.entry(TYPE)?.value.content else { return None };
        self.kinds.iter().find(|kind| kind.name == scalar.text)
    }
}

impl Shape {
    /// The keys that the node may have, where it is a section.
    pub fn section_of(&self, node: &Node) -> Option<&Section> {
        match self {
            Self::Section(section) => Some(section),
            Self::Tagged(tagged) => tagged.kind_of(node).map(|kind| &kind.all),
            _ => None,
        }
    }

    /// What it takes, in words for the reference.
    pub fn words(&self) -> String {
        match self {
            Self::Section(_) | Self::Tagged(_) => "section".to_owned(),
            Self::Map(values) => match values.as_ref() {
                Self::Any => "map of names to values".to_owned(),
                values => format!("map of names to {}", values.words()),
            },
            Self::List(items) => match items.as_ref() {
                Self::Any | Self::Map(_) | Self::Section(_) | Self::Tagged(_) => {
                    "list of sections".to_owned()
                }
                items => format!("list of {}", items.plural()),
            },
            Self::Secret => "secret".to_owned(),
            Self::Single(words) => words.clone(),
            Self::Any => "any value".to_owned(),
        }
    }

    fn plural(&self) -> String {
        let words = self.words();
        if words == "text" || words.starts_with("one of") {
            words.replace("text", "texts").replace("one of", "any of")
        } else {
            format!("{words}s")
        }
    }
}
