//! How many findings a second can be asked for, with thousands of exceptions of every kind.
//!
//! `cargo run --release -p stance-exceptions --example covering_rate -- 5000 1000000`

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use stance_exceptions::{Exceptions, RuleNames, Subject, read_exceptions};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Instant;

const RULES: usize = 600;
const RESOURCES: usize = 20_000;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<usize>().expect("a number"));
    let (exceptions, findings) = (arguments.next().unwrap_or(5000), arguments.next().unwrap_or(1_000_000));
    let rules: Vec<String> = (0..RULES).map(|rule| format!("aws-service{}-rule-{rule}", rule % 60)).collect();
    let mut text = String::new();
    for number in 0..exceptions {
        let rule = &rules[number % RULES];
        let fields = match number % 10 {
            // most are about one resource, or about a family of them and one rule
            0..4 => format!("rule: {rule}, resource: resource-{number}"),
            4..8 => format!("rule: {rule}, resource: 'team{}-*-{number}'", number % 7),
            8 => format!(
                "rule: 'aws-service{}-*', account: 123456789012, tag: owner=team{number}",
                number % 60
            ),
            _ => format!("resource: '*-scratch-{number}-*'"),
        };
        writeln!(text, "- {{ {fields}, reason: accepted, owner: team }}").unwrap();
    }
    let start = Instant::now();
    let list = read_exceptions(&text).unwrap();
    let read = start.elapsed();
    let exceptions =
        Exceptions::compile(list, RuleNames::new(rules.iter().map(|id| (id.as_str(), id.as_str()))));
    let exceptions = exceptions.unwrap();
    println!("read {} exceptions in {read:?}, compiled in {:?}", exceptions.len(), start.elapsed());

    let names: Vec<String> = (0..RESOURCES).map(|number| format!("resource-{number}")).collect();
    let ids: Vec<String> = names.iter().map(|name| format!("arn:aws:s3:::{name}")).collect();
    let tags =
        BTreeMap::from([("env".to_owned(), "prod".to_owned()), ("owner".to_owned(), "team8".to_owned())]);
    let as_of = chrono::DateTime::UNIX_EPOCH;
    let start = Instant::now();
    let mut covered = 0;
    for number in 0..findings {
        let subject = Subject {
            finding: "0123456789abcdef0123456789abcdef",
            rule: &rules[number % RULES],
            service: "s3",
            resource_id: &ids[number % RESOURCES],
            resource_name: &names[number % RESOURCES],
            tags: &tags,
            account: "123456789012",
            region: "eu-central-1",
        };
        covered += usize::from(exceptions.covering(&subject, as_of).is_some());
    }
    let taken = start.elapsed();
    println!(
        "{findings} findings in {taken:?}, {:?} each, {covered} covered",
        taken / u32::try_from(findings).unwrap()
    );
}
