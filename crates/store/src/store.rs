//! The store as a whole.

use crate::bundle::BundleReader;
use crate::census::Census;
use crate::database::{Address, Database};
use crate::import::{Imported, import};
use crate::runs::RunId;
use crate::{Result, StoreError, schema};
use flate2::Compression;
use flate2::bufread::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Runs, resources and findings with their history.
pub struct Store {
    database: Database,
    census: Mutex<Option<Arc<Census>>>,
}

impl Store {
    /// Opens a store, or makes it; an older one is brought to the present form.
    ///
    /// # Errors
    /// If it cannot be opened, is something else, is damaged, or was written by a newer Stance.
    pub fn open(address: &Address) -> Result<Self> {
        let database = Database::open(address)?;
        schema::migrate(&database)?;
        Ok(Self { database, census: Mutex::default() })
    }

    /// Takes a run in: all of it or, where something is wrong, nothing.
    ///
    /// # Errors
    /// If the run cannot be read, says something twice, or the store fails.
    pub fn import(&self, run: RunId, bundle: impl BufRead) -> Result<Imported> {
        let bundle = BundleReader::open(bundle)?;
        let imported = self.database.write(|session| import(session, run, bundle))?;
        self.database.tidy()?;
        Ok(imported)
    }

    /// Writes a copy of the state of one moment to a file, while others read and write.
    ///
    /// # Errors
    /// If it cannot be written, or the store is not a file.
    pub fn backup(&self, to: &Path) -> Result<()> {
        if to.exists() {
            let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
            return Err(StoreError::File { path: to.display().to_string(), source });
        }
        self.database.backup(to)
    }

    /// Looks for damage.
    ///
    /// # Errors
    /// What is damaged.
    pub fn check(&self) -> Result<()> {
        self.database.check()
    }

    pub(crate) fn held_census(&self) -> &Mutex<Option<Arc<Census>>> {
        &self.census
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }
}

/// A document as it is kept.
pub(crate) fn compressed(document: &impl Serialize, place: &'static str) -> Result<Vec<u8>> {
    let content = |message: String| StoreError::Content { place, message };
    let json = serde_json::to_vec(document).map_err(|error| content(error.to_string()))?;
    let mut out = DeflateEncoder::new(Vec::with_capacity(json.len() / 4), Compression::fast());
    out.write_all(&json).and_then(|()| out.finish()).map_err(|error| content(error.to_string()))
}

/// A document that was kept.
pub(crate) fn uncompressed<T: DeserializeOwned>(bytes: &[u8], place: &'static str) -> Result<T> {
    serde_json::from_reader(DeflateDecoder::new(bytes))
        .map_err(|error| StoreError::Content { place, message: error.to_string() })
}

/// What tells whether a document is another one.
pub(crate) fn digest(document: &impl Serialize) -> Vec<u8> {
    /// As many bytes as keep two documents from being taken for one.
    const LENGTH: usize = 16;
    // what cannot be written as JSON never came in as JSON
    let json = serde_json::to_vec(document).unwrap_or_default();
    Sha256::digest(json).iter().copied().take(LENGTH).collect()
}
