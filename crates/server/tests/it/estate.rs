//! A small estate of two accounts, with hostile names in it, and a store that holds two runs of it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use stance_model::{
    CallCount, Completion, Evidence, ExceptionMark, Finding, FindingId, Listing, ListingState, Provider,
    ReadFailure, Region, RegionChoice, Resource, ResourceReference, Run, Scan, ScopeDetails, ScopeUnit,
    Severity, Snapshot, Source, Traffic, UnknownCause, UnscannedReason, UnscannedScope, VerdictStatus,
};
use stance_store::{Address, BundleWriter, Store};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The account that everybody in the tests may see.
pub const OURS: &str = "111111111111";
/// The account that some may not see; its name, its identity and its resources hold the word below.
pub const THEIRS: &str = "222222222222";
/// What only the other account's things are called.
pub const SECRET: &str = "hidden";
pub const BUCKET: &str = "AWS::S3::Bucket";
pub const PLAIN_HTTP: &str = "aws-s3-bucket-denies-plain-http";
pub const VERSIONED: &str = "aws-s3-bucket-is-versioned";
/// A name that a spreadsheet, a browser and a terminal would obey.
pub const HOSTILE: &str = "=cmd()<script>\u{202e}\",'";

/// A moment: so many days after the first.
pub fn day(number: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap() + TimeDelta::days(number)
}

/// What "now" is: half a day after the second run.
pub fn now() -> DateTime<Utc> {
    day(1) + TimeDelta::hours(12)
}

/// A bucket with the verdicts of the two rules.
pub type Bucket<'b> = (&'b str, [VerdictStatus; 2]);

fn reference(account: &str, id: &str, name: &str) -> ResourceReference {
    ResourceReference {
        id: id.into(),
        resource_type: BUCKET.into(),
        name: name.into(),
        region: Region::from("eu-central-1"),
        scope: account.into(),
        provider: Provider::Aws,
    }
}

fn denied() -> ReadFailure {
    ReadFailure {
        operation: "s3:GetBucketVersioning".into(),
        code: "AccessDenied".into(),
        message: "no".into(),
        permissions: vec!["s3:GetBucketVersioning".into()],
    }
}

fn snapshot(account: &str, name: &str, buckets: &[Bucket<'_>], at: DateTime<Utc>) -> Snapshot {
    let listing = |kind: &str, state| Listing { resource_type: kind.into(), region: Region::global(), state };
    let mut calls = BTreeMap::new();
    calls.insert("s3:ListBuckets".to_owned(), CallCount { succeeded: 3, failed: 1 });
    Snapshot {
        run: Run {
            started_at: at,
            ended_at: at,
            resumed_at: None,
            as_of: at,
            provider: Provider::Aws,
            scope: account.into(),
            scope_details: Arc::new(ScopeDetails {
                name: Some(name.to_owned()),
                path: vec![ScopeUnit { id: format!("ou-{name}"), name: format!("Unit of {name}") }],
                tags: BTreeMap::from([("owner".to_owned(), name.to_owned())]),
            }),
            partition: "aws".into(),
            identity: format!("arn:aws:sts::{account}:assumed-role/{name}"),
            regions: vec!["eu-central-1".into()],
            skipped_regions: Vec::new(),
            completion: Completion::Complete,
            listings: vec![
                listing(BUCKET, ListingState::Read { count: buckets.len() }),
                listing("AWS::SQS::Queue", ListingState::Unreadable { failure: Box::new(denied()) }),
            ],
            calls,
            stance_version: "test".into(),
        },
        resources: buckets
            .iter()
            .map(|(bucket, _)| Resource {
                reference: reference(account, &format!("arn:aws:s3:::{bucket}"), bucket).into(),
                tags: BTreeMap::from([("team".to_owned(), format!("team-{name}"))]),
                fields: json!({ "Name": bucket }).as_object().unwrap().clone(),
                listed_by: Source { operation: "s3:ListBuckets".into(), read_at: at },
                attributes: BTreeMap::new(),
            })
            .collect(),
    }
}

fn findings(account: &str, buckets: &[Bucket<'_>], at: DateTime<Utc>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (bucket, verdicts) in buckets {
        let id = format!("arn:aws:s3:::{bucket}");
        for ((rule, severity), status) in
            [(PLAIN_HTTP, Severity::High), (VERSIONED, Severity::Low)].into_iter().zip(verdicts)
        {
            let is_accepted = *bucket == "site" && rule == VERSIONED;
            findings.push(Finding {
                id: FindingId::of(rule, account, &id, None),
                rule: rule.into(),
                status: *status,
                severity,
                resource: reference(account, &id, bucket).into(),
                scope_details: Arc::default(),
                sub_key: None,
                message: format!("{bucket} is judged {status}").into(),
                exception: is_accepted.then(|| {
                    Arc::new(ExceptionMark {
                        id: None,
                        reason: "a public site".into(),
                        owner: "web".into(),
                        until: "2027-01-31".parse().ok(),
                    })
                }),
                evidence: vec![Arc::new(Evidence {
                    path: "Policy.Statement".into(),
                    value: json!([{ "Effect": "Allow" }]),
                    operation: "s3:GetBucketPolicy".into(),
                    read_at: at,
                })]
                .into(),
                causes: if *status == VerdictStatus::Unknown {
                    vec![UnknownCause::Unreadable { what: "Versioning".into(), failure: denied() }]
                } else {
                    Vec::new()
                },
                controls: Arc::new([]),
            });
        }
    }
    findings
}

/// A run of accounts, as it is sent.
pub fn bundle(accounts: &[(&str, &str, &[Bucket<'_>])], at: DateTime<Utc>) -> Vec<u8> {
    bundle_without(accounts, at, &[])
}

/// A run of accounts that could not scan others.
pub fn bundle_without(
    accounts: &[(&str, &str, &[Bucket<'_>])],
    at: DateTime<Utc>,
    failed: &[&str],
) -> Vec<u8> {
    let rules = [PLAIN_HTTP, VERSIONED].map(Into::into);
    let mut writer = BundleWriter::begin(Vec::new(), rules).unwrap();
    for (account, name, buckets) in accounts {
        writer.scope(&snapshot(account, name, buckets, at), &findings(account, buckets, at)).unwrap();
    }
    let scan = Scan {
        provider: Provider::Aws,
        started_at: at,
        ended_at: at,
        as_of: at,
        completion: Completion::Complete,
        organization: Some("o-hidden".to_owned()),
        regions: RegionChoice::All,
        traffic: Traffic::default(),
        stance_version: "test".into(),
    };
    let unscanned = failed.iter().map(|account| UnscannedScope {
        scope: (*account).into(),
        scope_details: ScopeDetails::default(),
        reason: UnscannedReason::Failed { message: "the role cannot be assumed".to_owned() },
    });
    writer.end(scan, unscanned.collect()).unwrap()
}

/// A store with two runs of both accounts and one of the other alone.
pub fn store(folder: &Path) -> Store {
    use VerdictStatus::{Fail, Pass, Unknown};
    let store = Store::open(&Address::File(folder.join("stance.db"))).unwrap();
    let many: Vec<String> = (0..20).map(|number| format!("data-{number:02}")).collect();
    let mut ours: Vec<Bucket<'_>> = many.iter().map(|name| (name.as_str(), [Pass, Fail])).collect();
    ours.extend([("logs", [Fail, Unknown]), ("site", [Fail, Fail]), (HOSTILE, [Fail, Pass])]);
    let theirs: [Bucket<'_>; 2] = [("hidden-vault", [Fail, Fail]), ("hidden-notes", [Pass, Fail])];
    let both =
        |ours: &[Bucket<'_>], at| bundle(&[(OURS, "shop", ours), (THEIRS, "hidden-team", &theirs)], at);
    store.take_in("monday", day(0), both(&ours, day(0)).as_slice()).unwrap();
    let last = ours.len() - 2;
    ours[last] = ("site", [Pass, Fail]);
    store.take_in("tuesday", day(1), both(&ours, day(1)).as_slice()).unwrap();
    let alone = bundle(&[(THEIRS, "hidden-team", &theirs)], day(1) + TimeDelta::hours(1));
    store.take_in("hidden-run", day(1), alone.as_slice()).unwrap();
    store
}
