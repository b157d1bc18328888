//! The form of the store, and how an older one becomes the present one.

use crate::database::{Database, Session, Value};
use crate::{Result, StoreError};
use chrono::Utc;

/// Each makes the next form from the one before it. Never changed once published, only added to.
const MIGRATIONS: &[&str] =
    &[include_str!("migrations/0001_ground.sql"), include_str!("migrations/0002_people.sql")];

/// The newest form that this Stance knows.
#[allow(clippy::cast_possible_wrap)]
pub(crate) const KNOWN: i64 = MIGRATIONS.len() as i64;

/// Brings a store to the present form; an older one is saved beside itself before, where it is a file.
pub(crate) fn migrate(database: &Database) -> Result<()> {
    let form = database.write(|session| {
        session.batch(&database.in_its_words(
            "CREATE TABLE IF NOT EXISTS migration (form {integer} PRIMARY KEY, made_at {integer} NOT NULL)",
        ))?;
        form(session)
    })?;
    if form > KNOWN {
        return Err(StoreError::Newer { found: form, known: KNOWN });
    }
    if form == KNOWN {
        return Ok(());
    }
    if let (true, Some(file)) = (form > 0, database.file()) {
        let copy = file.with_extension(format!("before-form-{KNOWN}.db"));
        database.backup(&copy)?;
        tracing::info!(from = form, to = KNOWN, backup = %copy.display(), "the store is brought to a new form");
    }
    database.write(|session| {
        // another server may have been quicker
        let mut form = self::form(session)?;
        for migration in MIGRATIONS.iter().skip(usize::try_from(form).unwrap_or_default()) {
            session.batch(&database.in_its_words(migration))?;
            form += 1;
            session.execute(
                "INSERT INTO migration (form, made_at) VALUES (?1, ?2)",
                &[Value::Integer(form), Value::Integer(Utc::now().timestamp_millis())],
            )?;
        }
        Ok(())
    })
}

/// The form that the store has; 0 where it is empty.
pub(crate) fn form(session: &mut dyn Session) -> Result<i64> {
    session.number("SELECT max(form) FROM migration", &[])
}
