//! One file a command.

pub mod agent;
pub mod benchmarks;
pub mod check_access;
pub mod config;
pub mod demo;
pub mod diff;
pub mod evaluate;
pub mod exceptions;
pub mod generate;
pub mod onboard;
pub mod permissions;
pub mod rules;
pub mod scan;
pub mod send;
pub mod serve;
pub mod store;
