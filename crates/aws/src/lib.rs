//! Any read operation of AWS with JSON in and JSON out.
//!
//! There are no generated clients here: the shapes of each service come from `api.json` files that
//! `tools/api_models.py` cuts out of the published models, and are turned into schemas for the
//! official Smithy run time when a service is first called. Credentials, signing, connections and
//! the codecs are the official ones; the `0.x` crates among them are used nowhere but here.

mod client;
mod credentials;
mod endpoint;
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
mod timestamp;
mod value;

#[cfg(test)]
mod testing;

pub use client::{Client, Identity};
pub use error::{CallError, ConnectError, ModelError};
pub use model::ApiModels;
pub use options::{ClientOptions, StaticCredentials};
pub use paging::Pages;
pub use sensitive::Conceal;
