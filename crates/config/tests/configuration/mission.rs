//! Files of the mission's agent.

use crate::support::{file, loaded, problems, shown};
use stance_config::Regions;

#[test]
fn its_file_is_taken_with_every_effect_that_its_document_tells() {
    let loaded = loaded(include_str!("data/mission-corrected.yaml"));
    let aws = &loaded.config.aws;
    let regions =
        ["eu-west-1", "sa-east-1", "us-east-2", "us-west-1", "us-west-2"].map(|code| code.parse().unwrap());
    assert_eq!(aws.regions(), Regions::Named(regions.into()));
    assert_eq!(aws.iam_role.as_ref().map(ToString::to_string).as_deref(), Some("my-role"));
    assert_eq!(aws.retries.get(), 100);
    assert_eq!(aws.master_account_id.as_ref().unwrap().as_str(), "123456789012");
    let gcp = loaded.config.gcp.as_ref().unwrap();
    assert_eq!(gcp.postgres_max_connections.unwrap().get(), 100);
    assert_eq!(gcp.project_configs[0].project_number, Some(123_456_789_123));
    assert!(loaded.config.coralogix.as_ref().unwrap().dry_run);
    assert_eq!(loaded.config.storage_bucket_retention_period, Some(86_400));
    insta::assert_snapshot!(shown(&loaded));
    let notices: Vec<String> = loaded.notices.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(notices.join("\n"));
}

#[test]
fn its_file_as_printed_is_told_where_each_key_belongs() {
    insta::assert_snapshot!(problems(&file(include_str!("data/mission-as-printed.yaml"))));
}

#[test]
fn account_ids_survive_to_the_digit_quoted_or_not() {
    for id in ["123456789012", "012345678901", "000000000000", "\"012345678901\"", "'012345678901'"] {
        let loaded =
            loaded(&format!("aws: {{ master_account_id: {id}, accounts: [{{ id: 222233334444 }}] }}"));
        let expected = id.trim_matches(['"', '\'']);
        assert_eq!(loaded.config.aws.master_account_id.as_ref().unwrap().as_str(), expected);
        let shown = shown(&loaded);
        assert!(shown.contains(&format!("master_account_id: \"{expected}\"")), "{shown}");
    }
}

#[test]
fn what_is_not_twelve_digits_is_no_account() {
    for id in [
        "12345678901",
        "1234567890123",
        "0x1cbe991a14",
        "1.23456789012e11",
        "123_456_789_012",
        "1234-5678-9012",
    ] {
        let told = problems(&file(&format!("aws:\n  master_account_id: {id}\n")));
        assert_eq!(
            told,
            format!(
                "local.yaml:2:22: `aws.master_account_id`: `{id}` is not an account id; write its 12 digits"
            )
        );
    }
}
