//! What the tests share.

use stance_config::{ConfigError, FileLayer, FlagValue, Layers, Loaded, load};

/// The formats of reports.
pub const FORMATS: [&str; 8] = ["terminal", "json", "jsonl", "csv", "ocsf", "sarif", "junit", "html"];

/// Layers with a file of that text, named `local.yaml`.
pub fn file(text: &str) -> Layers {
    Layers {
        file: Some(FileLayer { path: "local.yaml".into(), text: text.to_owned() }),
        formats: FORMATS.map(str::to_owned).into(),
        ..Layers::default()
    }
}

/// Those layers with variables of the environment.
pub fn with(mut layers: Layers, variables: &[(&str, &str)]) -> Layers {
    layers.environment =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    layers
}

/// Those layers with a flag.
pub fn flag(mut layers: Layers, key: &str, value: serde_json::Value, flag: &str) -> Layers {
    layers.flags.push(FlagValue { key: key.to_owned(), value, flag: flag.to_owned() });
    layers
}

/// What such a file gives.
pub fn loaded(text: &str) -> Loaded {
    load(&file(text)).unwrap()
}

/// What is wrong with such layers.
pub fn problems(layers: &Layers) -> String {
    match load(layers) {
        Ok(loaded) => format!("no problem: {:?}", loaded.config),
        Err(error @ ConfigError::Problems(_)) => error.to_string(),
        Err(other) => panic!("{other}"),
    }
}

/// What is shown of such layers.
pub fn shown(loaded: &Loaded) -> String {
    let mut out = Vec::new();
    stance_config::show(loaded, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}
