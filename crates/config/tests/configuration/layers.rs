//! Layers over each other.

use crate::support::{file, flag, loaded, problems, shown, with};
use serde_json::json;
use stance_config::{Config, Layers, Origin, load};

#[test]
fn without_any_layer_the_defaults_are_in_force() {
    let loaded = load(&Layers::default()).unwrap();
    assert_eq!(loaded.config, Config::default());
    assert!(loaded.notices.is_empty());
    insta::assert_snapshot!(shown(&loaded), @r"
    aws:
      retries: 5                                    # default
      accounts_at_once: 4                           # default
      max_rate: 20                                  # default
      connect_timeout: 3s                           # default
      read_timeout: 30s                             # default
    ");
}

#[test]
fn each_layer_goes_over_the_one_before_and_is_named() {
    let text = "aws:\n  region: eu-west-1\n  retries: 3\n  include_regions: [us-east-1, us-east-2]\n  max_rate: 5\nscan:\n  parameters: { a: 1, b: 2 }\n";
    let layers = with(
        file(text),
        &[
            ("STANCE__AWS__REGION", "eu-north-1"),
            ("STANCE__AWS__INCLUDE_REGIONS", "us-west-1, us-west-2"),
            ("STANCE__AWS__MAX_RATE", "7"),
            ("STANCE__SCAN__PARAMETERS", "{ c: 3 }"),
            ("STANCE_CONFIG", "local.yaml"),
        ],
    );
    let loaded = load(&flag(layers, "aws.max_rate", json!(9.5), "--max-rate")).unwrap();
    insta::assert_snapshot!(shown(&loaded), @r"
    aws:
      region: eu-north-1                            # STANCE__AWS__REGION
      include_regions: [us-west-1, us-west-2]       # STANCE__AWS__INCLUDE_REGIONS
      retries: 3                                    # local.yaml:3
      accounts_at_once: 4                           # default
      max_rate: 9.5                                 # --max-rate
      connect_timeout: 3s                           # default
      read_timeout: 30s                             # default
    scan:
      parameters: { c: 3 }                          # STANCE__SCAN__PARAMETERS
    ");
    assert_eq!(
        loaded.origins.of("aws.include_regions[1]"),
        Origin::Environment("STANCE__AWS__INCLUDE_REGIONS".into())
    );
    assert_eq!(loaded.origins.of("aws.accounts_at_once"), Origin::Default);
}

#[test]
fn lists_and_sections_in_the_environment_are_yaml_or_commas() {
    let layers = with(
        Layers::default(),
        &[
            (
                "STANCE__AWS__ACCOUNTS",
                "[{ id: 012345678901, name: a }, { iam_role: 'arn:aws:iam::111122223333:role/x' }]",
            ),
            ("STANCE__AWS__ORGANIZATION", "{ enabled: false }"),
            ("STANCE__AWS__ORGANIZATION__ROLE_NAME", "reader"),
            ("STANCE__AWS__EXCLUDE_REGIONS", "[us-east-1]"),
            ("STANCE__AWS__MASTER_ACCOUNT_ID", "000000000001"),
            ("STANCE__SCAN__SERVICES", "s3"),
            ("STANCE__AWS__REGION", ""),
        ],
    );
    let config = load(&layers).unwrap().config;
    let ids: Vec<_> = config
        .aws
        .accounts
        .iter()
        .filter_map(stance_config::AwsAccount::account_id)
        .map(|id| id.to_string())
        .collect();
    assert_eq!(ids, ["012345678901", "111122223333"]);
    let organization = config.aws.organization.unwrap();
    assert_eq!((organization.enabled, organization.role_name.as_str()), (false, "reader"));
    assert_eq!(config.aws.master_account_id.unwrap().as_str(), "000000000001");
    assert_eq!(config.scan.services, ["s3"]);
    assert_eq!(config.aws.region, None);
}

#[test]
fn a_way_to_sign_in_replaces_the_other_way_of_a_lower_layer() {
    let text = "aws:\n  access_key_id: { env: A }\n  secret_access_key: { env: B }\n";
    let loaded = load(&flag(file(text), "aws.profile", json!("audit"), "--profile")).unwrap();
    assert_eq!(loaded.config.aws.access_key_id, None);
    assert_eq!(loaded.config.aws.profile.as_deref(), Some("audit"));
}

#[test]
fn what_a_higher_layer_replaces_must_be_right_too() {
    let layers = flag(file("aws:\n  retries: many\n"), "aws.retries", json!(3), "--retries");
    assert_eq!(
        problems(&layers),
        "local.yaml:2:12: `aws.retries`: `many` is not a whole number from 0 to 4294967295"
    );
}

#[test]
fn problems_of_all_layers_are_told_at_once() {
    let layers =
        with(file("aws:\n  regoin: eu-west-1\n"), &[("STANCE__AWS__RETRIES", "0"), ("STANCE__AWS", "x")]);
    insta::assert_snapshot!(problems(&flag(layers, "aws.max_rate", json!(-1), "--max-rate")));
}

#[test]
fn an_empty_section_is_as_good_as_none_and_told_where_it_may_be_meant() {
    let loaded = loaded("aws:\n  organization:\n  region:\nscan:\n");
    assert_eq!(loaded.config, Config::default());
    let notices: Vec<_> = loaded.notices.iter().map(ToString::to_string).collect();
    assert_eq!(
        notices,
        [
            "local.yaml:2:3: `aws.organization` is empty, so the organization is not scanned; write `enabled: true` below it if it should be"
        ]
    );
}

#[test]
fn paths_to_read_begin_beside_the_file_or_at_home() {
    let text = "aws: { accounts_file: accounts.txt, credentials_file: ~/.aws/credentials }\nexceptions_file: /etc/exceptions.yaml\noutputs: [{ format: html, path: report.html }]\n";
    let mut layers = with(file(text), &[("HOME", "/home/ann"), ("STANCE__SCAN__CATALOG", "rules")]);
    layers.file.as_mut().unwrap().path = "/cxa/config/local.yaml".into();
    let config = load(&layers).unwrap().config;
    let path = |path: Option<stance_config::InputPath>| path.unwrap().as_path().display().to_string();
    assert_eq!(path(config.aws.accounts_file), "/cxa/config/accounts.txt");
    assert_eq!(path(config.aws.credentials_file), "/home/ann/.aws/credentials");
    assert_eq!(path(config.exceptions_file), "/etc/exceptions.yaml");
    assert_eq!(path(config.scan.catalog), "rules");
    assert_eq!(config.outputs[0].path.as_deref().unwrap().to_str(), Some("report.html"));
}

#[test]
fn exceptions_are_handed_on_as_they_were_written() {
    let loaded = loaded("exceptions:\n  - { rule: r, account: 012345678901, until: 2027-01-31, count: 3 }\n");
    assert_eq!(
        serde_json::to_value(&loaded.config.exceptions).unwrap(),
        json!([{ "rule": "r", "account": "012345678901", "until": "2027-01-31", "count": 3 }])
    );
}

#[test]
fn a_section_may_be_made_up_of_several_layers() {
    let token = ("STANCE__AWS__WEB_IDENTITY__TOKEN_FILE", "/run/token");
    let layers =
        with(file("aws: { web_identity: { role_arn: 'arn:aws:iam::111122223333:role/x' } }"), &[token]);
    let identity = load(&layers).unwrap().config.aws.web_identity.unwrap();
    assert_eq!(identity.token_file.as_path().to_str(), Some("/run/token"));
    assert_eq!(
        problems(&with(Layers::default(), &[token])),
        "STANCE__AWS__WEB_IDENTITY__TOKEN_FILE: `aws.web_identity` lacks `role_arn`; add it"
    );
}
