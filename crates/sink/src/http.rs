//! Requests by HTTP.

mod address;
mod client;
mod route;

pub(crate) use address::Address;
pub(crate) use client::{Client, Response};
