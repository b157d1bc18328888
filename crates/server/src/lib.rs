//! The web console and the API: what the store holds, for people to look at and to act on.
//!
//! Pages are made on the server, work without scripts, and keep their whole state in the address. Everything that a
//! cloud returned is escaped by the template language; no page may load anything from elsewhere.

mod access;
mod agents;
mod alerts;
mod api;
mod dimension;
mod error;
mod facts;
mod filter;
mod grouping;
mod handling;
mod headers;
mod housekeeping;
mod integrations;
mod listen;
mod pages;
mod parts;
mod query;
mod reports;
mod router;
mod rule_settings;
mod scans;
mod server;
mod viewer;

pub use access::{Access, Entrance};
pub use alerts::{AlertOptions, Delivery, Overdue};
pub use api::{LargestRun, RUN_MEDIA_TYPE, RUN_NAME, openapi};
pub use error::ServeError;
pub use facts::named_rules;
pub use listen::{ListenOptions, ServeOptions, Server, TlsFiles};
pub use router::router;
pub use scans::{AccessReport, AccountAccess, Scanner, Stopping};
pub use server::Console;
pub use viewer::{Level, Viewer, Visible};
