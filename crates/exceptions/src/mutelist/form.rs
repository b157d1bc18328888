//! The form of a mutelist's file.

use crate::text::{Text, options};
use crate::{ExceptionProblem, MutelistError};
use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_saphyr::Spanned;
use serde_saphyr::options::DuplicateKeyPolicy;
use std::fmt;
use std::marker::PhantomData;

/// A mutelist: accounts, each with checks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Mutelist {
    pub accounts: Entries<Account>,
}

/// What is muted in an account.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Account {
    pub checks: Entries<Check>,
}

/// What is muted of a check.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Check {
    #[serde(default)]
    pub regions: Option<Vec<Text>>,
    #[serde(default)]
    pub resources: Option<Vec<Text>>,
    #[serde(default)]
    pub tags: Option<Vec<Text>>,
    #[serde(default)]
    pub exceptions: Option<Excepted>,
    #[serde(default)]
    pub description: Option<Text>,
}

/// What is not muted after all.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub(super) struct Excepted {
    pub accounts: Option<Vec<Text>>,
    pub regions: Option<Vec<Text>>,
    pub resources: Option<Vec<Text>>,
    pub tags: Option<Vec<Text>>,
}

/// The entries of a map in their order, with their lines, also those whose key stands there before.
#[derive(Debug)]
pub(super) struct Entries<T>(pub Vec<Entry<T>>);

/// One of them.
#[derive(Debug)]
pub(super) struct Entry<T> {
    pub key: String,
    pub line: u64,
    pub value: T,
}

/// Reads the text of a mutelist.
pub(super) fn read(text: &str) -> Result<Mutelist, MutelistError> {
    // their reader takes the last of entries that have the same key
    let mut options = options();
    options.duplicate_keys = DuplicateKeyPolicy::PassThrough;
    let file: File = serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| MutelistError::Form(ExceptionProblem::from(error)))?;
    file.0.ok_or(MutelistError::NotAMutelist)
}

struct File(Option<Mutelist>);

impl<'de> Deserialize<'de> for File {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FileVisitor;

        impl<'de> Visitor<'de> for FileVisitor {
            type Value = File;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map with the key `Mutelist`")
            }

            fn visit_unit<E: Error>(self) -> Result<File, E> {
                Ok(File(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<File, A::Error> {
                let mut file = File(None);
                while let Some(Text(key)) = map.next_key()? {
                    // as versions 5, 4.0 and 3 of Prowler call it
                    if ["Mutelist", "Mute List", "Allowlist"].contains(&key.as_str()) {
                        file = File(Some(map.next_value()?));
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(file)
            }
        }

        deserializer.deserialize_any(FileVisitor)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for EntriesVisitor<T> {
            type Value = Entries<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of accounts or checks")
            }

            fn visit_unit<E: Error>(self) -> Result<Entries<T>, E> {
                Ok(Entries(Vec::new()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some(key) = map.next_key::<Spanned<Text>>()? {
                    let line = key.referenced.line();
                    entries.push(Entry { key: key.value.0, line, value: map.next_value()? });
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_any(EntriesVisitor(PhantomData))
    }
}
