//! Results delivered to receivers that others wrote, and to some that make trouble.

#![cfg(target_os = "linux")]
// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod killed;
mod others;
mod receiver;
mod secure;
mod told;

#[path = "../support/mod.rs"]
mod support;

use std::path::Path;
use std::process::Command;

/// A scan of some buckets, with those sinks and a folder for what they keep.
fn scan(folder: &Path, sinks: &[String]) -> Command {
    let sinks: String = sinks.iter().flat_map(|sink| ["  - { ", sink, " }\n"]).collect();
    let config = folder.join("local.yaml");
    std::fs::write(&config, format!("sinks:\n{sinks}")).unwrap();
    let mut command = support::scan();
    command
        .args(["--service", "s3", "--format", "json", "--output"])
        .arg(folder.join("report.json"))
        .arg("--config")
        .arg(config)
        .env("XDG_STATE_HOME", folder)
        .env("NO_PROXY", "*")
        .env_remove("STATE_DIRECTORY")
        .current_dir(folder);
    command
}

/// How many findings the report has that a scan wrote.
fn findings(folder: &Path) -> usize {
    let report = support::json(&std::fs::read_to_string(folder.join("report.json")).unwrap());
    report["findings"].as_array().unwrap().len()
}
