//! Runs, resources and findings with their history, in SQLite or PostgreSQL.
//!
//! The store keeps intervals, not copies: a verdict that holds from one run to the next costs nothing. Runs come in
//! as a [bundle](BundleWriter), whole or not at all.

mod assets;
mod bundle;
mod census;
mod database;
mod error;
mod evidence;
mod hex;
mod import;
mod listing;
mod runs;
mod schema;
mod search;
mod store;
mod walk;
mod words;

pub use assets::{Asset, AssetPage, ConfigurationVersion};
pub use bundle::{
    BundleError, BundleReader, BundleWriter, BundledFinding, Configuration, End, KeptAttribute, ScopeBundle,
};
pub use census::{Cell, Census, Inventory, Scope, Tally, TrendPoint};
pub use database::Address;
pub use error::{Result, StoreError};
pub use evidence::{KeptEvidence, Said};
pub use import::Imported;
pub use listing::{Constraints, FindingDetail, FindingRow, Page, Period, Position};
pub use runs::{RunId, RunReport, RunState, RunSummary};
pub use store::Store;

pub(crate) use store::{compressed, digest, uncompressed};
