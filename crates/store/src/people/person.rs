//! A person: name, level, accounts.

use crate::database::{Row, Value};
use crate::runs::moment;
use crate::{Result, StoreError};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use stance_model::ScopeId;
use std::collections::BTreeSet;

/// What somebody may do; each level may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// See.
    Read,
    /// Also make exceptions and alerts, and switch rules.
    Write,
    /// Also set up integrations, users and settings.
    Manage,
}

impl Level {
    /// From the lowest to the highest.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Manage];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Manage => "manage",
        }
    }

    /// The level of that word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == word)
    }

    pub(crate) fn value(self) -> Value<'static> {
        Value::Integer(match self {
            Self::Read => 0,
            Self::Write => 1,
            Self::Manage => 2,
        })
    }

    pub(crate) fn kept(number: i64) -> Result<Self> {
        Self::ALL.into_iter().find(|level| level.value() == Value::Integer(number)).ok_or_else(|| {
            StoreError::Content { place: "person.level", message: format!("`{number}` is no level") }
        })
    }
}

/// Which accounts somebody may see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Accounts {
    /// Every one, those too that come later.
    All,
    /// These.
    #[serde(untagged)]
    Only(BTreeSet<ScopeId>),
}

impl Accounts {
    /// Those that are among both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, both) | (both, Self::All) => both.clone(),
            (Self::Only(one), Self::Only(two)) => Self::Only(one.intersection(two).cloned().collect()),
        }
    }

    pub(crate) fn text(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| unreadable(&error))
    }

    pub(crate) fn kept(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| unreadable(&error))
    }
}

fn unreadable(error: &serde_json::Error) -> StoreError {
    StoreError::Content { place: "person.accounts", message: error.to_string() }
}

/// The number of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonId(pub(crate) i64);

impl PersonId {
    /// The number.
    pub fn number(self) -> i64 {
        self.0
    }
}

impl From<i64> for PersonId {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

/// What somebody signs in with: up to 64 letters, digits and `.`, `_`, `-`, `+`, `@`, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonName(String);

impl PersonName {
    /// A name as somebody types it: spaces around it and capital letters make no other name.
    ///
    /// # Errors
    /// If it cannot be a name.
    pub fn of(text: &str) -> Result<Self> {
        let name = text.trim().to_ascii_lowercase();
        let is_fit = |letter: char| letter.is_ascii_alphanumeric() || "._-+@".contains(letter);
        if name.is_empty() || name.len() > 64 || !name.chars().all(is_fit) {
            let message = format!(
                "`{name}` cannot be a name; take up to 64 letters, digits and `.`, `_`, `-`, `+`, `@`"
            );
            return Err(StoreError::Unfit(message));
        }
        Ok(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their number.
    pub id: PersonId,
    /// What they sign in with.
    pub name: String,
    /// What they are called.
    pub display_name: String,
    /// What they may do.
    pub level: Level,
    /// What they may see.
    pub accounts: Accounts,
    /// Whether they are kept out.
    pub disabled: bool,
    /// Whether they have set a password.
    pub has_password: bool,
    /// When they were invited.
    pub made_at: DateTime<Utc>,
    /// When they signed in last.
    pub signed_in_at: Option<DateTime<Utc>>,
}

/// What a manager changes of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonChange {
    /// What they may do.
    pub level: Level,
    /// What they may see.
    pub accounts: Accounts,
    /// Whether they are kept out.
    pub disabled: bool,
}

pub(crate) const PERSON: &str = "person.id, person.name, person.display_name, person.level, person.accounts, \
    person.disabled, CAST(CASE WHEN person.password IS NULL THEN 0 ELSE 1 END AS BIGINT), person.made_at, person.signed_in_at";

/// Reads the columns of [`PERSON`], the first ones of a row.
pub(crate) fn person(row: &Row<'_>) -> Result<Person> {
    Ok(Person {
        id: PersonId(row.get(0)?),
        name: row.get(1)?,
        display_name: row.get(2)?,
        level: Level::kept(row.get(3)?)?,
        accounts: Accounts::kept(&row.get::<String>(4)?)?,
        disabled: row.get::<i64>(5)? != 0,
        has_password: row.get::<i64>(6)? != 0,
        made_at: moment(row.get(7)?),
        signed_in_at: row.get::<Option<i64>>(8)?.map(moment),
    })
}

/// What somebody is called, as it is kept: one line of at most 100 characters.
pub(crate) fn display_name(text: &str) -> Result<&str> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 100 || text.chars().any(char::is_control) {
        let message = "what somebody is called has 1 to 100 characters in one line; write another one";
        return Err(StoreError::Unfit(message.to_owned()));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_however_they_are_typed_and_hostile_ones_are_refused() {
        assert_eq!(PersonName::of(" Ada@Example.com ").unwrap().as_str(), "ada@example.com");
        for text in ["", " ", "a b", "<script>", "ada\n", "ädä", &"a".repeat(65), "a/../b", "a\0"] {
            assert_eq!(PersonName::of(text).is_ok(), text == "ada\n", "{text:?}");
        }
    }

    #[test]
    fn accounts_read_back_and_meet() {
        let only = |ids: &[&str]| Accounts::Only(ids.iter().map(|id| ScopeId::from(*id)).collect());
        for accounts in [Accounts::All, only(&[]), only(&["1", "all"])] {
            assert_eq!(Accounts::kept(&accounts.text().unwrap()).unwrap(), accounts);
        }
        assert_eq!(Accounts::All.text().unwrap(), "\"all\"");
        assert_eq!(only(&["1", "2"]).and(&only(&["2", "3"])), only(&["2"]));
        assert_eq!(Accounts::All.and(&only(&["2"])), only(&["2"]));
        assert_eq!(only(&["2"]).and(&Accounts::All), only(&["2"]));
        for text in ["", "null", "{}", "\"some\"", "1"] {
            assert!(Accounts::kept(text).is_err(), "{text}");
        }
    }
}
