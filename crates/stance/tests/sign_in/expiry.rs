//! Credentials that end while the scan goes on.

use crate::support::identity::Keys;
use crate::support::peer::{Peer, Reply};
use crate::support::{json, run, stance};
use crate::{Files, with_keys};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// More than can be read before the credentials end.
const SERVICES: &str = "iam,ec2,rds,sqs,sns,kms";

/// The mock AWS, for which the credentials end after so many requests.
fn ending_after(requests: usize) -> (Peer, Arc<AtomicBool>) {
    let renewed = Arc::new(AtomicBool::new(false));
    let (seen, good) = (AtomicUsize::new(0), Arc::clone(&renewed));
    let aws = Peer::before_aws(move |_| {
        let over = seen.fetch_add(1, Ordering::SeqCst) >= requests && !good.load(Ordering::SeqCst);
        let message = "The security token included in the request is expired";
        over.then(|| Reply::error(403, "ExpiredToken", message))
    });
    (aws, renewed)
}

fn scan(aws: &Peer, rate: &str) -> Command {
    let mut command = stance();
    command.env("AWS_ENDPOINT_URL", aws.url());
    command.args(["scan", "aws", "--service", SERVICES, "--region", "us-east-1,eu-central-1"]);
    command.args(["--max-rate", rate]);
    with_keys(&mut command, &Keys::of_role("160000000001", "auditor", "today"));
    command
}

#[test]
fn a_scan_whose_credentials_end_stops_soon_says_so_and_keeps_what_was_read() {
    const GOOD: usize = 30;
    let (aws, renewed) = ending_after(GOOD);
    let files = Files::new();
    let snapshot = files.path("estate.jsonl.gz");
    let ended = run(scan(&aws, "10").args(["--format", "json", "--snapshot"]).arg(&snapshot));
    assert!(matches!(ended.status, 3 | 4), "{} {}", ended.status, ended.err);
    assert!(ended.err.contains("the credentials have expired"), "{}", ended.err);
    let report = json(&ended.out);
    assert_eq!(report["runs"][0]["completion"], "credentials-expired");
    let findings = report["findings"].as_array().unwrap();
    let with = |status: &str| findings.iter().filter(|finding| finding["status"] == status).count();
    assert!(with("unknown") > 0);
    // what was under way or waited for its turn is not asked; the rest of the scan is much more
    let asked = aws.received().len();
    assert!(asked < GOOD + 40, "{asked} requests");

    let again =
        run(stance().arg("evaluate").arg(&snapshot).args(["--service", SERVICES, "--format", "json"]));
    let again = json(&again.out);
    assert_eq!(again["runs"][0]["completion"], "credentials-expired");
    assert_eq!(again["findings"], report["findings"]);

    // with new keys the scan is taken up where it was left
    renewed.store(true, Ordering::SeqCst);
    let whole = run(scan(&aws, "1000").args(["--format", "json", "--resume", "--snapshot"]).arg(&snapshot));
    assert!(matches!(whole.status, 0 | 3 | 4), "{}", whole.err);
    assert_eq!(json(&whole.out)["runs"][0]["completion"], "complete");
    let rest = aws.received().len() - asked;
    assert!(rest > 80, "{rest} requests");
}

#[test]
fn a_report_for_people_says_first_that_the_credentials_ended() {
    let (aws, _) = ending_after(30);
    let ended = run(&mut scan(&aws, "1000"));
    assert!(matches!(ended.status, 3 | 4), "{}", ended.err);
    assert!(
        ended
            .out
            .contains("the credentials expired during this scan: what was not reached is unknown, not good"),
        "{}",
        ended.out
    );
}

#[test]
fn credentials_that_ended_before_the_scan_are_an_error() {
    let (aws, _) = ending_after(0);
    let ended = run(scan(&aws, "1000").args(["--format", "json"]));
    assert_eq!(ended.status, 1, "{}", ended.err);
    assert!(ended.out.is_empty());
    assert!(ended.err.contains("the credentials have expired"), "{}", ended.err);
    assert!(aws.received().len() < 4, "it is not tried again and again");
}

#[test]
fn the_end_of_temporary_keys_is_told_before_the_scan_where_it_is_known() {
    let aws = Peer::before_aws(|_| None);
    let keys = Keys::of_role("160000000001", "auditor", "exported");
    let told = |end: Option<chrono::TimeDelta>| {
        let mut command = crate::scan(&aws);
        with_keys(&mut command, &keys);
        if let Some(lasting) = end {
            command.env("AWS_CREDENTIAL_EXPIRATION", (chrono::Utc::now() + lasting).to_rfc3339());
        }
        run(&mut command).err
    };
    let soon = told(Some(chrono::TimeDelta::seconds(630)));
    assert!(soon.contains("WARN the credentials end in 10 minutes and cannot be renewed"), "{soon}");
    let late = told(Some(chrono::TimeDelta::minutes(190)));
    assert!(late.contains("INFO the credentials end in 3 hours and cannot be renewed"), "{late}");
    let unknown = told(None);
    assert!(unknown.contains("INFO the credentials are temporary and cannot be renewed"), "{unknown}");
}

#[test]
fn a_role_is_assumed_anew_when_its_credentials_end_within_the_scan() {
    // the role's first credentials end at once; AWS's own last fifteen minutes at least
    let aws = Peer::before_aws({
        let given = AtomicUsize::new(0);
        move |request| {
            let first = request.action().as_deref() == Some("AssumeRole")
                && given.fetch_add(1, Ordering::SeqCst) == 0;
            first.then(|| {
                let keys = Keys::of_role("160000000001", "reader", "first");
                let body = format!(
                    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{}</AccessKeyId>\
                     <SecretAccessKey>{}</SecretAccessKey><SessionToken>{}</SessionToken>\
                     <Expiration>{}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
                    keys.id,
                    keys.secret,
                    keys.token.unwrap(),
                    (chrono::Utc::now() + chrono::TimeDelta::seconds(2)).format("%Y-%m-%dT%H:%M:%SZ"),
                );
                Reply { status: 200, headers: vec![("content-type", "text/xml".into())], body }
            })
        }
    });
    let mut command = crate::scan(&aws);
    with_keys(&mut command, &Keys::of_user("160000000001", "ada"));
    let who = crate::signed_in(command.args(["--role-arn", "arn:aws:iam::160000000001:role/reader"]));
    assert_eq!(who.0, "160000000001");
    assert!(aws.received_for("AssumeRole").len() >= 2, "the role is assumed again");
    let last = aws.received();
    assert_ne!(last.last().unwrap().access_key(), aws.received_for("AssumeRole")[0].access_key());
}
