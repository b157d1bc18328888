//! Requests by HTTP.

mod address;
mod client;
mod link;
mod route;

pub(crate) use address::Address;
pub(crate) use client::{Client, Response};
pub use link::{Http2Channel, http2_channel};
