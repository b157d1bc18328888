//! What can go wrong with a store.

use thiserror::Error;

/// What can go wrong with a store.
#[derive(Debug, Error)]
pub enum StoreError {
    /// SQLite refuses.
    #[error("{}", told_by_sqlite(.0))]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL refuses, or cannot be reached.
    #[error("the store fails: {}", told(.0))]
    Postgres(#[from] postgres::Error),
    /// The address of a database cannot be understood.
    #[error("`{address}` is not the address of a database: {message}")]
    Address {
        /// As it was given, without a password.
        address: String,
        /// What is wrong with it.
        message: String,
    },
    /// A newer Stance has written the store.
    #[error(
        "the store has form `{found}`, and this Stance knows forms up to `{known}`; take the version that wrote it, or a newer one"
    )]
    Newer {
        /// The store's form.
        found: i64,
        /// The newest form that is known.
        known: i64,
    },
    /// The file is not a store, or is damaged.
    #[error("`{path}` is damaged: {message}; restore a backup made by `stance store backup`")]
    Damaged {
        /// Which file.
        path: String,
        /// What the check told.
        message: String,
    },
    /// The file holds something else.
    #[error("`{path}` is not a store of Stance; name another file")]
    Foreign {
        /// Which file.
        path: String,
    },
    /// A file cannot be read or written.
    #[error("`{path}`: {source}")]
    File {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// What stands in the store cannot be read.
    #[error("the store holds something unreadable in {place}: {message}")]
    Content {
        /// Table and column.
        place: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// What was handed in cannot be taken.
    #[error("the run cannot be taken: {0}")]
    Bundle(#[from] crate::BundleError),
    /// Something that a person gave cannot be taken.
    #[error("{0}")]
    Unfit(String),
    /// Nobody could manage people any more.
    #[error("`{name}` is the last administrator; make another one first")]
    LastAdministrator {
        /// Their name.
        name: String,
    },
    /// A one-time link cannot be used.
    #[error("the link was used or has ended; ask for a new one")]
    LinkEnded,
    /// A password cannot be hashed.
    #[error("a password cannot be hashed: {0}")]
    Hash(String),
    /// There are no random numbers.
    #[error("the operating system has no random numbers: {0}")]
    Random(String),
    /// There is no such thing.
    #[error("there is no {what} `{name}`")]
    Missing {
        /// Its kind, for people.
        what: &'static str,
        /// As it was asked for.
        name: String,
    },
}

fn told_by_sqlite(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseCorrupt) => {
            format!("the store is damaged ({error}); restore a backup made by `stance store backup`")
        }
        Some(rusqlite::ErrorCode::DiskFull) => {
            format!("the disk is full, and nothing was changed ({error}); make room and try again")
        }
        Some(rusqlite::ErrorCode::DatabaseBusy) => {
            format!("another process writes the store for too long ({error}); try again")
        }
        _ => format!("the store fails: {error}"),
    }
}

/// The server's own words where it has some; the library alone says `db error`.
fn told(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(database) => format!("{} ({})", database.message(), database.code().code()),
        None => {
            let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
            format!("{error}{}", cause.unwrap_or_default())
        }
    }
}

/// What the store's own work returns.
pub type Result<T> = std::result::Result<T, StoreError>;
