//! Pages, a file each.

pub(crate) mod account;
pub(crate) mod agents;
pub(crate) mod alerts;
pub(crate) mod asset;
pub(crate) mod assets;
pub(crate) mod benchmark;
pub(crate) mod benchmark_comparison;
pub(crate) mod benchmarks;
pub(crate) mod exceptions;
pub(crate) mod files;
pub(crate) mod finding;
pub(crate) mod finding_acts;
pub(crate) mod findings;
pub(crate) mod integrations;
pub(crate) mod layout;
pub(crate) mod overview;
pub(crate) mod reports;
pub(crate) mod rule;
pub(crate) mod rule_settings;
pub(crate) mod rules;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod welcome;
