//! A report of as many findings as are asked for.

use chrono::{DateTime, TimeDelta, Utc};
use stance_model::{
    Completion, ControlReference, Evidence, Finding, FindingId, Provider, REPORT_VERSION, RegionChoice,
    Remediation, Report, ResourceReference, RuleSummary, Run, Scan, Score, ScoreBreakdown, Severity, Traffic,
    VerdictStatus,
};
use std::sync::Arc;

const RULE: &str = "aws-s3-bucket-denies-plain-http";

fn start() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-01-31T00:00:00Z").unwrap().to_utc()
}

/// A report of so many failing findings, of which every tenth is critical and every one behind it holds.
pub(crate) fn report(findings: usize) -> Report {
    let ended_at = start() + TimeDelta::minutes(10);
    let findings: Vec<Finding> = (0..findings).map(finding).collect();
    let mut score = Score::default();
    for finding in &findings {
        score.add(finding);
    }
    let rule = RuleSummary {
        title: "Buckets deny plain HTTP".into(),
        service: "s3".into(),
        resource: "AWS::S3::Bucket".into(),
        severity: Severity::High,
        rationale: "Who listens on the way\nreads everything.".into(),
        remediation: Remediation {
            text: "Deny requests without TLS to {Name}.".into(),
            cli: Some("aws s3api put-bucket-policy --bucket {Name} --policy file://policy.json".into()),
            terraform: None,
            console: None,
        },
        references: vec!["https://docs.aws.amazon.com/s3".into()],
        categories: vec!["encryption".into()],
        score: ScoreBreakdown::default(),
    };
    Report {
        version: REPORT_VERSION,
        scan: Scan {
            provider: Provider::Aws,
            started_at: start(),
            ended_at,
            as_of: start(),
            completion: Completion::Complete,
            organization: None,
            regions: RegionChoice::All,
            traffic: Traffic::default(),
            stance_version: "0.1.0".into(),
        },
        runs: vec![Run {
            started_at: start(),
            ended_at,
            resumed_at: None,
            as_of: start(),
            provider: Provider::Aws,
            scope: "111122223333".into(),
            scope_details: Arc::default(),
            partition: "aws".into(),
            identity: "arn:aws:iam::111122223333:user/ada".into(),
            regions: vec!["eu-central-1".into()],
            skipped_regions: Vec::new(),
            completion: Completion::Complete,
            listings: Vec::new(),
            calls: [].into(),
            stance_version: "0.1.0".into(),
        }],
        taken_from: Vec::new(),
        unscanned: Vec::new(),
        score,
        scopes: [("111122223333".into(), score)].into(),
        services: [("s3".to_owned(), score)].into(),
        benchmarks: vec![stance_model::BenchmarkResult {
            id: "aws-cis-3.0".into(),
            title: "CIS AWS Foundations 3.0".into(),
            score,
            controls: Vec::new(),
        }],
        rules: [(RULE.into(), rule)].into(),
        exception_notices: Vec::new(),
        findings,
    }
}

fn finding(number: usize) -> Finding {
    let name = format!("bucket-{number}");
    let id = format!("arn:aws:s3:::{name}");
    Finding {
        id: FindingId::of(RULE, "111111111111", &id, None),
        rule: RULE.into(),
        status: if number % 10 == 2 { VerdictStatus::Pass } else { VerdictStatus::Fail },
        severity: if number % 10 == 1 { Severity::Critical } else { Severity::High },
        resource: ResourceReference {
            id: id.into(),
            resource_type: "AWS::S3::Bucket".into(),
            name: name.clone(),
            region: "eu-central-1".into(),
            scope: "111122223333".into(),
            provider: Provider::Aws,
        }
        .into(),
        scope_details: Arc::default(),
        sub_key: None,
        message: format!("{name} takes plain HTTP").into(),
        exception: None,
        evidence: vec![Arc::new(Evidence {
            path: "Policy".into(),
            value: serde_json::Value::Null,
            operation: "s3:GetBucketPolicy".into(),
            read_at: start(),
        })]
        .into(),
        causes: Vec::new(),
        controls: [ControlReference { benchmark: "aws-cis-3.0".into(), control: "2.1.1".into() }].into(),
    }
}
