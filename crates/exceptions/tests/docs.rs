//! The examples of docs/exceptions.md are what they say.

// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::expect_used)]

use stance_exceptions::{Exceptions, RuleNames, read_exceptions};

fn blocks() -> Vec<String> {
    let page = include_str!("../../../docs/exceptions.md");
    let fenced = page.split("```yaml\n").skip(1);
    fenced.map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn every_example_of_the_page_can_be_used() {
    assert_eq!(blocks().len(), 2, "the page has other examples now");
    let names = RuleNames::new([
        ("aws-s3-bucket-is-not-public", "s3_bucket_public_access"),
        ("aws-ec2-instance-has-no-public-ip", "ec2_instance_public_ip"),
        ("aws-rds-instance-is-not-public", "rds_instance_no_public_access"),
    ]);
    for block in blocks() {
        let exceptions = Exceptions::compile(read_exceptions(&block).unwrap(), names.clone()).unwrap();
        assert!(!exceptions.is_empty());
        assert_eq!(exceptions.unknown_rules().count(), 0, "{block}");
    }
}

#[test]
fn the_page_tells_every_field() {
    let page = include_str!("../../../docs/exceptions.md");
    let error = read_exceptions("- { nothing: 1 }").unwrap_err().to_string();
    let (_, fields) = error.split_once("expected one of ").expect("the message lists the fields");
    for field in fields.split(", ") {
        assert!(page.contains(&format!("`{field}`")) || page.contains(&format!("{field}: ")), "{field}");
    }
}
