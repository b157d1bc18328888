//! The web console and the API: what the store holds, for people to look at and to act on.
//!
//! Pages are made on the server, work without scripts, and keep their whole state in the address. Everything that a
//! cloud returned is escaped by the template language; no page may load anything from elsewhere.

mod dimension;
mod error;
mod facts;
mod filter;
mod grouping;
mod headers;
mod pages;
mod parts;
mod query;
mod router;
mod server;
mod viewer;

pub use error::ServeError;
pub use router::router;
pub use server::{Console, serve, serve_open};
pub use viewer::{Level, Viewer, Visible};
