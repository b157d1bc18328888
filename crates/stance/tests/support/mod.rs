//! Running the `stance` command as people do.

// each test file uses its own part
#![allow(dead_code)]

pub mod doubles;
pub mod identity;
pub mod peer;

use serde_json::Value;
use std::process::{Command, Output};

/// Where the mock AWS answers; `cargo xtask test` starts it and says so.
pub fn aws() -> String {
    std::env::var("STANCE_TEST_AWS").expect("STANCE_TEST_AWS is not set: run the tests by `cargo xtask test`")
}

/// The regions that the estate uses.
pub const REGIONS: &str = "eu-central-1,us-east-1";

/// The command with nothing of this machine's AWS settings.
pub fn stance() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stance"));
    for (name, _) in std::env::vars() {
        if name.starts_with("AWS_") || name.starts_with("RUST_LOG") {
            command.env_remove(name);
        }
    }
    command
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent");
    command
}

/// A scan of the estate.
pub fn scan() -> Command {
    scan_at_rate("1000")
}

/// A scan of the estate with so many requests a second at most.
pub fn scan_at_rate(rate: &str) -> Command {
    let mut command = stance();
    command
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test-secret-never-shown")
        .env("AWS_ENDPOINT_URL", aws())
        .args(["scan", "aws", "--region", REGIONS, "--max-rate", rate]);
    command
}

/// What a command printed and how it ended.
pub struct Ended {
    pub status: i32,
    pub out: String,
    pub err: String,
}

pub fn run(command: &mut Command) -> Ended {
    let Output { status, stdout, stderr } = command.output().expect("the command starts");
    Ended {
        status: status.code().expect("the command ends by itself"),
        out: String::from_utf8(stdout).expect("UTF-8"),
        err: String::from_utf8(stderr).expect("UTF-8"),
    }
}

pub fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text:.200}"))
}
