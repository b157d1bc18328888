//! Where catalog documents come from: built into the binary, or a folder of the user's.

use crate::{ApiModelFiles, CatalogError, Problem};
use serde_json::{Map, Value};
use std::path::Path;

/// The provider of benchmarks that come from a user.
const OWN: &str = "own";

const DOCUMENTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/documents.json"));
const BENCHMARKS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/benchmarks.json"));
const EXAMPLES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/examples.json"));

/// A part of the built-in catalog that takes time to read and that few commands need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The rules' examples.
    Examples,
    /// The benchmarks.
    Benchmarks,
}

/// A catalog's documents, not yet understood.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// Documents by path from the catalog's root, in path order.
    pub(crate) documents: Vec<Document>,
    /// Files that stand over the built-in ones.
    pub(crate) models: ApiModelFiles,
}

/// One YAML file.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// Path from the catalog's root, `aws/s3/rules/x.yaml`.
    pub path: String,
    /// Its content.
    pub tree: Value,
    /// Its text, where it was read from a folder; for telling lines.
    pub text: Option<String>,
}

impl Source {
    /// The catalog that is built into the binary.
    pub fn built_in() -> Result<Self, CatalogError> {
        Self::built_in_with(&[Part::Examples, Part::Benchmarks])
    }

    /// The types and rules that are built into the binary, with those parts.
    pub fn built_in_with(parts: &[Part]) -> Result<Self, CatalogError> {
        let mut documents = unpacked(DOCUMENTS)?;
        if parts.contains(&Part::Examples) {
            for (path, examples) in unpacked(EXAMPLES)? {
                if let (Some(tree), Value::Array(examples)) = (documents.get_mut(&path), examples) {
                    put_examples(tree, examples);
                }
            }
        }
        if parts.contains(&Part::Benchmarks) {
            documents.extend(unpacked(BENCHMARKS)?);
        }
        Ok(Self {
            documents: documents
                .into_iter()
                .map(|(path, tree)| Document { path, tree, text: None })
                .collect(),
            models: ApiModelFiles::default(),
        })
    }

    /// All `.yaml` and `.json` files below a folder that is laid out like `catalog/`.
    pub fn folder(root: &Path) -> Result<Self, CatalogError> {
        let mut source = Self::default();
        let mut problems = Vec::new();
        source.read_below(root, root, &mut problems)?;
        if problems.is_empty() { Ok(source) } else { Err(CatalogError::Problems(problems)) }
    }

    /// A benchmark of the user's in a file of its own; it becomes `own-` and the file's name.
    pub fn benchmark(file: &Path) -> Result<Self, CatalogError> {
        let mut source = Self::default();
        let mut problems = Vec::new();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        source.add(file, format!("benchmarks/{OWN}/{name}"), &mut problems)?;
        if problems.is_empty() { Ok(source) } else { Err(CatalogError::Problems(problems)) }
    }

    /// The id that [`Source::benchmark`] gives to the benchmark in a file.
    pub fn benchmark_id(file: &Path) -> String {
        format!("{OWN}-{}", file.file_stem().unwrap_or_default().to_string_lossy())
    }

    fn read_below(
        &mut self,
        root: &Path,
        folder: &Path,
        problems: &mut Vec<Problem>,
    ) -> Result<(), CatalogError> {
        let failed = |path: &Path, source| CatalogError::Read { path: path.display().to_string(), source };
        let mut entries = std::fs::read_dir(folder)
            .and_then(|entries| entries.map(|entry| entry.map(|e| e.path())).collect::<Result<Vec<_>, _>>())
            .map_err(|error| failed(folder, error))?;
        entries.sort();
        for entry in entries {
            if entry.is_dir() {
                self.read_below(root, &entry, problems)?;
                continue;
            }
            let path = entry.strip_prefix(root).unwrap_or(&entry).to_string_lossy().replace('\\', "/");
            self.add(&entry, path, problems)?;
        }
        Ok(())
    }

    /// Adds a file as what the path from the catalog's root says it is; other files are none of ours.
    fn add(&mut self, file: &Path, path: String, problems: &mut Vec<Problem>) -> Result<(), CatalogError> {
        let failed = |source| CatalogError::Read { path: file.display().to_string(), source };
        if file.extension().is_some_and(|extension| extension == "json") {
            self.models.add(path, std::fs::read(file).map_err(failed)?);
        } else if file.extension().is_some_and(|extension| extension == "yaml") {
            let text = std::fs::read_to_string(file).map_err(failed)?;
            match serde_saphyr::from_str::<Value>(&text) {
                Ok(tree) => self.documents.push(Document { path, tree, text: Some(text) }),
                Err(error) => problems.push(Problem {
                    file: path,
                    line: error.location().and_then(|at| usize::try_from(at.line()).ok()),
                    message: error.without_snippet().to_string(),
                }),
            }
        }
        Ok(())
    }
}

fn unpacked(bytes: &[u8]) -> Result<Map<String, Value>, CatalogError> {
    serde_json::from_slice(bytes).map_err(|error| {
        CatalogError::Problems(vec![Problem {
            file: "built-in catalog".into(),
            line: None,
            message: error.to_string(),
        }])
    })
}

/// Puts back what the build took out of a rule's file.
fn put_examples(tree: &mut Value, examples: Vec<Value>) {
    let mut examples = examples.into_iter();
    let put = |tree: &mut Value, examples: Option<Value>| {
        if let (Some(members), Some(examples @ Value::Array(_))) = (tree.as_object_mut(), examples) {
            members.insert("examples".to_owned(), examples);
        }
    };
    put(tree, examples.next());
    for variant in tree.get_mut("variants").and_then(Value::as_array_mut).into_iter().flatten() {
        put(variant, examples.next());
    }
}

impl Document {
    /// The line of the first mention of the last of `keys` that can be found, each below the one
    /// before; good enough to lead an eye there.
    pub(crate) fn line_of(&self, keys: &[&str]) -> Option<usize> {
        let text = self.text.as_deref()?;
        let mut found = None;
        let mut from = 0;
        for key in keys {
            let hit = text.lines().enumerate().skip(from).find(|(_, line)| {
                let line = line.trim_start().trim_start_matches("- ").trim_start_matches("{ ");
                line.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
                    || line.contains(&format!(": {key}"))
            });
            if let Some((index, _)) = hit {
                found = Some(index + 1);
                from = index;
            }
        }
        found
    }

    /// A problem with this document, near those keys.
    pub(crate) fn problem(&self, keys: &[&str], message: impl Into<String>) -> Problem {
        Problem { file: self.path.clone(), line: self.line_of(keys), message: message.into() }
    }
}
