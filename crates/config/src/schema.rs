//! The JSON Schema of the configuration, for editors.

use crate::Config;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// The JSON Schema (draft 2020-12) of the configuration file, generated from the types. Keys of our own
/// in it: `x-stance-later` marks what is accepted and takes effect in a later version, `x-stance-way`
/// the way to sign in that a key belongs to, of which a section may use one.
pub fn json_schema() -> Value {
    let mut schema =
        SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Config>().to_value();
    if let Some(members) = schema.as_object_mut() {
        members.insert("title".to_owned(), json!("Configuration of Stance"));
    }
    on_one_line(&mut schema);
    schema
}

/// Doc comments are broken into lines where the source is; editors break them where they like.
fn on_one_line(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            for (key, value) in members {
                match value {
                    Value::String(text) if key == "description" => {
                        *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                    }
                    value => on_one_line(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(on_one_line),
        _ => {}
    }
}
