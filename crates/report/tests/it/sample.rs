//! Reports made by hand.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use stance_model::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A moment of the sample run, in seconds from its start.
pub fn at(seconds: i64) -> DateTime<Utc> {
    let start: DateTime<Utc> = "2026-03-02T09:15:00Z".parse().unwrap();
    start + TimeDelta::milliseconds(seconds * 1000 + 250)
}

/// The names that a report is made with, so that hostile ones can be put everywhere.
pub struct Names {
    pub bucket: String,
    pub key: String,
    pub text: String,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            bucket: "billing-exports".into(),
            key: "AKIAEXAMPLE".into(),
            text: "User is not authorized to perform this operation".into(),
        }
    }
}

pub fn resource(kind: &str, id: &str, name: &str, region: &str) -> ResourceReference {
    ResourceReference {
        id: id.into(),
        resource_type: kind.into(),
        name: name.into(),
        region: region.into(),
        scope: "123456789012".into(),
        provider: Provider::Aws,
    }
}

pub fn bucket(name: &str, region: &str) -> ResourceReference {
    resource("AWS::S3::Bucket", &format!("arn:aws:s3:::{name}"), name, region)
}

pub fn finding(rule: &str, status: VerdictStatus, of: ResourceReference) -> Finding {
    Finding {
        id: FindingId::of(rule, of.scope.as_str(), of.id.as_str(), None),
        rule: rule.into(),
        status,
        severity: Severity::Medium,
        message: format!("{} was judged", of.name).into(),
        exception: None,
        scope_details: Arc::default(),
        resource: of.into(),
        sub_key: None,
        evidence: Vec::new().into(),
        causes: Vec::new(),
        controls: Vec::new().into(),
    }
}

pub const PLAIN_HTTP: &str = "aws-s3-bucket-denies-plain-http";
pub const PUBLIC: &str = "aws-s3-bucket-is-not-public";
pub const KEYS: &str = "aws-iam-user-rotates-access-keys";
pub const ROOT: &str = "aws-iam-root-has-no-access-key";

fn failure(names: &Names) -> ReadFailure {
    ReadFailure {
        operation: "s3:GetBucketPolicy".into(),
        code: "AccessDenied".into(),
        message: names.text.clone(),
        permissions: vec!["s3:GetBucketPolicy".into()],
    }
}

fn evidence(path: &str, value: Value, operation: &str) -> Arc<Evidence> {
    Arc::new(Evidence { path: path.into(), value, operation: operation.into(), read_at: at(3) })
}

fn rule(title: &str, service: &str, kind: &str, severity: Severity) -> RuleSummary {
    RuleSummary {
        title: title.into(),
        service: service.into(),
        resource: kind.into(),
        severity,
        rationale: "Whoever shares the network path can read and change what is sent.\nClients \
                    use HTTPS by default, but nothing makes them.\n"
            .into(),
        remediation: Remediation {
            text: "Add a bucket policy statement that denies every action on `{Name}` when \
                   `aws:SecureTransport` is false.\n"
                .into(),
            cli: Some("aws s3api put-bucket-policy --bucket {Name} --policy file://{file}\n".into()),
            terraform: Some(
                "resource \"aws_s3_bucket_policy\" \"tls_only\" {\n  bucket = \"{Name}\"\n}\n".into(),
            ),
            console: Some("S3 > Buckets > {Name} > Permissions".into()),
        },
        references: vec![
            "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html".into(),
        ],
        categories: vec!["encryption".into()],
        score: ScoreBreakdown::default(),
    }
}

fn rules(names: &Names) -> BTreeMap<RuleId, RuleSummary> {
    let plain = rule(
        "S3 bucket refuses requests that are not encrypted in transit",
        "s3",
        "AWS::S3::Bucket",
        Severity::Medium,
    );
    let mut public = rule("S3 bucket is not public", "s3", "AWS::S3::Bucket", Severity::High);
    public.categories = vec!["internet-exposure".into(), "data-protection".into()];
    let mut keys = rule("IAM user's access keys are rotated", "iam", "AWS::IAM::User", Severity::Low);
    keys.remediation = Remediation { text: "Replace the key, then delete it".into(), ..Default::default() };
    keys.references = vec![names.text.clone()];
    let root = rule("The root user has no access key", "iam", "AWS::Account", Severity::Critical);
    [(PLAIN_HTTP, plain), (PUBLIC, public), (KEYS, keys), (ROOT, root)]
        .into_iter()
        .map(|(id, rule)| (id.into(), rule))
        .collect()
}

fn findings(names: &Names) -> Vec<Finding> {
    let cis = |control: &str| ControlReference { benchmark: "aws-cis-3.0".into(), control: control.into() };
    let mut public = finding(PUBLIC, VerdictStatus::Fail, bucket(&names.bucket, "eu-central-1"));
    public.severity = Severity::Critical;
    public.message =
        format!("Bucket `{}` is open to everyone; severity raised because it is reachable", names.bucket)
            .into();
    public.evidence = vec![
        evidence(
            "Policy.Statement",
            json!([{ "Effect": "Allow", "Principal": names.text, "Action": "s3:GetObject" }]),
            "s3:GetBucketPolicy",
        ),
        evidence("PublicAccessBlock", Value::Null, "s3:GetPublicAccessBlock"),
    ]
    .into();
    public.controls = vec![cis("2.1.4")].into();

    let mut found = vec![public];
    for (name, region) in
        [(names.bucket.as_str(), "eu-central-1"), ("logs", "us-east-1"), ("web-assets", "eu-west-1")]
    {
        let mut plain = finding(PLAIN_HTTP, VerdictStatus::Fail, bucket(name, region));
        plain.message = format!("Bucket `{name}` accepts requests over plain HTTP").into();
        plain.controls = vec![cis("2.1.1")].into();
        plain.evidence = vec![evidence("Policy", Value::Null, "s3:GetBucketPolicy")].into();
        found.push(plain);
    }
    let user = resource("AWS::IAM::User", "arn:aws:iam::123456789012:user/ci", "ci", "global");
    let mut key = finding(KEYS, VerdictStatus::Fail, user.clone());
    key.severity = Severity::Low;
    key.sub_key = Some(names.key.clone());
    key.id = FindingId::of(KEYS, user.scope.as_str(), user.id.as_str(), Some(&names.key));
    key.message = format!("Access key `{}` is 412 days old", names.key).into();
    key.evidence =
        vec![evidence("AccessKeys.CreateDate", json!("2025-01-14T00:00:00Z"), "iam:ListAccessKeys")].into();
    found.push(key);

    let mut unread = finding(PLAIN_HTTP, VerdictStatus::Unknown, bucket("vault", "eu-central-1"));
    unread.message = "Whether bucket `vault` refuses plain HTTP is unknown".into();
    unread.causes = vec![UnknownCause::Unreadable { what: "Policy".into(), failure: failure(names) }];
    unread.controls = vec![cis("2.1.1")].into();
    found.push(unread);
    let mut unasked = finding(PUBLIC, VerdictStatus::Unknown, bucket("vault", "eu-central-1"));
    unasked.severity = Severity::High;
    unasked.causes = vec![
        UnknownCause::NotRead { what: "PublicAccessBlock".into() },
        UnknownCause::UnexpectedAnswer { message: names.text.clone() },
    ];
    found.push(unasked);

    let account = resource("AWS::Account", "arn:aws:iam::123456789012:root", "123456789012", "global");
    let mut root = finding(ROOT, VerdictStatus::Pass, account);
    root.severity = Severity::Critical;
    root.message = "The root user has no access key".into();
    found.push(root);
    let mut logs = finding(PUBLIC, VerdictStatus::Pass, bucket("logs", "us-east-1"));
    logs.severity = Severity::High;
    found.push(logs);
    found
}

fn run(names: &Names) -> Run {
    let listing = |kind: &str, region: &str, state| Listing {
        resource_type: kind.into(),
        region: region.into(),
        state,
    };
    let calls = [("s3:ListBuckets", 1, 0), ("s3:GetBucketPolicy", 1203, 1), ("iam:ListUsers", 2, 0)];
    Run {
        started_at: at(0),
        ended_at: at(72),
        resumed_at: None,
        as_of: at(0),
        provider: Provider::Aws,
        scope: "123456789012".into(),
        scope_details: Arc::default(),
        partition: "aws".into(),
        identity: "arn:aws:sts::123456789012:assumed-role/stance/scan".into(),
        regions: ["eu-central-1", "eu-west-1", "us-east-1"].map(Region::from).into(),
        skipped_regions: vec![SkippedRegion {
            region: "me-south-1".into(),
            reason: "not enabled for this account".into(),
        }],
        completion: Completion::Complete,
        listings: vec![
            listing("AWS::S3::Bucket", "global", ListingState::Read { count: 4 }),
            listing("AWS::IAM::User", "global", ListingState::Read { count: 1 }),
            listing(
                "AWS::EC2::Instance",
                "eu-west-1",
                ListingState::Unreadable {
                    failure: Box::new(ReadFailure {
                        operation: "ec2:DescribeInstances".into(),
                        code: "UnauthorizedOperation".into(),
                        message: names.text.clone(),
                        permissions: vec!["ec2:DescribeInstances".into()],
                    }),
                },
            ),
            listing("AWS::EC2::Instance", "us-east-1", ListingState::Unsupported),
        ],
        calls: calls
            .into_iter()
            .map(|(name, succeeded, failed)| (name.to_owned(), CallCount { succeeded, failed }))
            .collect(),
        stance_version: "0.1.0".into(),
    }
}

fn benchmarks(score: Score) -> Vec<BenchmarkResult> {
    let control = |id: &str, title: &str, assessment, rules: &[&str], score| ControlResult {
        id: id.into(),
        title: title.into(),
        section: if id.starts_with('1') { "Identity and access" } else { "Storage" }.into(),
        assessment,
        rules: rules.iter().map(|rule| RuleId::from(*rule)).collect(),
        score,
    };
    let tally = |passed, failed, unknown| ScoreBreakdown { passed, failed, unknown, excepted: 0 };
    vec![BenchmarkResult {
        id: "aws-cis-3.0".into(),
        title: "CIS Amazon Web Services Foundations Benchmark 3.0".into(),
        score,
        controls: vec![
            control("1.3", "Security questions are registered", Assessment::Manual, &[], tally(0, 0, 0)),
            control("1.4", "The root user has no access key", Assessment::Pass, &[ROOT], tally(1, 0, 0)),
            control("2.1.1", "Buckets deny plain HTTP", Assessment::Fail, &[PLAIN_HTTP], tally(0, 3, 1)),
            control("2.1.4", "Buckets are not public", Assessment::Fail, &[PUBLIC], tally(1, 1, 1)),
            control(
                "2.3.1",
                "Databases are encrypted",
                Assessment::NothingToAssess,
                &["aws-rds-x"],
                tally(0, 0, 0),
            ),
        ],
    }]
}

/// A report with something of everything.
pub fn report(names: &Names) -> Report {
    assemble(run(names), rules(names), findings(names))
}

/// A report of many findings, most of them good.
pub fn large(count: usize) -> Report {
    let ids = [PLAIN_HTTP, PUBLIC, ROOT, KEYS];
    let findings = (0..count).map(|index| {
        let status = match index % 20 {
            0..4 => VerdictStatus::Fail,
            4 => VerdictStatus::Unknown,
            _ => VerdictStatus::Pass,
        };
        let region = ["eu-central-1", "us-east-1", "ap-southeast-2"][index % 3];
        let mut one =
            finding(ids[index / 2 % 4], status, bucket(&format!("team-{:05}-artifacts", index / 4), region));
        one.severity = Severity::WORST_FIRST[index % 5];
        if status != VerdictStatus::Pass {
            one.evidence = vec![evidence(
                "Policy.Statement",
                json!([{ "Effect": "Allow", "Principal": "*" }]),
                "s3:GetBucketPolicy",
            )]
            .into();
        }
        one
    });
    assemble(run(&Names::default()), rules(&Names::default()), findings.collect())
}

/// Details of a scope in which a text stands everywhere.
pub fn details(text: &str) -> Arc<ScopeDetails> {
    Arc::new(ScopeDetails {
        name: Some(text.into()),
        path: vec![ScopeUnit { id: format!("ou-{text}"), name: text.into() }],
        tags: [(text.to_owned(), text.to_owned())].into(),
    })
}

/// A report of an organization: one account well read, one with trouble, some not scanned.
pub fn organization(names: &Names) -> Report {
    let mut report = report(names);
    let details = |name: &str, units: &[&str]| {
        let units = units.iter().map(|unit| ScopeUnit { id: format!("ou-{unit}"), name: (*unit).into() });
        let tags = [("env".to_owned(), "prod".to_owned())].into();
        Arc::new(ScopeDetails { name: Some(name.into()), path: units.collect(), tags })
    };
    let (shop, lab) = (details("shop", &["Root", "Workloads"]), details("lab", &["Root", "Sandbox"]));
    let mut second = report.runs[0].clone();
    second.scope = "210987654321".into();
    second.scope_details = Arc::clone(&lab);
    second.completion = Completion::CredentialsExpired;
    second.skipped_regions.clear();
    report.runs[0].scope_details = Arc::clone(&shop);
    report.runs.push(second);
    for finding in &mut report.findings {
        finding.scope_details = Arc::clone(&shop);
    }
    let mut other = finding(PUBLIC, VerdictStatus::Fail, bucket("scratch", "us-east-1"));
    Arc::make_mut(&mut other.resource).scope = "210987654321".into();
    other.scope_details = lab;
    other.severity = Severity::High;
    report.findings.insert(1, other);
    let mut accepted = finding(PLAIN_HTTP, VerdictStatus::Fail, bucket("downloads", "us-east-1"));
    accepted.scope_details = Arc::clone(&shop);
    accepted.exception = Some(Arc::new(ExceptionMark {
        id: Some("downloads".into()),
        reason: format!("Old clients cannot do better; {}", names.text),
        owner: "web-team".into(),
        until: Some("2026-12-31".parse().unwrap()),
    }));
    report.findings.insert(2, accepted);
    let unscanned = |scope: &str, name: &str, reason| UnscannedScope {
        scope: scope.into(),
        scope_details: ScopeDetails { name: Some(name.into()), ..ScopeDetails::default() },
        reason,
    };
    let mut whole = assemble(report.runs.remove(0), report.rules, report.findings);
    whole.runs.append(&mut report.runs);
    whole.scan.organization = Some("o-exampleorgid".into());
    whole.scan.traffic = Traffic { requests: 2412, throttled: 3, repeated: 5, waited_milliseconds: 83_200 };
    whole.exception_notices = vec!["exception `legacy` ended on 2026-01-31; mend what it covered".into()];
    whole.unscanned = vec![
        unscanned(
            "111111111111",
            "legacy",
            UnscannedReason::Failed {
                message: "role `cloudbeat-securityaudit` cannot be assumed (AccessDenied)".into(),
            },
        ),
        unscanned("222222222222", "closed", UnscannedReason::LeftOut { setting: "status SUSPENDED".into() }),
    ];
    whole
}

/// A scan of nothing but that run.
pub fn scan(run: &Run) -> Scan {
    Scan {
        provider: run.provider,
        started_at: run.started_at,
        ended_at: run.ended_at,
        as_of: run.as_of,
        completion: run.completion,
        organization: None,
        regions: RegionChoice::All,
        traffic: Traffic::default(),
        stance_version: run.stance_version.clone(),
    }
}

/// Puts the counts where they belong.
pub fn assemble(run: Run, mut rules: BTreeMap<RuleId, RuleSummary>, findings: Vec<Finding>) -> Report {
    let mut score = Score::default();
    let mut services: BTreeMap<String, Score> = BTreeMap::new();
    for finding in &findings {
        score.add(finding);
        let Some(rule) = rules.get_mut(&finding.rule) else { continue };
        rule.score.add(finding.standing(), 1);
        services.entry(rule.service.clone()).or_default().add(finding);
    }
    let mut scopes: BTreeMap<ScopeId, Score> = BTreeMap::new();
    for finding in &findings {
        scopes.entry(finding.resource.scope.clone()).or_default().add(finding);
    }
    Report {
        version: REPORT_VERSION,
        scan: scan(&run),
        runs: vec![run],
        taken_from: Vec::new(),
        unscanned: Vec::new(),
        score,
        scopes,
        services,
        benchmarks: benchmarks(score),
        rules,
        exception_notices: Vec::new(),
        findings,
    }
}
