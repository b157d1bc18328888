//! The form of the store, and how an older one becomes the present one.

use crate::database::{Database, Session, Value};
use crate::{Result, StoreError};
use chrono::Utc;

/// Each makes the next form from the one before it. Never changed once published, only added to.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_ground.sql"),
    include_str!("migrations/0002_people.sql"),
    include_str!("migrations/0003_integrations.sql"),
    include_str!("migrations/0004_settings.sql"),
    include_str!("migrations/0005_alerts.sql"),
    include_str!("migrations/0006_shared.sql"),
    include_str!("migrations/0007_exceptions.sql"),
    include_str!("migrations/0008_agents.sql"),
];

/// Brings a store to the present form; an older one is saved beside itself before, where it is a file.
pub(crate) fn migrate(database: &Database) -> Result<()> {
    migrate_with(database, MIGRATIONS)
}

fn migrate_with(database: &Database, migrations: &[&str]) -> Result<()> {
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    let form = database.write(|session| {
        session.batch(&database.in_its_words(
            "CREATE TABLE IF NOT EXISTS migration (form {integer} PRIMARY KEY, made_at {integer} NOT NULL)",
        ))?;
        form(session)
    })?;
    if form > known {
        return Err(StoreError::Newer { found: form, known });
    }
    if form == known {
        return Ok(());
    }
    if let (true, Some(file)) = (form > 0, database.file()) {
        let copy = file.with_extension(format!("before-form-{known}.db"));
        database.backup(&copy)?;
        tracing::info!(from = form, to = known, backup = %copy.display(), "the store is brought to a new form");
    }
    database.write(|session| {
        // another server may have been quicker
        let mut form = self::form(session)?;
        for migration in migrations.iter().skip(usize::try_from(form).unwrap_or_default()) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Address, Store};

    #[test]
    fn a_store_of_each_older_form_is_saved_and_brought_to_the_present_one_with_all_it_holds() {
        for older in 1..MIGRATIONS.len() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("stance.db");
            let address = Address::File(path.clone());
            let database = Database::open(&address).unwrap();
            migrate_with(&database, &MIGRATIONS[..older]).unwrap();
            database
                .write(|session| {
                    session.execute(
                        "INSERT INTO run (id, uid, state, started_at, heartbeat_at) VALUES (1, 'old', 2, 0, 0)",
                        &[],
                    )
                })
                .unwrap();
            drop(database);
            let store = Store::open(&address).unwrap();
            assert_eq!(store.runs(None, 9).unwrap()[0].uid, "old", "form {older}");
            assert!(!store.has_administrator().unwrap());
            let saved = path.with_extension(format!("before-form-{}.db", MIGRATIONS.len()));
            assert_eq!(Database::open(&Address::File(saved)).unwrap().read(form).unwrap(), form_of(older));
            store.check().unwrap();
        }
    }

    fn form_of(count: usize) -> i64 {
        i64::try_from(count).unwrap()
    }
}
