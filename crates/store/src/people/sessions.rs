//! Sessions of browsers: begun at sign-in, ended by their owner, by rest, or by age.

use super::Secret;
use super::audit::{Act, Actor, log};
use super::person::{PERSON, Person, PersonId, person};
use crate::runs::moment;
use crate::{Result, Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};

/// A session in which nothing happens for so long ends.
const IDLE: TimeDelta = TimeDelta::hours(12);
/// A session ends after so long, whatever happens in it.
const LONGEST: TimeDelta = TimeDelta::days(7);
/// Characters of a browser's description that are kept.
const BROWSER: usize = 200;

/// The number of a session; it opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(pub(crate) i64);

impl SessionId {
    /// The number.
    pub fn number(self) -> i64 {
        self.0
    }
}

impl From<i64> for SessionId {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

/// Whoever a session belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub person: Person,
    /// In which session.
    pub session: SessionId,
    /// When it was last said to be used.
    pub seen_at: DateTime<Utc>,
}

/// A session, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionInfo {
    /// Its number.
    pub id: SessionId,
    /// When it began.
    pub made_at: DateTime<Utc>,
    /// When it was used last, about a minute exact.
    pub seen_at: DateTime<Utc>,
    /// From which address it was begun.
    pub address: String,
    /// What the browser says that it is.
    pub browser: String,
}

impl Store {
    /// Begins a session of somebody who has just proved who they are. Sessions that have ended are cleared away.
    ///
    /// # Errors
    /// If there is no such person, they are kept out, or the store fails.
    pub fn begin_session(
        &self,
        id: PersonId,
        address: &str,
        browser: &str,
        now: DateTime<Utc>,
    ) -> Result<(SessionId, Secret)> {
        let at = now.timestamp_millis();
        let browser: String = browser.chars().take(BROWSER).collect();
        self.database().write(|session| {
            let person = super::roster::find(session, id)?;
            if person.disabled {
                return Err(StoreError::Missing { what: "person", name: id.0.to_string() });
            }
            session.execute(
                "DELETE FROM session WHERE ends_at <= ?1 OR seen_at <= ?2",
                &[at.into(), (now - IDLE).timestamp_millis().into()],
            )?;
            let number = crate::import::next_id(session, "session")?;
            let secret = Secret::random()?;
            session.execute(
                "INSERT INTO session (id, person, digest, made_at, seen_at, ends_at, address, browser) \
                 VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7)",
                &[
                    number.into(),
                    id.0.into(),
                    (&secret.digest()).into(),
                    at.into(),
                    (now + LONGEST).timestamp_millis().into(),
                    address.into(),
                    (&browser).into(),
                ],
            )?;
            session
                .execute("UPDATE person SET signed_in_at = ?2 WHERE id = ?1", &[id.0.into(), at.into()])?;
            let by = Actor { name: person.name, address: address.to_owned() };
            log(session, &by, Act::SignedIn, "", now)?;
            Ok((SessionId(number), secret))
        })
    }

    /// Whose session a secret opens; nothing where it is unknown or ended, or its owner is kept out.
    ///
    /// # Errors
    /// If the store fails.
    pub fn session(&self, secret: &Secret, now: DateTime<Utc>) -> Result<Option<SignedIn>> {
        let sql = format!(
            "SELECT {PERSON}, session.id, session.seen_at FROM session JOIN person ON person.id = session.person \
             WHERE session.digest = ?1 AND session.ends_at > ?2 AND session.seen_at > ?3 AND person.disabled = 0"
        );
        let idle = (now - IDLE).timestamp_millis();
        self.database().read(|session| {
            session.first(
                &sql,
                &[(&secret.digest()).into(), now.timestamp_millis().into(), idle.into()],
                |row| {
                    Ok(SignedIn {
                        person: person(row)?,
                        session: SessionId(row.get(9)?),
                        seen_at: moment(row.get(10)?),
                    })
                },
            )
        })
    }

    /// Says that a session is used.
    ///
    /// # Errors
    /// If the store fails.
    pub fn touch_session(&self, id: SessionId, now: DateTime<Utc>) -> Result<()> {
        self.database().write(|session| {
            session.execute(
                "UPDATE session SET seen_at = ?2 WHERE id = ?1 AND seen_at < ?2",
                &[id.0.into(), now.timestamp_millis().into()],
            )?;
            Ok(())
        })
    }

    /// Somebody's sessions, the latest first.
    ///
    /// # Errors
    /// If the store fails.
    pub fn sessions(&self, id: PersonId, now: DateTime<Utc>) -> Result<Vec<SessionInfo>> {
        let idle = (now - IDLE).timestamp_millis();
        self.database().read(|session| {
            session.all(
                "SELECT id, made_at, seen_at, address, browser FROM session \
                 WHERE person = ?1 AND ends_at > ?2 AND seen_at > ?3 ORDER BY id DESC",
                &[id.0.into(), now.timestamp_millis().into(), idle.into()],
                |row| {
                    Ok(SessionInfo {
                        id: SessionId(row.get(0)?),
                        made_at: moment(row.get(1)?),
                        seen_at: moment(row.get(2)?),
                        address: row.get(3)?,
                        browser: row.get(4)?,
                    })
                },
            )
        })
    }

    /// Ends a session of somebody; `act` tells whether they sign out of it or end it from another one.
    ///
    /// # Errors
    /// If it is not theirs or not there, or the store fails.
    pub fn end_session(
        &self,
        owner: PersonId,
        id: SessionId,
        act: Act,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.database().write(|session| {
            let sql = "DELETE FROM session WHERE id = ?1 AND person = ?2";
            if session.execute(sql, &[id.0.into(), owner.0.into()])? == 0 {
                return Err(StoreError::Missing { what: "session", name: id.0.to_string() });
            }
            log(session, by, act, "", now)
        })
    }
}
