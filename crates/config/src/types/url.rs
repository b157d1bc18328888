//! Addresses by HTTP.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use stance_model::printable;
use std::borrow::Cow;
use std::{fmt, str::FromStr};
use thiserror::Error;

/// An address by HTTP that holds no user and no password, so that it may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Url(String);

/// The text is no address that may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UnsuitableUrl {
    /// It is no address.
    #[error("`{}` is not a URL; write it with `https://` or `http://` and without spaces", printable(.0))]
    Form(String),
    /// It holds a user or a password, which is not repeated.
    #[error("this URL holds a user or a password, which would be shown; write them under keys of their own")]
    UserInformation,
}

impl Url {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Url {
    /// The API of github.com.
    pub(crate) fn of_github() -> Self {
        Self("https://api.github.com".to_owned())
    }
}

impl TryFrom<String> for Url {
    type Error = UnsuitableUrl;

    fn try_from(text: String) -> Result<Self, UnsuitableUrl> {
        // looked for first, and in any text: what is refused for its form is repeated
        if text.contains('@') {
            return Err(UnsuitableUrl::UserInformation);
        }
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
        if host.is_some_and(|host| !host.is_empty()) && text.chars().all(|c| c.is_ascii_graphic()) {
            Ok(Self(text))
        } else {
            Err(UnsuitableUrl::Form(text))
        }
    }
}

impl FromStr for Url {
    type Err = UnsuitableUrl;

    fn from_str(text: &str) -> Result<Self, UnsuitableUrl> {
        Self::try_from(text.to_owned())
    }
}

impl From<Url> for String {
    fn from(url: Url) -> Self {
        url.0
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl JsonSchema for Url {
    fn schema_name() -> Cow<'static, str> {
        "Url".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "title": "URL", "type": "string", "pattern": "^https?://[^\\s/@]+[^\\s@]*$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_a_url_is_refused_and_not_repeated() {
        let told = "https://ada:hunter2@example.org".parse::<Url>().unwrap_err().to_string();
        assert!(!told.contains("hunter2"), "{told}");
    }

    #[test]
    fn only_addresses_by_http_are_taken() {
        for text in ["https://example.org", "http://127.0.0.1:9200/path?x=y"] {
            assert_eq!(text.parse::<Url>().map(|url| url.to_string()), Ok(text.to_owned()));
        }
        for text in ["example.org", "ftp://example.org", "https://", "https:///path", "https://a b", ""] {
            assert!(text.parse::<Url>().is_err(), "{text}");
        }
    }
}
