//! Files that are made to do harm end soon, with an error.

use crate::support::{file, loaded, problems};
use proptest::prelude::*;
use stance_config::load;
use std::fmt::Write;

#[test]
fn deep_nesting_is_refused() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", "")] {
        let text = format!("exceptions: \n  - {}x{}\n", open.repeat(20_000), close.repeat(20_000));
        assert!(load(&file(&text)).is_err());
    }
    let block = (0..5_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect::<Vec<_>>().concat();
    assert!(load(&file(&block)).is_err());
}

#[test]
fn aliases_that_multiply_are_refused() {
    let mut text = String::from("exceptions:\n  - a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let before = format!("*a{}, ", level - 1).repeat(10);
        writeln!(text, "    a{level}: &a{level} [{}]", before.trim_end_matches(", ")).unwrap();
    }
    let told = problems(&file(&text));
    assert!(told.contains("there are more than"), "{told}");
}

#[test]
fn anchors_around_anchors_are_refused_before_they_fill_the_memory() {
    let text = format!(
        "exceptions: [{}[{}]{}]\n",
        (0..60).map(|n| format!("&n{n} [")).collect::<Vec<_>>().concat(),
        "x, ".repeat(100_000),
        "]".repeat(60)
    );
    assert!(problems(&file(&text)).contains("there are more than"));
}

#[test]
fn aliases_serve_where_they_are_harmless() {
    let config = loaded("aws:\n  include_regions: &regions [eu-west-1]\n  accounts:\n    - { id: 111122223333, include_regions: *regions }\n").config;
    assert_eq!(config.aws.accounts[0].include_regions, config.aws.include_regions);
}

#[test]
fn an_anchor_inside_of_itself_is_refused() {
    assert!(problems(&file("exceptions: &a [*a]\n")).starts_with("local.yaml:1:"));
}

#[test]
fn a_thousand_mistakes_are_not_all_told() {
    let regions = "nowhere, ".repeat(5_000);
    let told = problems(&file(&format!("aws:\n  include_regions: [{regions}]\n")));
    assert_eq!(told.lines().count(), 100);
}

#[test]
fn thousands_of_accounts_are_taken() {
    let mut text = String::from("aws:\n  accounts:\n");
    for number in 0..5_000 {
        writeln!(text, "    - {{ id: {number:012}, name: account {number}, iam_role: reader, include_regions: [eu-west-1] }}").unwrap();
    }
    assert_eq!(loaded(&text).config.aws.accounts.len(), 5_000);
}

#[test]
fn keys_without_end_are_looked_at_once() {
    let distinct = (0..40_000).map(|number| format!("k{number}: 1\n")).collect::<Vec<_>>().concat();
    let text = distinct + &"k39999: 1\n".repeat(40_000);
    let told = problems(&file(&text));
    assert_eq!(told.lines().last(), Some("79900 more problems are not listed"));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC*|([a-z_]{1,8}:? ?|[\\[\\]{}&*!|>%@`'\"#,-] ?|\\n *|\\t){0,40}") {
        let _ = load(&file(&text));
    }

    #[test]
    fn every_problem_of_a_file_has_a_line(text in "(aws|scan|gcp|region|accounts|id|x)(: |:\\n +|: \\[|: \\{|\\n)(aws|region|12|x|- a)\\n?") {
        if let Err(stance_config::ConfigError::Problems(problems)) = load(&file(&text)) {
            for problem in problems {
                prop_assert!(problem.to_string().starts_with("local.yaml:"), "{problem}\n{text}");
            }
        }
    }
}
