//! SQLite: one file, one writer, readers that never wait for it.

use super::{Row, Rows, Session, TableColumns, Value};
use crate::{Result, StoreError};
use rusqlite::backup::Backup;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a process waits for another one that writes.
const PATIENCE: Duration = Duration::from_secs(30);
/// Prepared statements that a connection keeps.
const STATEMENTS: usize = 128;
/// Pages that a backup copies between two looks at whether somebody writes.
const BACKUP_STEP: i32 = 4096;
/// Says in a file's header that it is a store of Stance: `Stnc`.
const APPLICATION: i64 = 0x5374_6e63;

/// A file with connections to it.
pub(crate) struct Sqlite {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl Sqlite {
    /// Opens a file, or makes it.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let is_new = !path.exists() || path.metadata().is_ok_and(|file| file.len() == 0);
        if is_new {
            make_for_owner(path)?;
        }
        let writer = connect(path, false)?;
        let application: i64 = writer
            .query_row("PRAGMA application_id", [], |row| row.get(0))
            .map_err(|error| not_a_store(path, error))?;
        if is_new {
            writer.pragma_update(None, "application_id", APPLICATION)?;
        } else if application != APPLICATION {
            return Err(StoreError::Foreign { path: path.display().to_string() });
        }
        Ok(Self { path: path.to_owned(), writer: Mutex::new(writer), readers: Mutex::default() })
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does work in a transaction that alone writes.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&mut dyn Session) -> Result<T>) -> Result<T> {
        let mut writer = self.writer();
        let transaction = writer.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let done = work(&mut &*transaction)?;
        transaction.commit()?;
        Ok(done)
    }

    /// Does work on the state of one moment.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&mut dyn Session) -> Result<T>) -> Result<T> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut reader = match idle {
            Some(reader) => reader,
            None => connect(&self.path, true)?,
        };
        let transaction = reader.transaction()?;
        let done = work(&mut &*transaction);
        drop(transaction);
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
        done
    }

    /// Writes a copy of the state of one moment while others read and write.
    pub(crate) fn backup(&self, to: &Path) -> Result<()> {
        make_for_owner(to)?;
        let source = connect(&self.path, true)?;
        let mut copy = Connection::open(to)?;
        Backup::new(&source, &mut copy)?.run_to_completion(BACKUP_STEP, Duration::ZERO, None)?;
        copy.pragma_update(None, "journal_mode", "delete")?;
        Ok(())
    }

    /// Reads every page; the first few things that are wrong, if any are.
    pub(crate) fn check(&self) -> Result<()> {
        let reader = connect(&self.path, true)?;
        let mut statement = reader.prepare("PRAGMA quick_check(5)")?;
        let told: Vec<String> =
            statement.query_map([], |row| row.get(0))?.collect::<std::result::Result<_, _>>()?;
        if told == ["ok"] { Ok(()) } else { Err(self.damaged(&told.join("; "))) }
    }

    fn damaged(&self, message: &str) -> StoreError {
        StoreError::Damaged { path: self.path.display().to_string(), message: message.to_owned() }
    }

    /// Has the planner learn about the tables, and takes the log of changes into the file.
    pub(crate) fn tidy(&self) -> Result<()> {
        let writer = self.writer();
        writer.execute_batch("PRAGMA optimize")?;
        // pages that a reader still needs stay where they are
        writer.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        Ok(())
    }
}

fn not_a_store(path: &Path, error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => StoreError::Foreign { path: path.display().to_string() },
        Some(rusqlite::ErrorCode::DatabaseCorrupt) => {
            StoreError::Damaged { path: path.display().to_string(), message: error.to_string() }
        }
        _ => error.into(),
    }
}

fn connect(path: &Path, only_read: bool) -> Result<Connection> {
    // readers may have to make the file of shared memory, so they open it for writing too
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    let set = |name: &str, value: &str| {
        connection.pragma_update(None, name, value).map_err(|error| not_a_store(path, error))
    };
    set("journal_mode", "wal")?;
    // what was acknowledged must outlive a power cut
    set("synchronous", "full")?;
    set("foreign_keys", "on")?;
    set("cache_size", "-65536")?;
    set("temp_store", "memory")?;
    if only_read {
        set("query_only", "on")?;
    }
    Ok(connection)
}

/// What is in a store is for its owner only.
fn make_for_owner(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let made = options.open(path);
    made.map(drop).map_err(|source| StoreError::File { path: path.display().to_string(), source })
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl Session for &Connection {
    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64> {
        let changed = self.prepare_cached(sql)?.execute(rusqlite::params_from_iter(values))?;
        Ok(changed as u64)
    }

    fn query(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut statement = self.prepare_cached(sql)?;
        let mut rows = statement.query(rusqlite::params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            each(&Row::Sqlite(row))?;
        }
        Ok(())
    }

    fn insert(&mut self, table: &TableColumns, rows: &mut Rows<'_>) -> Result<()> {
        let mut statement = self.prepare_cached(&table.insert())?;
        rows(&mut |values| {
            statement.execute(rusqlite::params_from_iter(values))?;
            Ok(())
        })
    }

    fn batch(&mut self, sql: &str) -> Result<()> {
        Ok(self.execute_batch(sql)?)
    }
}
