//! Resource types: how each is listed, and how its attributes are read.

use crate::{FieldPath, Template};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use stance_model::ResourceType;
use std::collections::BTreeMap;

/// How a type of resource is read.
#[derive(Clone, Debug)]
pub struct ResourceTypeDefinition {
    /// The type's name.
    pub name: ResourceType,
    /// What people call it.
    pub title: String,
    /// The catalog's name of the service that owns it.
    pub service: String,
    /// Once for the scope, or in each region.
    pub read: ReadScope,
    /// How its instances are found.
    pub list: ListDefinition,
    /// Its canonical id.
    pub id: Template,
    /// The name that people know it by.
    pub display_name: Template,
    /// Where it lives, if not where it was listed.
    pub region: Option<Template>,
    /// Where its tags stand.
    pub tags: Option<FieldPath>,
    /// What takes calls of its own, in the order of the files, so that one may use those above.
    pub attributes: Vec<AttributeDefinition>,
}

impl ResourceTypeDefinition {
    /// The attribute of that name.
    pub fn attribute(&self, name: &str) -> Option<&AttributeDefinition> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

/// Once for the scope, or in each region.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum ReadScope {
    /// Once for the scope.
    Global,
    /// In each region.
    Regional,
    /// Once for the scope, in the one region of the commercial partition where the service answers.
    In(String),
}

impl From<String> for ReadScope {
    fn from(text: String) -> Self {
        match text.as_str() {
            "global" => Self::Global,
            "regional" => Self::Regional,
            _ => Self::In(text),
        }
    }
}

/// How a type's instances are found.
#[derive(Clone, Debug)]
pub struct ListDefinition {
    /// What is listed.
    pub kind: ListKind,
    /// Error codes by which the provider says that there are none.
    pub absent: Vec<AbsentAnswer>,
    /// A call to repeat first.
    pub prepare: Option<Preparation>,
}

/// What is listed.
#[derive(Clone, Debug)]
pub enum ListKind {
    /// The one resource that stands for the scope.
    Account,
    /// One resource for each region.
    Region,
    /// The items of a call's answer.
    Call {
        /// The call.
        call: Call,
        /// Where the items stand in the answer.
        items: FieldPath,
        /// How the answer's value is to be understood first.
        conversion: Option<Conversion>,
        /// The field that a plain text becomes.
        item: Option<String>,
        /// Where in an item secrets may stand, which are concealed as soon as it is read.
        conceal: Vec<FieldPath>,
        /// The type for each of whose resources the call is made.
        parent: Option<ResourceType>,
    },
}

/// A call with its input.
#[derive(Clone, Debug)]
pub struct Call {
    /// Service, as the provider's API model names it.
    pub service: String,
    /// Operation.
    pub operation: String,
    /// Input; texts that start with `$` are looked up.
    pub with: Map<String, Value>,
}

impl Call {
    /// `s3:GetBucketPolicy`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }

    /// The paths of the resource that the input looks up.
    pub fn inputs(&self) -> Vec<FieldPath> {
        fn walk(value: &Value, paths: &mut Vec<FieldPath>) {
            match value {
                Value::String(text) => {
                    if let Some(path) = text.strip_prefix("$.") {
                        paths.push(FieldPath::parse(path));
                    }
                }
                Value::Array(items) => items.iter().for_each(|item| walk(item, paths)),
                Value::Object(members) => members.values().for_each(|member| walk(member, paths)),
                _ => {}
            }
        }
        let mut paths = Vec::new();
        self.with.values().for_each(|value| walk(value, &mut paths));
        paths
    }
}

/// A call that is repeated until its answer says so.
#[derive(Clone, Debug)]
pub struct Preparation {
    /// The call.
    pub call: Call,
    /// Members of its answer and the values they must take.
    pub until: BTreeMap<String, Value>,
}

/// A part of a resource that takes a call of its own.
#[derive(Clone, Debug)]
pub struct AttributeDefinition {
    /// Its name in expressions.
    pub name: String,
    /// The call.
    pub call: Call,
    /// What of the answer is the value.
    pub take: FieldPath,
    /// How the value is to be understood.
    pub conversion: Option<Conversion>,
    /// Where in the value secrets may stand, which are concealed as soon as it is read.
    pub conceal: Vec<FieldPath>,
    /// Error codes by which the provider says that there is none.
    pub absent: Vec<AbsentAnswer>,
    /// A call to repeat first.
    pub prepare: Option<Preparation>,
}

/// An error by which the provider says that there is none.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "AbsentFile")]
pub struct AbsentAnswer {
    code: String,
    /// What the message says, where the code alone may mean something else.
    says: Option<String>,
}

impl AbsentAnswer {
    /// Whether an error is that one.
    pub fn is(&self, code: &str, message: &str) -> bool {
        self.code == code && self.says.as_ref().is_none_or(|says| message.contains(says.as_str()))
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum AbsentFile {
    Code(String),
    Saying { code: String, says: String },
}

impl From<AbsentFile> for AbsentAnswer {
    fn from(file: AbsentFile) -> Self {
        match file {
            AbsentFile::Code(code) => Self { code, says: None },
            AbsentFile::Saying { code, says } => Self { code, says: Some(says) },
        }
    }
}

/// How a text in an answer is to be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conversion {
    /// As JSON, URL-decoded first where needed.
    Json,
    /// As a table with these columns.
    Csv {
        /// Columns that expressions may read.
        columns: Vec<String>,
    },
}

// The file's own form, turned into the above.

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResourcesFile {
    pub service: String,
    #[serde(default)]
    #[expect(dead_code, reason = "shown by the generated reference")]
    pub title: Option<String>,
    #[serde(default)]
    pub resources: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypeFile {
    r#type: String,
    #[serde(default)]
    title: Option<String>,
    read: ReadScope,
    list: ListFile,
    id: Template,
    #[serde(default)]
    name: Option<Template>,
    #[serde(default)]
    region: Option<Template>,
    #[serde(default)]
    tags: Option<String>,
    #[serde(default)]
    attributes: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExtensionFile {
    extend: String,
    #[serde(default)]
    attributes: Map<String, Value>,
}

enum ListFile {
    Scope(ScopeList),
    Call(Box<CallList>),
}

// a plain `untagged` enum would say only that nothing matched
impl<'de> Deserialize<'de> for ListFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value.is_string() {
            ScopeList::deserialize(value).map(Self::Scope).map_err(serde::de::Error::custom)
        } else {
            CallList::deserialize(value)
                .map(|list| Self::Call(Box::new(list)))
                .map_err(serde::de::Error::custom)
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ScopeList {
    Account,
    Region,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallList {
    call: String,
    #[serde(default)]
    with: Map<String, Value>,
    #[serde(default)]
    items: String,
    #[serde(default)]
    r#as: Option<ConversionName>,
    #[serde(default)]
    columns: Vec<String>,
    #[serde(default)]
    item: Option<String>,
    #[serde(default)]
    conceal: Vec<String>,
    #[serde(default)]
    r#for: Option<String>,
    #[serde(default)]
    absent: Vec<AbsentAnswer>,
    #[serde(default)]
    prepare: Option<PreparationFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AttributeFile {
    call: String,
    #[serde(default)]
    with: Map<String, Value>,
    #[serde(default)]
    take: String,
    #[serde(default)]
    r#as: Option<ConversionName>,
    #[serde(default)]
    columns: Vec<String>,
    #[serde(default)]
    conceal: Vec<String>,
    #[serde(default)]
    absent: Vec<AbsentAnswer>,
    #[serde(default)]
    prepare: Option<PreparationFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PreparationFile {
    call: String,
    #[serde(default)]
    with: Map<String, Value>,
    #[serde(default)]
    until: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ConversionName {
    Json,
    Csv,
}

impl ConversionName {
    fn with(self, columns: Vec<String>) -> Conversion {
        match self {
            Self::Json => Conversion::Json,
            Self::Csv => Conversion::Csv { columns },
        }
    }
}

fn call(service: &str, name: &str, with: Map<String, Value>) -> Call {
    let (service, operation) = name.split_once(':').unwrap_or((service, name));
    Call { service: service.to_owned(), operation: operation.to_owned(), with }
}

impl PreparationFile {
    fn of(self, service: &str) -> Preparation {
        Preparation { call: call(service, &self.call, self.with), until: self.until }
    }
}

/// What an entry of a resources file says: a type, or more attributes for one.
pub(crate) enum Entry {
    Type(ResourceTypeDefinition),
    Extension { name: ResourceType, attributes: Vec<AttributeDefinition> },
}

pub(crate) fn entry(service: &str, value: &Value) -> Result<Entry, serde_json::Error> {
    if value.get("extend").is_some() {
        let file = ExtensionFile::deserialize(value)?;
        return Ok(Entry::Extension {
            name: file.extend.into(),
            attributes: attributes(service, file.attributes)?,
        });
    }
    let file = TypeFile::deserialize(value)?;
    let list = match file.list {
        ListFile::Scope(scope) => ListDefinition {
            kind: match scope {
                ScopeList::Account => ListKind::Account,
                ScopeList::Region => ListKind::Region,
            },
            absent: Vec::new(),
            prepare: None,
        },
        ListFile::Call(list) => call_list(service, *list),
    };
    Ok(Entry::Type(ResourceTypeDefinition {
        title: file.title.unwrap_or_else(|| file.r#type.clone()),
        name: file.r#type.into(),
        service: service.to_owned(),
        read: file.read,
        list,
        display_name: file.name.unwrap_or_else(|| file.id.clone()),
        id: file.id,
        region: file.region,
        tags: file.tags.as_deref().map(FieldPath::parse),
        attributes: attributes(service, file.attributes)?,
    }))
}

fn call_list(service: &str, list: CallList) -> ListDefinition {
    ListDefinition {
        kind: ListKind::Call {
            call: call(service, &list.call, list.with),
            items: FieldPath::parse(&list.items),
            conversion: list.r#as.map(|conversion| conversion.with(list.columns)),
            item: list.item,
            conceal: paths(&list.conceal),
            parent: list.r#for.map(ResourceType::from),
        },
        absent: list.absent,
        prepare: list.prepare.map(|prepare| prepare.of(service)),
    }
}

fn paths(texts: &[String]) -> Vec<FieldPath> {
    texts.iter().map(|text| FieldPath::parse(text)).collect()
}

fn attributes(
    service: &str,
    files: Map<String, Value>,
) -> Result<Vec<AttributeDefinition>, serde_json::Error> {
    files
        .into_iter()
        .map(|(name, value)| {
            let file = AttributeFile::deserialize(value)
                .map_err(|error| serde::de::Error::custom(format!("attribute `{name}`: {error}")))?;
            Ok(AttributeDefinition {
                call: call(service, &file.call, file.with),
                take: FieldPath::parse(&file.take),
                conversion: file.r#as.map(|conversion| conversion.with(file.columns)),
                conceal: paths(&file.conceal),
                absent: file.absent,
                prepare: file.prepare.map(|prepare| prepare.of(service)),
                name,
            })
        })
        .collect()
}
