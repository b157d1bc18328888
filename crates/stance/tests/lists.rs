//! What `stance` prints for its lists, word for word.

// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use support::{run, stance};

/// What a command that goes well prints.
fn printed(arguments: &[&str]) -> String {
    let ended = run(stance().args(arguments));
    assert_eq!(ended.status, 0, "{}", ended.err);
    ended.out
}

fn first_lines(text: &str, count: usize) -> String {
    text.lines().take(count).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_help_tells_what_can_be_done() {
    insta::assert_snapshot!(printed(&["--help"]));
}

#[test]
fn the_help_of_a_scan_tells_every_choice() {
    insta::assert_snapshot!(printed(&["scan", "--help"]));
}

#[test]
fn the_rules_of_a_service_are_listed() {
    insta::assert_snapshot!(printed(&["rules", "list", "--service", "kms"]));
}

#[test]
fn a_rule_is_shown_with_all_that_is_known_of_it() {
    insta::assert_snapshot!(printed(&["rules", "show", "aws-s3-bucket-denies-plain-http"]));
}

#[test]
fn a_rule_is_shown_by_the_names_that_others_give_it() {
    let ours = printed(&["rules", "show", "aws-s3-bucket-denies-plain-http"]);
    for name in ["s3_bucket_secure_transport_policy", "S3.5"] {
        assert_eq!(printed(&["rules", "show", name]), ours, "{name}");
    }
}

#[test]
fn the_benchmarks_are_listed() {
    insta::assert_snapshot!(printed(&["benchmarks", "list"]));
}

#[test]
fn a_benchmark_is_shown_with_its_controls() {
    insta::assert_snapshot!(first_lines(&printed(&["benchmarks", "show", "aws-cis-3.0"]), 40));
}

#[test]
fn the_policy_for_a_service_is_printed_and_summed_up() {
    let ended = run(stance().args(["permissions", "aws", "--service", "kms"]));
    assert_eq!(ended.status, 0, "{}", ended.err);
    insta::assert_snapshot!(format!("{}--- standard error ---\n{}", ended.out, ended.err));
}
