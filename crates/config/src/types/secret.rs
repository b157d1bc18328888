//! Secrets, which are used and never shown.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

/// The name by which the reader knows that a reference has to be followed.
pub(crate) const NAME: &str = "Secret";
/// The member in which the reader hands over what a reference led to.
pub(crate) const TEXT: &str = "text";

/// What stands for a secret that is not shown.
pub(crate) const HIDDEN: &str = "(hidden)";

/// A secret. Neither `Debug`, nor its serialised form, nor any message shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    text: String,
    source: SecretSource,
}

/// Where a secret was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// In the configuration itself.
    Plain,
    /// In a variable of the environment.
    Environment(
        /// The variable's name.
        String,
    ),
    /// In a file.
    File(
        /// The file's path, completed.
        PathBuf,
    ),
}

impl Secret {
    /// The secret itself; for signing in, and for nothing else.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Where it was kept.
    pub fn source(&self) -> &SecretSource {
        &self.source
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("source", &self.source).finish_non_exhaustive()
    }
}

impl Serialize for Secret {
    /// A reference as it was written; of a plain secret only that there is one.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.source {
            SecretSource::Plain => serializer.serialize_str(HIDDEN),
            SecretSource::Environment(name) => serializer.collect_map([("env", name)]),
            SecretSource::File(path) => serializer.collect_map([("file", path)]),
        }
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(NAME, SecretVisitor)
    }
}

struct SecretVisitor;

impl<'de> Visitor<'de> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Secret, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Secret, E> {
        Ok(Secret { text: text.to_owned(), source: SecretSource::Plain })
    }

    /// The reference, and what the reader found there.
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Secret, A::Error> {
        let (mut text, mut source) = (None, None);
        while let Some((key, value)) = members.next_entry::<String, String>()? {
            match key.as_str() {
                TEXT => text = Some(value),
                "env" => source = Some(SecretSource::Environment(value)),
                "file" => source = Some(SecretSource::File(value.into())),
                _ => {}
            }
        }
        match (text, source) {
            (Some(text), Some(source)) => Ok(Secret { text, source }),
            _ => Err(A::Error::custom("this reference to a secret was not followed")),
        }
    }
}

impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        NAME.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let reference = |key: &str, text: &str| {
            json_schema!({
                "type": "object",
                "properties": { key: { "type": "string", "description": text } },
                "required": [key],
                "additionalProperties": false,
            })
        };
        json_schema!({
            "title": "secret",
            "oneOf": [
                { "type": "string" },
                reference("env", "The variable of the environment that holds it."),
                reference("file", "The file that holds it."),
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_neither_debugged_nor_serialised() {
        let secret: Secret = serde_json::from_str("\"hunter2\"").unwrap();
        assert_eq!(secret.reveal(), "hunter2");
        assert!(!format!("{secret:?}").contains("hunter2"));
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"(hidden)\"");
    }

    #[test]
    fn a_reference_that_nobody_followed_is_no_secret() {
        assert!(serde_json::from_str::<Secret>(r#"{"env":"TOKEN"}"#).is_err());
    }
}
