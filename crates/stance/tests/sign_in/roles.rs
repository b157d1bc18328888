//! Roles that are assumed: by ARN, by name, one after the other, with a second factor.

use crate::support::identity::{Keys, asks_for_external_id, checks_code};
use crate::support::peer::Peer;
use crate::support::run;
use crate::{Files, refused, scan, session, signed_in, with_keys};
use std::process::Command;

const DEVICE: &str = "arn:aws:iam::140000000000:mfa/ada";

/// A scan by somebody who may assume roles.
fn ada(aws: &Peer) -> Command {
    let mut command = scan(aws);
    with_keys(&mut command, &Keys::of_role("140000000000", "administrator", "ada"));
    command
}

#[test]
fn a_role_is_assumed_by_its_arn_with_all_that_it_asks_for() {
    let aws = Peer::before_aws(asks_for_external_id("an id: 1"));
    let role = "arn:aws:iam::140000000001:role/audit/reader";
    let mut flags = ada(&aws);
    flags.args(["--role-arn", role, "--external-id", "an id: 1", "--session-name", "nightly"]);
    flags.args(["--session-duration", "30m"]);
    let files = Files::new();
    let config = files.write(
        "local.yaml",
        &format!(
            "aws:\n  iam_role: {role}\n  external_id: 'an id: 1'\n  session_name: nightly\n  session_duration: 30m\n"
        ),
    );
    let mut configured = ada(&aws);
    configured.arg("--config").arg(config);
    for scan in [&mut flags, &mut configured] {
        assert_eq!(signed_in(scan), session("140000000001", "reader", "nightly"));
    }
    let asked = aws.received_for("AssumeRole");
    assert_eq!(asked.len(), 2, "a role is assumed once in a scan");
    for request in asked {
        assert_eq!(request.parameter("RoleArn").as_deref(), Some(role));
        assert_eq!(request.parameter("DurationSeconds").as_deref(), Some("1800"));
    }
    let told = refused(ada(&aws).args(["--role-arn", role]));
    assert!(told.contains("is not authorized to perform: sts:AssumeRole"), "{told}");
}

#[test]
fn a_role_is_known_by_its_name_in_the_account_that_signs_in() {
    let (aws, files) = (Peer::before_aws(|_| None), Files::new());
    let config = files.write("local.yaml", "aws: { iam_role: reader }");
    assert_eq!(signed_in(ada(&aws).arg("--config").arg(config)), session("140000000000", "reader", "stance"));
}

#[test]
fn roles_are_assumed_one_after_the_other_and_the_external_id_is_for_the_last() {
    let (aws, files) = (Peer::before_aws(|_| None), Files::new());
    let config = files.write(
        "local.yaml",
        "aws:\n  role_chain: ['arn:aws:iam::140000000001:role/hub', 'arn:aws:iam::140000000002:role/spoke']\n  \
         iam_role: arn:aws:iam::140000000002:role/reader\n  external_id: secret-word\n",
    );
    assert_eq!(signed_in(ada(&aws).arg("--config").arg(config)), session("140000000002", "reader", "stance"));
    let asked = aws.received_for("AssumeRole");
    let names: Vec<_> = asked.iter().map(|request| request.parameter("RoleArn").unwrap()).collect();
    assert_eq!(
        names.iter().map(|arn| arn.rsplit('/').next().unwrap()).collect::<Vec<_>>(),
        ["hub", "spoke", "reader"]
    );
    let ids: Vec<_> = asked.iter().map(|request| request.parameter("ExternalId")).collect();
    assert_eq!(ids, [None, None, Some("secret-word".into())]);
    let keys: std::collections::BTreeSet<_> =
        asked.iter().map(|request| request.access_key().unwrap()).collect();
    assert_eq!(keys.len(), 3, "each is assumed with the credentials of the one before");
}

#[test]
fn a_second_factor_is_told_once_and_its_session_assumes_the_role() {
    let aws = Peer::before_aws(checks_code(DEVICE, "123456"));
    let role = "arn:aws:iam::140000000001:role/reader";
    let mut flags = ada(&aws);
    flags.args(["--mfa-serial", DEVICE, "--mfa-code", "123456", "--role-arn", role]);
    assert_eq!(signed_in(&mut flags), session("140000000001", "reader", "stance"));
    let files = Files::new();
    let config = files.write("local.yaml", &format!("aws: {{ mfa_serial: '{DEVICE}', iam_role: '{role}' }}"));
    let mut configured = ada(&aws);
    configured.arg("--config").arg(config).args(["--mfa-code", "123456"]);
    assert_eq!(signed_in(&mut configured), session("140000000001", "reader", "stance"));
    assert_eq!(aws.received_for("GetSessionToken").len(), 2, "once in each scan");
    // the session of the second factor is what assumes the role
    let session = "AKIAIOSFODNN7EXAMPLE";
    assert!(aws.received_for("AssumeRole").iter().all(|request| request.access_key() == Some(session)));
}

#[test]
fn without_a_role_the_session_of_the_second_factor_scans() {
    let aws = Peer::before_aws(checks_code(DEVICE, "123456"));
    let ended = run(ada(&aws).args(["--mfa-serial", DEVICE, "--mfa-code", "123456"]));
    assert_eq!(ended.status, 0, "{}", ended.err);
    assert!(ended.err.contains("the credentials end in 11 hours and cannot be renewed"), "{}", ended.err);
    let signed = |action: &str| {
        aws.received_for(action)
            .iter()
            .filter_map(|request| request.access_key().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    assert!(signed("GetAccountSummary").iter().all(|key| key == "AKIAIOSFODNN7EXAMPLE"));
    assert!(!signed("GetAccountSummary").is_empty());
}

#[test]
fn several_roles_are_several_accounts_of_one_report() {
    let aws = Peer::before_aws(|_| None);
    let roles = "arn:aws:iam::140000000001:role/reader,arn:aws:iam::140000000002:role/reader";
    let ended = run(ada(&aws).args(["--role-arn", roles]));
    assert_eq!(ended.status, 0, "{}", ended.err);
    let report = crate::json(&ended.out);
    let scopes: Vec<_> =
        report["runs"].as_array().unwrap().iter().map(|run| run["scope"].as_str().unwrap()).collect();
    assert_eq!(scopes, ["140000000001", "140000000002"]);
}

#[test]
fn results_of_the_account_that_stance_runs_in_are_left_out() {
    let (aws, files) = (Peer::before_aws(|_| None), Files::new());
    // which account a profile is of is known once it signs in
    let home = Keys::of_role("140000000001", "administrator", "ada");
    let credentials = files.write("credentials", &home.section("home"));
    let config = files.write(
        "local.yaml",
        "aws:\n  master_account_id: '140000000001'\n  accounts:\n    - { profile: home }\n    \
         - { id: '140000000002', iam_role: reader }\n",
    );
    let mut scan = ada(&aws);
    scan.arg("--config").arg(config).env("AWS_SHARED_CREDENTIALS_FILE", credentials);
    let ended = run(&mut scan);
    assert_eq!(ended.status, 0, "{}", ended.err);
    let report = crate::json(&ended.out);
    assert_eq!(report["runs"].as_array().map(Vec::len), Some(1));
    assert_eq!(report["runs"][0]["identity"], session("140000000002", "reader", "stance").1);
    assert_eq!(report["unscanned"][0]["scope"], "140000000001");
    assert!(
        report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .all(|finding| finding["resource"]["scope"] == "140000000002")
    );
}
