//! Types that are a text of a certain form.

use stance_model::printable;
use thiserror::Error;

/// The text has not the form that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{}` is not {kind}; {advice}", printable(text))]
pub struct UnsuitableText {
    /// What was written.
    pub text: String,
    /// What was asked for, with its article: `an account id`.
    pub kind: &'static str,
    /// What to write.
    pub advice: &'static str,
}

/// Defines a newtype over a text whose form is checked by a function, with its JSON Schema.
macro_rules! text_type {
    (
        $(#[$doc:meta])*
        $name:ident, $title:literal, kind: $kind:literal, advice: $advice:literal,
        types: $types:expr, pattern: $pattern:literal, $suits:expr
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::UnsuitableText;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                let suits: fn(&str) -> bool = $suits;
                if suits(&text) {
                    Ok(Self(text))
                } else {
                    Err($crate::UnsuitableText { text, kind: $kind, advice: $advice })
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnsuitableText;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "title": $title, "type": $types, "pattern": $pattern })
            }
        }
    };
}

pub(super) use text_type;
