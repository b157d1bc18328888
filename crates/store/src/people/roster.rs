//! The people that there are: invited, changed, kept out.

use super::audit::{Act, Actor, log};
use super::links::{self, LinkFor};
use super::person::{
    Accounts, Level, PERSON, Person, PersonChange, PersonId, PersonName, display_name, person,
};
use super::{PasswordHash, Secret};
use crate::database::{Session, Value};
use crate::{Result, Store, StoreError};
use chrono::{DateTime, Utc};

impl Store {
    /// Everybody, by name.
    ///
    /// # Errors
    /// If the store fails.
    pub fn people(&self) -> Result<Vec<Person>> {
        let sql = format!("SELECT {PERSON} FROM person ORDER BY name");
        self.database().read(|session| session.all(&sql, &[], person))
    }

    /// A person.
    ///
    /// # Errors
    /// If the store fails, or there is nobody of that number.
    pub fn person(&self, id: PersonId) -> Result<Person> {
        self.database().read(|session| find(session, id))
    }

    /// Whether anybody can manage people; where nobody can, a link must make an administrator.
    ///
    /// # Errors
    /// If the store fails.
    pub fn has_administrator(&self) -> Result<bool> {
        self.database().read(|session| Ok(administrators(session)? > 0))
    }

    /// The person of a name with what is kept of the password; nothing where there is none or they are kept out.
    ///
    /// # Errors
    /// If the store fails.
    pub fn credentials(&self, name: &PersonName) -> Result<Option<(PersonId, PasswordHash)>> {
        self.database().read(|session| {
            session.first(
                "SELECT id, password FROM person WHERE name = ?1 AND disabled = 0 AND password IS NOT NULL",
                &[name.as_str().into()],
                |row| Ok((PersonId(row.get(0)?), PasswordHash::kept(row.get(1)?))),
            )
        })
    }

    /// Invites somebody: they are there at once, and the link lets them set a password until it ends.
    ///
    /// # Errors
    /// If the name is taken or unfit, or the store fails.
    pub fn invite(
        &self,
        name: &PersonName,
        level: Level,
        accounts: &Accounts,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<(PersonId, Secret)> {
        self.database().write(|session| {
            let id = add(session, name, name.as_str(), None, level, accounts, now)?;
            log(session, by, Act::Invited, &described(name.as_str(), level, accounts), now)?;
            Ok((id, links::make(session, LinkFor::Person(id), now)?))
        })
    }

    /// Changes what somebody may do and see, or keeps them out. Whoever is kept out has no session left.
    ///
    /// # Errors
    /// If nobody could manage people afterwards, there is no such person, or the store fails.
    pub fn change_person(
        &self,
        id: PersonId,
        change: &PersonChange,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.database().write(|session| {
            let person = find(session, id)?;
            let had = administrators(session)?;
            let accounts = change.accounts.text()?;
            session.execute(
                "UPDATE person SET level = ?2, accounts = ?3, disabled = ?4 WHERE id = ?1",
                &[id.0.into(), change.level.value(), (&accounts).into(), i64::from(change.disabled).into()],
            )?;
            if had > 0 && administrators(session)? == 0 {
                return Err(StoreError::LastAdministrator { name: person.name });
            }
            if change.disabled {
                session.execute("DELETE FROM session WHERE person = ?1", &[id.0.into()])?;
                session.execute("DELETE FROM link WHERE person = ?1", &[id.0.into()])?;
            }
            let mut subject = described(&person.name, change.level, &change.accounts);
            if change.disabled {
                subject.push_str(", kept out");
            }
            log(session, by, Act::ChangedPerson, &subject, now)
        })
    }

    /// Changes somebody's own password, and ends all their sessions; the caller makes a new one.
    ///
    /// # Errors
    /// If the store fails, or there is no such person.
    pub fn change_password(
        &self,
        id: PersonId,
        password: &PasswordHash,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.database().write(|session| {
            find(session, id)?;
            set_password(session, id, password)?;
            log(session, by, Act::ChangedPassword, "", now)
        })
    }
}

/// Sets a password; whoever was signed in with the old one no longer is.
pub(super) fn set_password(session: &mut dyn Session, id: PersonId, password: &PasswordHash) -> Result<()> {
    session
        .execute("UPDATE person SET password = ?2 WHERE id = ?1", &[id.0.into(), password.text().into()])?;
    session.execute("DELETE FROM session WHERE person = ?1", &[id.0.into()])?;
    session.execute("DELETE FROM link WHERE person = ?1", &[id.0.into()])?;
    Ok(())
}

pub(crate) fn find(session: &mut dyn Session, id: PersonId) -> Result<Person> {
    let missing = || StoreError::Missing { what: "person", name: id.0.to_string() };
    let sql = format!("SELECT {PERSON} FROM person WHERE id = ?1");
    session.first(&sql, &[id.0.into()], person)?.ok_or_else(missing)
}

pub(super) fn add(
    session: &mut dyn Session,
    name: &PersonName,
    called: &str,
    password: Option<&PasswordHash>,
    level: Level,
    accounts: &Accounts,
    now: DateTime<Utc>,
) -> Result<PersonId> {
    let called = display_name(called)?;
    if session.number("SELECT count(*) FROM person WHERE name = ?1", &[name.as_str().into()])? > 0 {
        let message = format!("there is already somebody of the name `{}`; take another one", name.as_str());
        return Err(StoreError::Unfit(message));
    }
    let id = crate::import::next_id(session, "person")?;
    let accounts = accounts.text()?;
    session.execute(
        "INSERT INTO person (id, name, display_name, password, level, accounts, disabled, made_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7)",
        &[
            id.into(),
            name.as_str().into(),
            called.into(),
            password.map_or(Value::Null, |password| password.text().into()),
            level.value(),
            (&accounts).into(),
            now.timestamp_millis().into(),
        ],
    )?;
    Ok(PersonId(id))
}

/// How many people can sign in and manage others. Whoever is limited to accounts cannot.
fn administrators(session: &mut dyn Session) -> Result<i64> {
    let all = Accounts::All.text()?;
    session.number(
        "SELECT count(*) FROM person \
         WHERE level = ?1 AND accounts = ?2 AND disabled = 0 AND password IS NOT NULL",
        &[Level::Manage.value(), (&all).into()],
    )
}

fn described(name: &str, level: Level, accounts: &Accounts) -> String {
    let level = level.as_str();
    match accounts {
        Accounts::All => format!("{name}: {level}, all accounts"),
        Accounts::Only(accounts) => {
            let list: Vec<&str> = accounts.iter().map(stance_model::ScopeId::as_str).collect();
            format!("{name}: {level}, accounts {}", list.join(" "))
        }
    }
}
