//! `GovCloud` and China are found from the credentials.

use crate::support::peer::{Peer, Reply};
use crate::support::{json, run, stance};
use crate::{Files, support::identity::Issuer};
use chrono::TimeDelta;
use std::collections::BTreeSet;
use std::process::Command;

/// The mock AWS as it is for credentials of one partition: other regions do not know them.
fn partition(regions: &'static [&'static str]) -> Peer {
    Peer::before_aws(|request| {
        let region = request.signing_region()?;
        let message = "The security token included in the request is invalid.";
        (!regions.contains(&region)).then(|| Reply::error(403, "InvalidClientTokenId", message))
    })
}

const GOV_CLOUD: &[&str] = &["us-gov-west-1", "us-gov-east-1"];
const CHINA: &[&str] = &["cn-north-1", "cn-northwest-1"];

/// A scan where nobody says a region.
fn scan(aws: &Peer) -> Command {
    let mut command = stance();
    command
        .env("AWS_ENDPOINT_URL", aws.url())
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test");
    command.args([
        "scan",
        "aws",
        "--rule",
        "aws-iam-root-has-no-access-key",
        "--max-rate",
        "1000",
        "--format",
        "json",
    ]);
    command
}

/// Partition and regions of what was scanned.
fn scanned(command: &mut Command) -> (String, BTreeSet<String>) {
    let ended = run(command);
    assert_eq!(ended.status, 0, "{}", ended.err);
    let report = json(&ended.out);
    let run = &report["runs"][0];
    let regions = run["regions"].as_array().unwrap().iter().map(|region| region.as_str().unwrap().to_owned());
    (run["identity"].as_str().unwrap().split(':').nth(1).unwrap().to_owned(), regions.collect())
}

fn expected(partition: &str, regions: &[&str]) -> (String, BTreeSet<String>) {
    (partition.to_owned(), regions.iter().map(|region| (*region).to_owned()).collect())
}

#[test]
fn credentials_of_gov_cloud_scan_gov_cloud() {
    assert_eq!(scanned(&mut scan(&partition(GOV_CLOUD))), expected("aws-us-gov", GOV_CLOUD));
}

#[test]
fn credentials_of_china_scan_china() {
    assert_eq!(scanned(&mut scan(&partition(CHINA))), expected("aws-cn", CHINA));
}

#[test]
fn a_role_and_a_second_factor_are_asked_for_in_the_partition_of_the_credentials() {
    let aws = partition(GOV_CLOUD);
    let mut scan = scan(&aws);
    scan.args(["--role-arn", "arn:aws-us-gov:iam::150000000001:role/reader"]);
    assert_eq!(scanned(&mut scan), expected("aws-us-gov", GOV_CLOUD));
    scan.args(["--mfa-serial", "arn:aws-us-gov:iam::123456789012:mfa/ada", "--mfa-code", "123456"]);
    assert_eq!(scanned(&mut scan), expected("aws-us-gov", GOV_CLOUD));
}

#[test]
fn a_web_identity_is_exchanged_in_the_partition_of_its_role() {
    let (issuer, files) = (Issuer::start(), Files::new());
    let token = files.write("token", &issuer.token("ci", TimeDelta::hours(1)));
    let aws = partition(CHINA);
    let mut scan = scan(&aws);
    scan.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    scan.arg("--web-identity-token-file").arg(token);
    scan.args(["--web-identity-role", "arn:aws-cn:iam::150000000002:role/federated"]);
    assert_eq!(scanned(&mut scan), expected("aws-cn", CHINA));
}

#[test]
fn a_region_that_is_said_is_asked_and_no_other_partition() {
    let aws = partition(GOV_CLOUD);
    let ended = run(scan(&aws).args(["--region", "us-east-1"]));
    assert_eq!(ended.status, 1, "{}", ended.out);
    assert!(ended.err.contains("InvalidClientTokenId"), "{}", ended.err);
    assert!(aws.received().iter().all(|request| request.signing_region() == Some("us-east-1")));
}
