//! Packs `catalog/` into the crate: YAML as JSON, since JSON reads twenty times faster at start, with
//! the rules' examples and the benchmarks apart, which few commands need; API models byte for byte, each
//! read only when its service is used.

use serde_json::{Map, Value};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fmt::Write as _, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let root = manifest.join("../../catalog").canonicalize()?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let (mut documents, mut benchmarks, mut examples) = (Map::new(), Map::new(), Map::new());
    let mut blobs = String::from("&[\n");
    for path in files_below(&root)? {
        let name = path.strip_prefix(&root)?.to_string_lossy().replace('\\', "/");
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("yaml") => {
                let text = fs::read_to_string(&path)?;
                let mut document: Value =
                    serde_saphyr::from_str(&text).map_err(|error| format!("catalog/{name}: {error}"))?;
                if name.starts_with("benchmarks/") {
                    benchmarks.insert(name, document);
                    continue;
                }
                if name.contains("/rules/") {
                    examples.insert(name.clone(), taken_examples(&mut document));
                }
                documents.insert(name, document);
            }
            Some("json") => {
                writeln!(blobs, "    ({name:?}, include_bytes!({:?})),", path.to_string_lossy())?;
            }
            _ => {}
        }
    }
    blobs.push(']');
    for (name, part) in [("documents", documents), ("benchmarks", benchmarks), ("examples", examples)] {
        fs::write(out.join(format!("{name}.json")), serde_json::to_vec(&part)?)?;
    }
    fs::write(out.join("blobs.rs"), blobs)?;
    Ok(())
}

/// Takes the examples out of a rule's file: its own, then those of each variant, null where there are none.
fn taken_examples(document: &mut Value) -> Value {
    let take = |tree: &mut Value| {
        tree.as_object_mut().and_then(|members| members.remove("examples")).unwrap_or(Value::Null)
    };
    let mut examples = vec![take(document)];
    if let Some(variants) = document.get_mut("variants").and_then(Value::as_array_mut) {
        examples.extend(variants.iter_mut().map(take));
    }
    Value::Array(examples)
}

/// All files below a folder in a stable order; each folder is watched for new and removed files.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    entries.sort();
    let mut files = Vec::new();
    for entry in entries {
        if entry.is_dir() {
            files.extend(files_below(&entry)?);
        } else {
            println!("cargo::rerun-if-changed={}", entry.display());
            files.push(entry);
        }
    }
    Ok(files)
}
