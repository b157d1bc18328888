//! What people read who made a mistake.

use crate::support::{file, problems};

fn told(text: &str) -> String {
    problems(&file(text))
}

#[test]
fn unknown_and_misplaced_keys_are_told_all_at_once() {
    insta::assert_snapshot!(told(
        "aws:\n  regoin: eu-west-1\n  token: x\n  organization_email_domain: example.org\n  gcp:\n    organisation_configs: []\niam_role: x\nInclude-Regions: []\nservices: [s3]\nfrobnicate: 1\naws.region: x\nscan:\n  frobnicate: 1\n  paramters: {}\noutputs:\n- fromat: html\n  format: html\n"
    ));
}

#[test]
fn values_of_the_wrong_kind_or_form_are_told_all_at_once() {
    insta::assert_snapshot!(told(
        "aws:\n  region: eu-west-1a\n  include_regions: us-east-1\n  exclude_regions: [us-east-1, '', 7, [x]]\n  retries: [5]\n  max_rate: 0\n  accounts_at_once: -1\n  use_fips: yes\n  iam_role: arn:aws:iam::1:role/x\n  endpoint_url: localhost:4566\n  session_duration: 1 hour\n  accounts:\n    - id: 1111\n    - name: x\n      web_identity: { role_arn: nonsense }\n    - just-a-name\n  organization:\n    include_ous: [Production]\n    statuses: [actve, ACTVE]\n    account_tags: [env]\nscan:\n  severity: hihg\n  parameters: x\noutputs:\n  - path: a.html\nschedule: { at: 25:00, every: 0 }\ngcp: []\n"
    ));
}

#[test]
fn keys_that_exclude_or_need_each_other_are_told_with_what_to_remove() {
    insta::assert_snapshot!(told(
        "aws:\n  profile: a\n  access_key_id: { env: A }\n  session_duration: 13h\n  include_regions: [us-east-1]\n  exclude_regions: [us-east-1]\n"
    ));
    insta::assert_snapshot!(told(
        "aws:\n  accounts:\n    - { id: 111122223333, profile: a, credentials_file: b, web_identity: { token_file: t, role_arn: 'arn:aws:iam::111122223333:role/w' } }\n    - { id: 444455556666, session_duration: 2h, iam_role: b, role_chain: ['arn:aws:iam::111122223333:role/w'] }\n  session_duration: 5m\n  organization: { include_accounts: [111122223333], exclude_accounts: [111122223333] }\n"
    ));
}

#[test]
fn a_time_that_leaves_no_time_to_answer_is_refused() {
    insta::assert_snapshot!(told("aws:\n  connect_timeout: 0\n  read_timeout: 0s\n"), @r"
    local.yaml:2:3: `aws.connect_timeout` must be more than zero; write it as `5s`
    local.yaml:3:3: `aws.read_timeout` must be more than zero; write it as `5s`
    ");
}

#[test]
fn an_account_that_is_listed_twice_left_out_or_unnamed_is_told() {
    insta::assert_snapshot!(told(
        "aws:\n  master_account_id: 777788889999\n  accounts:\n    - id: 111122223333\n    - iam_role: arn:aws:iam::111122223333:role/x\n    - name: nobody\n    - id: 777788889999\n    - id: 444455556666\n      iam_role: arn:aws:iam::222233334444:role/x\n    - profile: some\n"
    ));
}

#[test]
fn an_account_that_only_the_role_of_another_one_leads_to_is_told() {
    insta::assert_snapshot!(told(
        "aws:\n  iam_role: arn:aws:iam::111122223333:role/hub\n  accounts:\n    - id: 111122223333\n    - { id: 222233334444, iam_role: reader }\n    - { id: 333344445555, profile: own }\n    - id: 444455556666\n"
    ));
}

#[test]
fn schedules_and_outputs_are_looked_at_as_a_whole() {
    insta::assert_snapshot!(told(
        "schedule: { every: 12h, at: '03:00', jitter: 13h }\noutputs:\n  - { format: html, path: a }\n  - { format: json, path: a }\n  - { format: pdf, path: b }\n"
    ));
}

#[test]
fn what_is_no_yaml_is_told_with_its_line() {
    insta::assert_snapshot!(told("aws:\n  region: [a\n"));
    insta::assert_snapshot!(told("aws:\n  region: a\n region: b\n"));
    insta::assert_snapshot!(told("aws:\n  region: us-east-1\n  region: us-east-2\naws: {}\n"));
    insta::assert_snapshot!(told("aws: {}\n---\naws: {}\n"));
    insta::assert_snapshot!(told("just text\n"));
    insta::assert_snapshot!(told("- a\n- b\n"));
    insta::assert_snapshot!(told("aws: *nobody\n"));
}

#[test]
fn a_tab_is_called_one() {
    insta::assert_snapshot!(told("aws:\n\tregion: us-east-1\n\t\tretries: x\n"));
    insta::assert_snapshot!(told(
        "gcp:\n  project_configs:\n  - project_id: a\n\t\tproject_number: 1\n    client_email: b\n\tpostgres_max_connections: x\n"
    ));
}

#[test]
fn hostile_text_in_a_message_is_made_harmless() {
    let message = told("aws:\n  \"re\\e[2Jgion\": 1\n  region: \"a\\e]0;x\\u202e\"\n");
    assert!(!message.contains(['\u{1b}', '\u{202e}']), "{message}");
}
