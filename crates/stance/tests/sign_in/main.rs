//! Every way to sign in, with the real command, against peers that speak the real protocols: the mock AWS's
//! STS and IAM, metadata endpoints of machines and containers, an identity provider.
//!
//! The mock AWS tells an account from the access key that a request is signed with, so that `scope` and
//! `identity` of a report prove who signed in.

// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod documentation;
mod expiry;
mod keys;
mod machines;
mod messages;
mod partitions;
mod roles;
#[path = "../support/mod.rs"]
mod support;
mod web_identity;

use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;
use support::identity::Keys;
use support::peer::Peer;
use support::{json, run, stance};

/// A small scan of a mock AWS, with nobody signed in yet.
fn scan(aws: &Peer) -> Command {
    let mut command = stance();
    command.env("AWS_ENDPOINT_URL", aws.url()).args([
        "scan",
        "aws",
        "--rule",
        "aws-iam-root-has-no-access-key",
    ]);
    command.args(["--region", "us-east-1", "--max-rate", "1000", "--format", "json"]);
    command
}

/// Those keys in the environment.
fn with_keys<'c>(command: &'c mut Command, keys: &Keys) -> &'c mut Command {
    command.env("AWS_ACCESS_KEY_ID", &keys.id).env("AWS_SECRET_ACCESS_KEY", &keys.secret);
    match &keys.token {
        Some(token) => command.env("AWS_SESSION_TOKEN", token),
        None => command,
    }
}

/// Account and identity of a scan that must go well.
fn signed_in(command: &mut Command) -> (String, String) {
    let ended = run(command);
    assert_eq!(ended.status, 0, "{}", ended.err);
    let report = json(&ended.out);
    let run = &report["runs"][0];
    assert_eq!(run["completion"], "complete");
    assert_eq!(report["runs"].as_array().map(Vec::len), Some(1));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&run["scope"]), text(&run["identity"]))
}

/// What the command says of a sign-in that must fail.
fn refused(command: &mut Command) -> String {
    let ended = run(command);
    assert_eq!(ended.status, 1, "{}", ended.err);
    assert!(ended.out.is_empty(), "{}", ended.out);
    ended.err
}

/// Files of a test.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// Account and identity of a user.
fn user(account: &str, name: &str) -> (String, String) {
    (account.to_owned(), format!("arn:aws:iam::{account}:user/{name}"))
}

/// Account and identity of a role's session.
fn session(account: &str, role: &str, session: &str) -> (String, String) {
    (account.to_owned(), format!("arn:aws:sts::{account}:assumed-role/{role}/{session}"))
}
