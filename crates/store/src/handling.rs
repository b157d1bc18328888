//! What people do about a finding: who looks after it, and what they write to it.

use crate::census::Census;
use crate::database::Session;
use crate::hex::unhexed;
use crate::import::next_id;
use crate::people::{Act, log};
use crate::runs::moment;
use crate::{Accounts, Actor, PersonId, Result, Store, StoreError};
use chrono::{DateTime, Utc};

/// Characters of a note.
const LONGEST: usize = 4_000;

/// Whose a finding is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assigned {
    /// Somebody's.
    To(PersonId),
    /// That of whoever signs in with this name.
    Named(String),
    /// Nobody's.
    ToNobody,
}

/// What somebody wrote to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// When.
    pub at: DateTime<Utc>,
    /// Who, as they signed in then.
    pub name: String,
    /// What: plain text.
    pub text: String,
}

/// What people do about a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handling {
    /// Who looks after it: their number and what they are called.
    pub assignee: Option<(PersonId, String)>,
    /// What was written to it, the earliest first.
    pub notes: Vec<Note>,
}

impl Store {
    /// What people do about a finding.
    ///
    /// # Errors
    /// If the store fails, or there is no such finding.
    pub fn handling(&self, finding: &str) -> Result<Handling> {
        self.database().read(|session| {
            let (number, _) = find(session, finding)?;
            let assignee = session.first(
                "SELECT person.id, person.display_name FROM assignment \
                 JOIN person ON person.id = assignment.person WHERE assignment.finding = ?1",
                &[number.into()],
                |row| Ok((PersonId(row.get(0)?), row.get(1)?)),
            )?;
            let notes = session.all(
                "SELECT at, name, text FROM note WHERE finding = ?1 ORDER BY id",
                &[number.into()],
                |row| Ok(Note { at: moment(row.get(0)?), name: row.get(1)?, text: row.get(2)? }),
            )?;
            Ok(Handling { assignee, notes })
        })
    }

    /// Gives a finding to somebody who may see it; nothing gives it to nobody.
    ///
    /// # Errors
    /// If there is no such finding or person, they are kept out or may not see it, or the store fails.
    pub fn assign(
        &self,
        census: &Census,
        finding: &str,
        to: Option<PersonId>,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.database().write(|session| {
            let (number, scope) = find(session, finding)?;
            session.execute("DELETE FROM assignment WHERE finding = ?1", &[number.into()])?;
            let name = match to {
                None => "nobody".to_owned(),
                Some(id) => {
                    let person = crate::people::find(session, id)?;
                    let scope = census.scope(scope).map(|scope| &scope.id);
                    let sees = match &person.accounts {
                        Accounts::All => true,
                        Accounts::Only(accounts) => scope.is_some_and(|scope| accounts.contains(scope)),
                    };
                    if person.disabled || !sees {
                        let name = person.name;
                        let message =
                            format!("`{name}` cannot look after it: they may not see it; choose another");
                        return Err(StoreError::Unfit(message));
                    }
                    session.execute(
                        "INSERT INTO assignment (finding, person) VALUES (?1, ?2)",
                        &[number.into(), id.number().into()],
                    )?;
                    person.name
                }
            };
            log(session, by, Act::Assigned, &format!("{finding} to {name}"), now)
        })
    }

    /// Writes a note to a finding. Notes are never changed.
    ///
    /// # Errors
    /// If the note is empty or too long, there is no such finding, or the store fails.
    pub fn write_note(&self, finding: &str, text: &str, by: &Actor, now: DateTime<Utc>) -> Result<()> {
        let text = text.trim().replace("\r\n", "\n");
        let is_plain = |letter: char| !letter.is_control() || matches!(letter, '\n' | '\t');
        if text.is_empty() || text.chars().count() > LONGEST || !text.chars().all(is_plain) {
            let message =
                format!("a note has 1 to {LONGEST} characters that can be shown; write another one");
            return Err(StoreError::Unfit(message));
        }
        self.database().write(|session| {
            let (number, _) = find(session, finding)?;
            let id = next_id(session, "note")?;
            session.execute(
                "INSERT INTO note (id, finding, at, name, text) VALUES (?1, ?2, ?3, ?4, ?5)",
                &[id.into(), number.into(), now.timestamp_millis().into(), (&by.name).into(), (&text).into()],
            )?;
            log(session, by, Act::WroteNote, finding, now)
        })
    }
}

/// The numbers of a finding and of its scope.
fn find(session: &mut dyn Session, finding: &str) -> Result<(i64, i64)> {
    let uid = unhexed(finding);
    session
        .first(
            "SELECT finding.id, resource.scope FROM finding JOIN resource ON resource.id = finding.resource \
             WHERE finding.uid = ?1",
            &[(&uid).into()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?
        .ok_or_else(|| StoreError::Missing { what: "finding", name: finding.to_owned() })
}
