//! Any operation of AWS that the given models have, with JSON in and JSON out; those of a scan only read.
//!
//! There are no generated clients here: the shapes of each service come from `api.json` files that
//! `tools/api_models.py` cuts out of the published models, and are turned into schemas for the
//! official Smithy run time when a service is first called. Credentials, signing, connections and
//! the codecs are the official ones; the `0.x` crates among them are used nowhere but here.

mod assumed_role;
mod budget;
mod client;
mod credentials;
mod endpoint;
mod environment;
mod error;
mod error_answer;
mod limiter;
mod model;
mod options;
mod paging;
mod protocol;
mod resource_prefix;
mod retry;
mod sensitive;
mod service_client;
mod sign_in;
mod timestamp;
mod value;

#[cfg(test)]
mod testing;

pub use budget::{Budget, Traffic};
pub use client::{Client, Identity};
pub use error::{CallError, ConnectError, ModelError};
pub use model::ApiModels;
pub use options::ClientOptions;
pub use paging::Pages;
pub use sensitive::Conceal;
pub use sign_in::{AccessKeys, Mfa, RoleToAssume, SignIn, SignedInUntil, WebIdentity};
