//! A catalog: everything that is known, by name.

use crate::Plan;
use crate::benchmark::BenchmarkFile;
use crate::resource_type::{Entry, ResourcesFile, entry};
use crate::rule::rules_of;
use crate::source::Document;
use crate::{
    ApiModelFiles, Benchmark, CatalogError, Part, Permissions, Problem, ResourceTypeDefinition, Rule, Source,
    SupportDates,
};
use serde::Deserialize;
use stance_model::RuleId;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Everything that is known, by name.
#[derive(Debug, Default)]
pub struct Catalog {
    types: BTreeMap<String, ResourceTypeDefinition>,
    rules: BTreeMap<RuleId, Rule>,
    benchmarks: BTreeMap<String, Benchmark>,
    documents: HashMap<String, Document>,
    type_files: HashMap<String, String>,
    attribute_files: HashMap<(String, String), String>,
    models: ApiModelFiles,
    support: Arc<SupportDates>,
    permissions: Permissions,
}

impl Catalog {
    /// The type of the resource that stands for the scope.
    pub const ACCOUNT: &str = "AWS::Account";
    /// The type of the resources that stand for the regions.
    pub const REGION: &str = "AWS::Region";

    /// The catalog that is built into the binary.
    ///
    /// # Errors
    /// If it is not well-formed, which the tests rule out.
    pub fn built_in() -> Result<Self, CatalogError> {
        Self::load([Source::built_in()?])
    }

    /// The types and rules that are built into the binary, with those parts.
    ///
    /// # Errors
    /// If they are not well-formed, which the tests rule out.
    pub fn built_in_with(parts: &[Part]) -> Result<Self, CatalogError> {
        Self::load([Source::built_in_with(parts)?])
    }

    /// Understands sources; what a later one says of a file replaces what an earlier one said.
    ///
    /// # Errors
    /// Every problem of form that was found. Sense is judged by [`crate::check`].
    pub fn load(sources: impl IntoIterator<Item = Source>) -> Result<Self, CatalogError> {
        let mut documents: BTreeMap<String, Document> = BTreeMap::new();
        let mut models = ApiModelFiles::default();
        let mut permissions = Permissions::default();
        let mut problems = Vec::new();
        for source in sources {
            models.extend(source.models);
            for document in source.documents.iter().filter(|document| document.path == Permissions::FILE) {
                match Permissions::deserialize(&document.tree) {
                    // what a folder says is added, and does not replace the table as a whole
                    Ok(table) => permissions.extend(table),
                    Err(error) => problems.push(document.problem(&[], error.to_string())),
                }
            }
            documents.extend(source.documents.into_iter().map(|document| (document.path.clone(), document)));
        }
        let mut catalog = Self { models, permissions, ..Self::default() };
        let mut extensions = Vec::new();
        for document in documents.values() {
            let parts: Vec<&str> = document.path.split('/').collect();
            match parts.as_slice() {
                ["benchmarks", provider, name] => {
                    catalog.add_benchmark(document, provider, name, &mut problems);
                }
                [_, _, "resources.yaml"] => catalog.add_types(document, &mut extensions, &mut problems),
                [_, service, "rules", name] => match rules_of(document, service, stem(name)) {
                    Ok(rules) => catalog.rules.extend(rules.into_iter().map(|rule| (rule.id.clone(), rule))),
                    Err(found) => problems.extend(found),
                },
                [_, "support-ends.yaml"] => match SupportDates::deserialize(&document.tree) {
                    Ok(dates) => catalog.support = Arc::new(dates),
                    Err(error) => problems.push(document.problem(&[], error.to_string())),
                },
                // read by those who need them: reasons for what is not covered, permission names
                [_, _, "not-covered.yaml"] | [_, "permissions.yaml" | "not-sensitive.yaml"] => {}
                _ => {
                    problems.push(document.problem(
                        &[],
                        "this is no place for a catalog file; see docs/catalog.md for the layout",
                    ));
                }
            }
        }
        for (file, name, attributes) in extensions {
            for attribute in &attributes {
                catalog.attribute_files.insert((name.clone(), attribute.name.clone()), file.clone());
            }
            match catalog.types.get_mut(&name) {
                Some(definition) => definition.attributes.extend(attributes),
                None => problems.push(Problem {
                    file,
                    line: None,
                    message: format!("there is no resource type `{name}` to extend"),
                }),
            }
        }
        // only texts can tell a line, and the built-in ones have none
        catalog.documents = documents.into_iter().filter(|(_, document)| document.text.is_some()).collect();
        if problems.is_empty() { Ok(catalog) } else { Err(CatalogError::Problems(problems)) }
    }

    fn add_types(
        &mut self,
        document: &Document,
        extensions: &mut Vec<(String, String, Vec<crate::AttributeDefinition>)>,
        problems: &mut Vec<Problem>,
    ) {
        let file = match ResourcesFile::deserialize(&document.tree) {
            Ok(file) => file,
            Err(error) => return problems.push(document.problem(&[], error.to_string())),
        };
        for value in &file.resources {
            let name = value.get("type").or_else(|| value.get("extend")).and_then(|name| name.as_str());
            let name = name.unwrap_or("a resource without a type");
            match entry(&file.service, value) {
                Ok(Entry::Type(definition)) => {
                    self.type_files.insert(name.to_owned(), document.path.clone());
                    self.types.insert(name.to_owned(), definition);
                }
                Ok(Entry::Extension { name, attributes }) => {
                    extensions.push((document.path.clone(), name.as_str().to_owned(), attributes));
                }
                Err(error) => problems.push(document.problem(&[name], format!("`{name}`: {error}"))),
            }
        }
    }

    fn add_benchmark(
        &mut self,
        document: &Document,
        provider: &str,
        name: &str,
        problems: &mut Vec<Problem>,
    ) {
        match BenchmarkFile::deserialize(&document.tree) {
            Ok(file) => {
                let id = format!("{provider}-{}", stem(name));
                self.benchmarks.insert(
                    id.clone(),
                    Benchmark {
                        id,
                        file: document.path.clone(),
                        title: file.title,
                        version: file.version,
                        featured: file.featured,
                        sections: file.sections,
                    },
                );
            }
            Err(error) => problems.push(document.problem(&[], error.to_string())),
        }
    }

    /// The provider's API models that its calls are made by.
    pub const fn models(&self) -> &ApiModelFiles {
        &self.models
    }

    /// How operations translate to the provider's permissions.
    pub const fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    /// The actions that must be granted for a scan of that plan.
    pub fn actions(&self, plan: &Plan) -> BTreeSet<String> {
        /// What a scan calls beside its rules: which regions there are.
        const ALWAYS: &str = "ec2:DescribeRegions";
        let operations = plan.operations();
        self.permissions.all(operations.iter().map(String::as_str).chain([ALWAYS]))
    }

    /// When the provider stops to support versions of things.
    pub const fn support(&self) -> &Arc<SupportDates> {
        &self.support
    }

    /// All resource types by name.
    pub fn types(&self) -> impl Iterator<Item = &ResourceTypeDefinition> {
        self.types.values()
    }

    /// The resource type of that name.
    pub fn resource_type(&self, name: &str) -> Option<&ResourceTypeDefinition> {
        self.types.get(name)
    }

    /// All rules by id.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values()
    }

    /// The rule of that id, or that had it before, or that others call so.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.get(id).or_else(|| {
            self.rules.values().find(|rule| rule.text.aliases.all().any(|(_, alias)| alias == id))
        })
    }

    /// All benchmarks by id.
    pub fn benchmarks(&self) -> impl Iterator<Item = &Benchmark> {
        self.benchmarks.values()
    }

    /// The benchmark of that id.
    pub fn benchmark(&self, id: &str) -> Option<&Benchmark> {
        self.benchmarks.get(id)
    }

    pub(crate) fn problem(&self, file: &str, keys: &[&str], message: String) -> Problem {
        Problem {
            file: file.to_owned(),
            line: self.documents.get(file).and_then(|document| document.line_of(keys)),
            message,
        }
    }

    pub(crate) fn file_of_type(&self, name: &str) -> &str {
        self.type_files.get(name).map_or("", String::as_str)
    }

    pub(crate) fn file_of_attribute(&self, type_name: &str, attribute: &str) -> &str {
        self.attribute_files
            .get(&(type_name.to_owned(), attribute.to_owned()))
            .map_or_else(|| self.file_of_type(type_name), String::as_str)
    }
}

fn stem(name: &str) -> &str {
    name.strip_suffix(".yaml").unwrap_or(name)
}
