//! Packs `catalog/` into the crate: YAML as one JSON document, since JSON reads twenty times faster
//! at start; API models byte for byte, each read only when its service is used.

use serde_json::{Map, Value};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fmt::Write as _, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let root = manifest.join("../../catalog").canonicalize()?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut documents = Map::new();
    let mut blobs = String::from("&[\n");
    for path in files_below(&root)? {
        let name = path.strip_prefix(&root)?.to_string_lossy().replace('\\', "/");
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("yaml") => {
                let text = fs::read_to_string(&path)?;
                let document: Value =
                    serde_saphyr::from_str(&text).map_err(|error| format!("catalog/{name}: {error}"))?;
                documents.insert(name, document);
            }
            Some("json") => {
                writeln!(blobs, "    ({name:?}, include_bytes!({:?})),", path.to_string_lossy())?;
            }
            _ => {}
        }
    }
    blobs.push(']');
    fs::write(out.join("documents.json"), serde_json::to_vec(&documents)?)?;
    fs::write(out.join("blobs.rs"), blobs)?;
    Ok(())
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
