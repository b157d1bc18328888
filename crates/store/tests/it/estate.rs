//! Estates of a few lines, and the stores that they are kept in.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use stance_model::{
    Completion, Evidence, Finding, FindingId, Listing, ListingState, Provider, ReadFailure, Region,
    RegionChoice, Resource, ResourceReference, Run, Scan, ScopeDetails, ScopeUnit, Severity, Snapshot,
    Source, Traffic, VerdictStatus,
};
use stance_store::{Address, BundleWriter, Imported, RunId, Store};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub const BUCKET: &str = "AWS::S3::Bucket";
pub const ACCOUNT: &str = "111111111111";
/// Two rules, as long as nothing else is said.
pub const RULES: [&str; 2] = ["aws-s3-bucket-denies-plain-http", "aws-s3-bucket-is-versioned"];

pub use VerdictStatus::{Fail, Pass, Unknown};

/// A moment: so many days after the first.
pub fn day(number: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap() + TimeDelta::days(number)
}

/// What a run meets in a scope.
#[derive(Clone)]
pub struct Estate {
    pub scope: String,
    pub name: String,
    pub buckets: BTreeMap<String, Vec<(&'static str, VerdictStatus)>>,
    pub tags: BTreeMap<String, BTreeMap<String, String>>,
    pub rules: BTreeSet<&'static str>,
    pub unreadable: bool,
    pub size: u64,
}

impl Estate {
    /// Buckets with the verdicts of the two rules.
    pub fn of(buckets: &[(&str, [VerdictStatus; 2])]) -> Self {
        let judged = buckets.iter().map(|(name, verdicts)| {
            ((*name).to_owned(), RULES.into_iter().zip(verdicts.iter().copied()).collect())
        });
        Self {
            scope: ACCOUNT.to_owned(),
            name: "shop".to_owned(),
            buckets: judged.collect(),
            tags: BTreeMap::new(),
            rules: RULES.into(),
            unreadable: false,
            size: 1,
        }
    }

    pub fn in_scope(mut self, scope: &str, name: &str) -> Self {
        (self.scope, self.name) = (scope.to_owned(), name.to_owned());
        self
    }

    pub fn tagged(mut self, bucket: &str, key: &str, value: &str) -> Self {
        self.tags.entry(bucket.to_owned()).or_default().insert(key.to_owned(), value.to_owned());
        self
    }

    /// Judged by the first rule only.
    pub fn narrow(mut self) -> Self {
        self.rules = [RULES[0]].into();
        for verdicts in self.buckets.values_mut() {
            verdicts.retain(|(rule, _)| *rule == RULES[0]);
        }
        self
    }

    /// Buckets cannot be listed.
    pub fn unreadable() -> Self {
        Self { unreadable: true, ..Self::of(&[]) }
    }

    fn resource(&self, name: &str, at: DateTime<Utc>) -> Resource {
        Resource {
            reference: reference(&self.scope, &format!("arn:aws:s3:::{name}"), name, "eu-central-1").into(),
            tags: self.tags.get(name).cloned().unwrap_or_default(),
            fields: json!({ "Name": name, "Size": self.size }).as_object().unwrap().clone(),
            listed_by: Source { operation: "s3:ListBuckets".into(), read_at: at },
            attributes: BTreeMap::new(),
        }
    }

    pub fn snapshot(&self, at: DateTime<Utc>) -> Snapshot {
        let state = if self.unreadable {
            ListingState::Unreadable { failure: Box::new(denied()) }
        } else {
            ListingState::Read { count: self.buckets.len() }
        };
        let listing = Listing { resource_type: BUCKET.into(), region: Region::global(), state };
        Snapshot {
            run: Run {
                started_at: at,
                ended_at: at,
                resumed_at: None,
                as_of: at,
                provider: Provider::Aws,
                scope: self.scope.as_str().into(),
                scope_details: Arc::new(ScopeDetails {
                    name: Some(self.name.clone()),
                    path: vec![ScopeUnit { id: "ou-1".into(), name: "Production".into() }],
                    tags: BTreeMap::new(),
                }),
                partition: "aws".into(),
                identity: "test".into(),
                regions: vec!["eu-central-1".into()],
                skipped_regions: Vec::new(),
                completion: Completion::Complete,
                listings: vec![listing],
                calls: BTreeMap::new(),
                stance_version: "test".into(),
            },
            resources: self.buckets.keys().map(|name| self.resource(name, at)).collect(),
        }
    }

    pub fn findings(&self, at: DateTime<Utc>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (name, verdicts) in &self.buckets {
            for (rule, status) in verdicts {
                let id = format!("arn:aws:s3:::{name}");
                findings.push(self.finding(rule, &id, name, "eu-central-1", *status, at));
            }
        }
        if self.unreadable {
            for rule in &self.rules {
                let id = format!("{}/global/{BUCKET}/*", self.scope);
                findings.push(self.finding(rule, &id, "*", "global", Unknown, at));
            }
        }
        findings
    }

    fn finding(
        &self,
        rule: &str,
        id: &str,
        name: &str,
        region: &str,
        status: VerdictStatus,
        at: DateTime<Utc>,
    ) -> Finding {
        Finding {
            id: FindingId::of(rule, &self.scope, id, None),
            rule: rule.into(),
            status,
            severity: if rule == RULES[0] { Severity::High } else { Severity::Low },
            resource: reference(&self.scope, id, name, region).into(),
            scope_details: Arc::default(),
            sub_key: None,
            message: format!("`{name}` is judged {status}").into(),
            exception: None,
            evidence: vec![Arc::new(Evidence {
                path: "Policy".into(),
                value: json!(null),
                operation: "s3:GetBucketPolicy".into(),
                read_at: at,
            })]
            .into(),
            causes: Vec::new(),
            controls: Arc::new([]),
        }
    }
}

fn denied() -> ReadFailure {
    ReadFailure {
        operation: "s3:ListBuckets".into(),
        code: "AccessDenied".into(),
        message: "no".into(),
        permissions: vec!["s3:ListAllMyBuckets".into()],
    }
}

fn reference(scope: &str, id: &str, name: &str, region: &str) -> ResourceReference {
    ResourceReference {
        id: id.into(),
        resource_type: BUCKET.into(),
        name: name.into(),
        region: region.into(),
        scope: scope.into(),
        provider: Provider::Aws,
    }
}

/// A run of estates, as it is sent to a store.
pub fn bundle(estates: &[Estate], at: DateTime<Utc>) -> Vec<u8> {
    let rules: BTreeSet<&str> = estates.iter().flat_map(|estate| estate.rules.iter().copied()).collect();
    let mut writer = BundleWriter::begin(Vec::new(), rules.into_iter().map(Into::into)).unwrap();
    for estate in estates {
        writer.scope(&estate.snapshot(at), &estate.findings(at)).unwrap();
    }
    writer.end(scan(at), Vec::new()).unwrap()
}

/// A scan in which nothing remarkable happens.
pub fn scan(at: DateTime<Utc>) -> Scan {
    Scan {
        provider: Provider::Aws,
        started_at: at,
        ended_at: at,
        as_of: at,
        completion: Completion::Complete,
        organization: None,
        regions: RegionChoice::All,
        traffic: Traffic::default(),
        stance_version: "test".into(),
    }
}

/// Takes a run of estates into a store.
pub fn take(store: &Store, number: i64, estates: &[Estate]) -> (RunId, Imported) {
    let run = store.begin_run(&format!("run-{number}"), day(number)).unwrap();
    (run, store.import(run, bundle(estates, day(number)).as_slice()).unwrap())
}

/// A store that is gone when it is dropped.
pub struct Kept {
    pub store: Store,
    pub address: Address,
    _folder: tempfile::TempDir,
}

/// An empty store of each kind that is at hand: SQLite always, PostgreSQL where the tests are told of one.
pub fn stores() -> Vec<Kept> {
    let mut kept = vec![kept(|folder| Address::File(folder.join("stance.db")))];
    if let Ok(address) = std::env::var("STANCE_TEST_POSTGRES") {
        let schema = format!("test_{}", unique());
        let mut client = postgres::Client::connect(&address, postgres::NoTls).unwrap();
        client.batch_execute(&format!("CREATE SCHEMA {schema}")).unwrap();
        kept.push(self::kept(|_| Address::Postgres { address, schema: Some(schema) }));
    }
    kept
}

fn kept(address: impl FnOnce(&std::path::Path) -> Address) -> Kept {
    let folder = tempfile::tempdir().unwrap();
    let address = address(folder.path());
    Kept { store: Store::open(&address).unwrap(), address, _folder: folder }
}

fn unique() -> String {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().file_name().unwrap().to_string_lossy().to_lowercase();
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>() + &std::process::id().to_string()
}
