//! One way to speak to both databases: SQLite in a file, PostgreSQL in a network.
//!
//! Statements are written once, with `?1`, `?2` for values, in the part of SQL that both understand.

mod postgres;
mod sqlite;
mod value;

pub(crate) use value::{Row, Value};

use crate::{Result, StoreError};
use postgres::Postgres;
use sqlite::Sqlite;
use std::path::{Path, PathBuf};

/// Where a store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A file.
    File(PathBuf),
    /// A PostgreSQL database: `postgres://user:password@host/database`, and where its tables are.
    Postgres {
        /// The address, with the password.
        address: String,
        /// The schema, if it is not the server's default.
        schema: Option<String>,
    },
}

impl Address {
    /// Understands what people write: a path, or an address that begins with `postgres://`.
    pub fn of(text: &str) -> Self {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Self::Postgres { address: text.to_owned(), schema: None }
        } else {
            Self::File(text.strip_prefix("sqlite://").unwrap_or(text).into())
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Postgres { address, .. } => f.write_str(&postgres::without_password(address)),
        }
    }
}

/// Takes a row.
pub(crate) type Put<'p> = dyn FnMut(&[Value<'_>]) -> Result<()> + 'p;

/// Hands many rows over, one by one.
pub(crate) type Rows<'r> = dyn FnMut(&mut Put<'_>) -> Result<()> + 'r;

/// What can be done within a transaction.
pub(crate) trait Session {
    /// Runs a statement; how many rows it changed.
    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64>;

    /// Shows each row of an answer.
    fn query(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()>;

    /// Puts many rows into a table: `rows` hands each of them over.
    fn insert(&mut self, table: &TableColumns, rows: &mut Rows<'_>) -> Result<()>;

    /// Runs statements without values.
    fn batch(&mut self, sql: &str) -> Result<()>;
}

impl dyn Session + '_ {
    /// All rows of an answer.
    pub(crate) fn all<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        mut take: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut all = Vec::new();
        self.query(sql, values, &mut |row| {
            all.push(take(row)?);
            Ok(())
        })?;
        Ok(all)
    }

    /// The first row of an answer, if there is one.
    pub(crate) fn first<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        take: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.all(sql, values, take)?.into_iter().next())
    }

    /// The only number of an answer; 0 where there is none.
    pub(crate) fn number(&mut self, sql: &str, values: &[Value<'_>]) -> Result<i64> {
        Ok(self.first(sql, values, |row| row.get::<Option<i64>>(0))?.flatten().unwrap_or_default())
    }
}

/// A table with those of its columns that are filled.
pub(crate) struct TableColumns {
    pub(crate) table: &'static str,
    pub(crate) columns: &'static [(&'static str, Kind)],
}

/// What a column holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Integer,
    Text,
    Bytes,
}

impl Kind {
    fn postgres(self) -> ::postgres::types::Type {
        match self {
            Self::Integer => ::postgres::types::Type::INT8,
            Self::Text => ::postgres::types::Type::TEXT,
            Self::Bytes => ::postgres::types::Type::BYTEA,
        }
    }
}

impl TableColumns {
    fn insert(&self) -> String {
        let names = self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let places = (1..=self.columns.len()).map(|place| format!("?{place}")).collect::<Vec<_>>().join(", ");
        format!("INSERT INTO {} ({names}) VALUES ({places})", self.table)
    }
}

/// A database of either kind.
pub(crate) enum Database {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Database {
    pub(crate) fn open(address: &Address) -> Result<Self> {
        Ok(match address {
            Address::File(path) => Self::Sqlite(Sqlite::open(path)?),
            Address::Postgres { address, schema } => {
                Self::Postgres(Postgres::open(address, schema.as_deref())?)
            }
        })
    }

    /// Does work in a transaction; no other one writes meanwhile.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&mut dyn Session) -> Result<T>) -> Result<T> {
        match self {
            Self::Sqlite(sqlite) => sqlite.write(work),
            Self::Postgres(postgres) => postgres.write(work),
        }
    }

    /// Does work on the state of one moment.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&mut dyn Session) -> Result<T>) -> Result<T> {
        match self {
            Self::Sqlite(sqlite) => sqlite.read(work),
            Self::Postgres(postgres) => postgres.read(work),
        }
    }

    /// Has the planner learn about the tables.
    pub(crate) fn tidy(&self) -> Result<()> {
        match self {
            Self::Sqlite(sqlite) => sqlite.tidy(),
            Self::Postgres(postgres) => postgres.tidy(),
        }
    }

    /// Looks for damage.
    pub(crate) fn check(&self) -> Result<()> {
        match self {
            Self::Sqlite(sqlite) => sqlite.check(),
            // the server looks after its own files
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Writes a copy of the state of one moment to a file.
    pub(crate) fn backup(&self, to: &Path) -> Result<()> {
        match self {
            Self::Sqlite(sqlite) => sqlite.backup(to),
            Self::Postgres(_) => Err(StoreError::Address {
                address: "postgres://…".to_owned(),
                message: "a PostgreSQL database is saved by `pg_dump`".to_owned(),
            }),
        }
    }

    /// The file, where it is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(sqlite) => Some(sqlite.path()),
            Self::Postgres(_) => None,
        }
    }

    /// A statement that tells how large it is, in bytes.
    pub(crate) fn size(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => {
                "SELECT pages.page_count * size.page_size FROM pragma_page_count() AS pages, \
                 pragma_page_size() AS size"
            }
            Self::Postgres(_) => "SELECT pg_database_size(current_database())",
        }
    }

    /// What the databases say in other words: whole numbers, bytes, and where words are found.
    pub(crate) fn in_its_words(&self, sql: &str) -> String {
        let (integer, bytes, words) = match self {
            Self::Sqlite(_) => (
                "INTEGER",
                "BLOB",
                "CREATE VIRTUAL TABLE resource_text USING fts5 \
                 (words, content = '', contentless_delete = 1, tokenize = 'unicode61', prefix = '2 3')",
            ),
            Self::Postgres(_) => (
                "BIGINT",
                "BYTEA",
                "CREATE TABLE resource_text (rowid BIGINT PRIMARY KEY, words TEXT NOT NULL); \
                 CREATE INDEX resource_text_words ON resource_text USING gin (to_tsvector('simple', words))",
            ),
        };
        sql.replace("{bytes}", bytes).replace("{integer}", integer).replace("{words}", words)
    }

    /// A statement that finds resources by the beginnings of words, and what it is asked for.
    pub(crate) fn find_words(&self, words: &[String]) -> (&'static str, String) {
        let each = |before: &str, after: &str, between: &str| {
            words.iter().map(|word| format!("{before}{word}{after}")).collect::<Vec<_>>().join(between)
        };
        match self {
            Self::Sqlite(_) => (
                "SELECT rowid FROM resource_text WHERE resource_text MATCH ?1 LIMIT ?2",
                each("\"", "\"*", " AND "),
            ),
            Self::Postgres(_) => (
                "SELECT rowid FROM resource_text \
                 WHERE to_tsvector('simple', words) @@ to_tsquery('simple', ?1) LIMIT ?2",
                each("'", "':*", " & "),
            ),
        }
    }
}
