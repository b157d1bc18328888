//! Every command and every configuration of the page about signing in works.

use crate::Files;
use crate::support::identity::Keys;
use crate::support::peer::Peer;
use crate::support::{aws, run, stance};
use std::path::Path;
use std::process::Command;

/// The blocks of a language.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let begin = format!("```{language}\n");
    page.split(&begin).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// A small scan in a folder where all that the page names is there.
fn prepared(command: &mut Command, files: &Files) {
    let keys = Keys::of_role("123456789012", "operator", "ada");
    command.current_dir(files.path("")).env("HOME", files.path("")).env("AWS_ENDPOINT_URL", aws());
    command.env_remove("AWS_CONFIG_FILE").env_remove("AWS_SHARED_CREDENTIALS_FILE");
    command.env("STANCE__SCAN__RULES", "aws-iam-root-has-no-access-key");
    command.env("STANCE__AWS__INCLUDE_REGIONS", "us-east-1");
    command.env("AUDIT_ACCESS_KEY_ID", keys.id).env("AUDIT_SECRET_ACCESS_KEY", keys.secret);
    command.env("AUDIT_SESSION_TOKEN", keys.token.unwrap());
}

#[test]
fn every_block_of_the_page_works() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/sign-in.md");
    let page = std::fs::read_to_string(page).unwrap();
    let files = Files::new();
    let keys = Keys::of_role("123456789012", "operator", "ada");
    for file in [".aws/credentials", "shared/credentials"] {
        files.write(file, &(keys.section("default") + &keys.section("audit")));
    }
    files.write("token.jwt", "header.claims.signature");
    files.write("secrets/aws", "secret");

    let commands = blocks(&page, "sh");
    assert!(commands.len() > 5);
    let binary = Path::new(env!("CARGO_BIN_EXE_stance")).parent().unwrap();
    let search = std::env::join_paths(
        std::iter::once(binary.to_owned()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let search = search.unwrap();
    for block in commands {
        let mut shell = Command::new("sh");
        // what the command itself is run with in tests
        for (name, value) in stance().get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        prepared(&mut shell, &files);
        let ended = run(shell.args(["-e", "-c", block]).env("PATH", &search));
        assert_eq!(ended.status, 0, "{block}\n{}", ended.err);
    }

    let configurations = blocks(&page, "yaml");
    assert!(configurations.len() > 5);
    let front = Peer::before_aws(|_| None);
    for block in configurations {
        let config = files.write("local.yaml", block);
        let mut scan = stance();
        prepared(&mut scan, &files);
        scan.env("AWS_ENDPOINT_URL", front.url());
        let ended = run(scan.args(["scan", "aws", "--mfa-code", "123456", "--config"]).arg(config));
        assert_eq!(ended.status, 0, "{block}\n{}", ended.err);
        assert!(!ended.err.contains("WARN"), "{block}\n{}", ended.err);
    }
    // what the page says of the external id and the chain is what was asked for
    let ids =
        front.received_for("AssumeRole").into_iter().filter_map(|request| request.parameter("ExternalId"));
    assert!(ids.into_iter().all(|id| id == "stance-4f1c"));
}
