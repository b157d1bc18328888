//! Values in remediation text.

use crate::sample;
use proptest::prelude::*;
use stance_model::{Finding, VerdictStatus};
use stance_report::remediation::{fill, fill_cli, fill_terraform};
use std::process::Command;

fn named(name: &str) -> Finding {
    sample::finding(sample::PUBLIC, VerdictStatus::Fail, sample::bucket(name, "eu-west-1"))
}

#[test]
fn known_placeholders_are_filled_and_others_left() {
    assert_eq!(
        fill("{Name} {name} {id} {region} {account} {file} {} {Name", &named("logs")),
        "logs logs arn:aws:s3:::logs eu-west-1 123456789012 {file} {} {Name"
    );
    assert_eq!(fill("{\"Bucket\": \"{Name}\"}", &named("logs")), "{\"Bucket\": \"logs\"}");
}

#[test]
fn a_value_is_not_filled_again() {
    assert_eq!(fill("{Name} {region}", &named("{region}")), "{region} eu-west-1");
}

#[test]
fn commands_are_quoted_or_left_open() {
    let cases = [
        ("x --bucket {Name}", "logs", "x --bucket logs"),
        ("x --bucket {Name}", "my logs", "x --bucket 'my logs'"),
        ("x --bucket {Name}", "it's; rm", r"x --bucket 'it'\''s; rm'"),
        ("x --bucket \"{Name}\"", "my logs", "x --bucket \"my logs\""),
        ("x --bucket \"{Name}\"", "$(rm)", "x --bucket \"{Name}\""),
        ("x --json '{\"a\": \"{Name}\"}'", "a\"b", "x --json '{\"a\": \"{Name}\"}'"),
        ("x --bucket {Name}", "--delete", "x --bucket {Name}"),
        ("x $(y {Name})", "a b", "x $(y {Name})"),
        ("x $(y {Name})", "ab", "x $(y ab)"),
        ("x \\{Name}", "a b", "x \\{Name}"),
        ("x {Name}", "", "x ''"),
    ];
    for (template, name, expected) in cases {
        assert_eq!(fill_cli(template, &named(name)), expected);
    }
}

#[test]
fn terraform_keeps_its_strings() {
    assert_eq!(fill_terraform("bucket = \"{Name}\"", &named("logs")), "bucket = \"logs\"");
    for name in ["a\"b", "${x}", "%{x}", "a\\"] {
        assert_eq!(fill_terraform("bucket = \"{Name}\"", &named(name)), "bucket = \"{Name}\"");
    }
}

fn argument(command: &str) -> String {
    let output = Command::new("sh").args(["-c", command]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_shell_takes_every_name_for_one_word(name in "[ -~]{0,12}") {
        for template in ["printf '%s' {Name}", "printf '%s' \"{Name}\"", "printf '%s' '{Name}'"] {
            let command = fill_cli(template, &named(&name));
            if command != template {
                prop_assert_eq!(&argument(&command), &name, "{}", command);
            }
        }
    }
}
