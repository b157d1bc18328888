//! API tokens: made by their owner, for programs, never able to do more than their owner can.

use super::Secret;
use super::audit::{Act, Actor, log};
use super::person::{Accounts, Level, PERSON, Person, PersonId, person};
use crate::runs::moment;
use crate::{Result, Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};

/// What every token begins with, so that people and scanners know one when they see it.
const BEGINNING: &str = "stance_";
/// A token ends after so long at most.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// The number of a token; it opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenId(pub(crate) i64);

impl TokenId {
    /// The number.
    pub fn number(self) -> i64 {
        self.0
    }
}

impl From<i64> for TokenId {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

/// A token that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// What its owner calls it.
    pub name: String,
    /// What it may do.
    pub level: Level,
    /// What it may see.
    pub accounts: Accounts,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
}

/// A token, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenInfo {
    /// Its number.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: String,
    /// What it may do.
    pub level: Level,
    /// What it may see.
    pub accounts: Accounts,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// When it was used last, about a minute exact.
    pub used_at: Option<DateTime<Utc>>,
}

/// Whoever shows a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenBearer {
    /// Its owner.
    pub person: Person,
    /// Which token.
    pub token: TokenId,
    /// What token and owner both may do.
    pub level: Level,
    /// What token and owner both may see.
    pub accounts: Accounts,
    /// When it was last said to be used.
    pub used_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Makes a token; its text is told now and never again.
    ///
    /// # Errors
    /// If it would be able to do more than its owner, has no name or no sensible end, or the store fails.
    pub fn make_token(
        &self,
        owner: PersonId,
        new: &NewToken,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<(TokenId, String)> {
        let name = super::person::display_name(&new.name)?;
        if new.ends_at <= now || new.ends_at > now + LONGEST {
            let message = format!("a token ends within a year; `{}` is not", new.ends_at.format("%Y-%m-%d"));
            return Err(StoreError::Unfit(message));
        }
        self.database().write(|session| {
            let person = super::roster::find(session, owner)?;
            if new.level > person.level {
                let (wanted, own) = (new.level.as_str(), person.level.as_str());
                let message = format!("a token may not `{wanted}` where its owner may only `{own}`");
                return Err(StoreError::Unfit(message));
            }
            if person.accounts.and(&new.accounts) != new.accounts {
                let message = "a token may not see accounts that its owner may not see; leave those out";
                return Err(StoreError::Unfit(message.to_owned()));
            }
            let id = crate::import::next_id(session, "token")?;
            let secret = Secret::random()?;
            let accounts = new.accounts.text()?;
            session.execute(
                "INSERT INTO token (id, person, digest, name, level, accounts, made_at, ends_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                &[
                    id.into(),
                    owner.0.into(),
                    (&secret.digest()).into(),
                    name.into(),
                    new.level.value(),
                    (&accounts).into(),
                    now.timestamp_millis().into(),
                    new.ends_at.timestamp_millis().into(),
                ],
            )?;
            log(session, by, Act::MadeToken, name, now)?;
            Ok((TokenId(id), format!("{BEGINNING}{}", secret.reveal())))
        })
    }

    /// Who shows a token; nothing where it is unknown or ended, or its owner is kept out.
    ///
    /// # Errors
    /// If the store fails.
    pub fn token(&self, text: &str, now: DateTime<Utc>) -> Result<Option<TokenBearer>> {
        let Some(secret) = text.strip_prefix(BEGINNING).and_then(Secret::shown) else { return Ok(None) };
        let sql = format!(
            "SELECT {PERSON}, token.id, token.level, token.accounts, token.used_at \
             FROM token JOIN person ON person.id = token.person \
             WHERE token.digest = ?1 AND token.ends_at > ?2 AND person.disabled = 0"
        );
        self.database().read(|session| {
            session.first(&sql, &[(&secret.digest()).into(), now.timestamp_millis().into()], |row| {
                // the owner may have lost rights since the token was made
                let owner = person(row)?;
                Ok(TokenBearer {
                    level: Level::kept(row.get(10)?)?.min(owner.level),
                    accounts: Accounts::kept(&row.get::<String>(11)?)?.and(&owner.accounts),
                    token: TokenId(row.get(9)?),
                    used_at: row.get::<Option<i64>>(12)?.map(moment),
                    person: owner,
                })
            })
        })
    }

    /// Says that a token is used.
    ///
    /// # Errors
    /// If the store fails.
    pub fn touch_token(&self, id: TokenId, now: DateTime<Utc>) -> Result<()> {
        self.database().write(|session| {
            let sql = "UPDATE token SET used_at = ?2 WHERE id = ?1";
            session.execute(sql, &[id.0.into(), now.timestamp_millis().into()])?;
            Ok(())
        })
    }

    /// Somebody's tokens, the latest first; those too that have ended.
    ///
    /// # Errors
    /// If the store fails.
    pub fn tokens(&self, owner: PersonId) -> Result<Vec<TokenInfo>> {
        self.database().read(|session| {
            session.all(
                "SELECT id, name, level, accounts, made_at, ends_at, used_at FROM token \
                 WHERE person = ?1 ORDER BY id DESC",
                &[owner.0.into()],
                |row| {
                    Ok(TokenInfo {
                        id: TokenId(row.get(0)?),
                        name: row.get(1)?,
                        level: Level::kept(row.get(2)?)?,
                        accounts: Accounts::kept(&row.get::<String>(3)?)?,
                        made_at: moment(row.get(4)?),
                        ends_at: moment(row.get(5)?),
                        used_at: row.get::<Option<i64>>(6)?.map(moment),
                    })
                },
            )
        })
    }

    /// Ends a token of somebody.
    ///
    /// # Errors
    /// If it is not theirs or not there, or the store fails.
    pub fn end_token(&self, owner: PersonId, id: TokenId, by: &Actor, now: DateTime<Utc>) -> Result<()> {
        self.database().write(|session| {
            let missing = || StoreError::Missing { what: "token", name: id.0.to_string() };
            let which = [id.0.into(), owner.0.into()];
            let name: String = session
                .first("SELECT name FROM token WHERE id = ?1 AND person = ?2", &which, |row| row.get(0))?
                .ok_or_else(missing)?;
            session.execute("DELETE FROM token WHERE id = ?1 AND person = ?2", &which)?;
            log(session, by, Act::EndedToken, &name, now)
        })
    }
}
