//! One-time links: whoever holds one sets a password with it, once and in time.

use super::audit::{Act, Actor, log};
use super::person::{Accounts, Level, Person, PersonId, PersonName, display_name};
use super::roster::{add, find, set_password};
use super::{PasswordHash, Secret};
use crate::database::Session;
use crate::{Result, Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};

/// How long a link for an administrator can be used.
const ADMINISTRATOR: TimeDelta = TimeDelta::hours(1);
/// How long a link for somebody who was invited can be used.
const INVITED: TimeDelta = TimeDelta::days(3);

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkFor {
    /// It makes an administrator.
    Administrator,
    /// It sets this person's password.
    Person(PersonId),
}

impl Store {
    /// A link for the first administrator, valid for an hour; earlier ones end. Nothing where there is one already.
    ///
    /// # Errors
    /// If the store fails.
    pub fn first_administrator_link(&self, now: DateTime<Utc>) -> Result<Option<Secret>> {
        if self.has_administrator()? { Ok(None) } else { self.administrator_link(now).map(Some) }
    }

    /// A link that makes one more administrator, valid for an hour; earlier ones end. For whoever can reach the store
    /// itself.
    ///
    /// # Errors
    /// If the store fails.
    pub fn administrator_link(&self, now: DateTime<Utc>) -> Result<Secret> {
        let by = Actor { name: "command line".to_owned(), address: String::new() };
        self.database().write(|session| {
            log(session, &by, Act::MadeAdministratorLink, "", now)?;
            make(session, LinkFor::Administrator, now)
        })
    }

    /// A new link for somebody to set a password; earlier ones end.
    ///
    /// # Errors
    /// If there is no such person, they are kept out, or the store fails.
    pub fn new_link(&self, id: PersonId, by: &Actor, now: DateTime<Utc>) -> Result<Secret> {
        self.database().write(|session| {
            let person = find(session, id)?;
            if person.disabled {
                let message = format!("`{}` is kept out; let them in first", person.name);
                return Err(StoreError::Unfit(message));
            }
            log(session, by, Act::MadeLink, &person.name, now)?;
            make(session, LinkFor::Person(id), now)
        })
    }

    /// What a link is for; nothing where it is unknown, used or ended. Looking does not use it.
    ///
    /// # Errors
    /// If the store fails.
    pub fn link(&self, link: &Secret, now: DateTime<Utc>) -> Result<Option<LinkFor>> {
        self.database().read(|session| look(session, link, now))
    }

    /// Uses a link that makes an administrator.
    ///
    /// # Errors
    /// If the link is unknown, used or ended, the name is taken, or the store fails; then the link is not used.
    pub fn use_administrator_link(
        &self,
        link: &Secret,
        name: &PersonName,
        password: &PasswordHash,
        address: &str,
        now: DateTime<Utc>,
    ) -> Result<PersonId> {
        self.database().write(|session| {
            if look(session, link, now)? != Some(LinkFor::Administrator) {
                return Err(StoreError::LinkEnded);
            }
            let all = Accounts::All;
            let id = add(session, name, name.as_str(), Some(password), Level::Manage, &all, now)?;
            session.execute("DELETE FROM link WHERE person IS NULL", &[])?;
            let by = Actor { name: name.as_str().to_owned(), address: address.to_owned() };
            log(session, &by, Act::BecameAdministrator, "", now)?;
            Ok(id)
        })
    }

    /// Uses a link that sets somebody's password.
    ///
    /// # Errors
    /// If the link is unknown, used or ended, or the store fails; then the link is not used.
    pub fn use_link(
        &self,
        link: &Secret,
        called: &str,
        password: &PasswordHash,
        address: &str,
        now: DateTime<Utc>,
    ) -> Result<Person> {
        self.database().write(|session| {
            let Some(LinkFor::Person(id)) = look(session, link, now)? else {
                return Err(StoreError::LinkEnded);
            };
            session.execute(
                "UPDATE person SET display_name = ?2 WHERE id = ?1",
                &[id.0.into(), display_name(called)?.into()],
            )?;
            set_password(session, id, password)?;
            let person = find(session, id)?;
            let by = Actor { name: person.name.clone(), address: address.to_owned() };
            log(session, &by, Act::SetPassword, "", now)?;
            Ok(person)
        })
    }
}

fn look(session: &mut dyn Session, link: &Secret, now: DateTime<Utc>) -> Result<Option<LinkFor>> {
    let found = session.first(
        "SELECT link.person FROM link LEFT JOIN person ON person.id = link.person \
         WHERE link.digest = ?1 AND link.ends_at > ?2 AND (link.person IS NULL OR person.disabled = 0)",
        &[(&link.digest()).into(), now.timestamp_millis().into()],
        |row| row.get::<Option<i64>>(0),
    )?;
    Ok(found.map(|person| person.map_or(LinkFor::Administrator, |id| LinkFor::Person(PersonId(id)))))
}

pub(super) fn make(session: &mut dyn Session, link_for: LinkFor, now: DateTime<Utc>) -> Result<Secret> {
    let (person, length) = match link_for {
        LinkFor::Administrator => (None, ADMINISTRATOR),
        LinkFor::Person(id) => (Some(id.0), INVITED),
    };
    match person {
        None => session.execute("DELETE FROM link WHERE person IS NULL", &[])?,
        Some(id) => session.execute("DELETE FROM link WHERE person = ?1", &[id.into()])?,
    };
    let secret = Secret::random()?;
    session.execute(
        "INSERT INTO link (digest, person, ends_at) VALUES (?1, ?2, ?3)",
        &[(&secret.digest()).into(), person.into(), (now + length).timestamp_millis().into()],
    )?;
    Ok(secret)
}
