//! Delivers as many made-up findings as are asked for, a million unless told, and prints how much memory that
//! took: `cargo run --release --package stance-sink --example million -- 1000000`.

use stance_config::{Delivery, FileSink, SinkKind};
use stance_model::{
    Completion, Finding, FindingId, Findings, Provider, REPORT_VERSION, RegionChoice, Report,
    ResourceReference, Scan, Score, Severity, Traffic, VerdictStatus,
};
use stance_sink::{Results, Sink};
use std::error::Error;
use std::io;

const RULE: &str = "aws-s3-bucket-denies-plain-http";

/// Findings that are made when they are asked for.
struct Made(usize);

impl Findings for Made {
    fn count(&self) -> usize {
        self.0
    }

    fn each(&self, visit: &mut dyn FnMut(&Finding) -> io::Result<()>) -> io::Result<()> {
        (0..self.0).try_for_each(|number| visit(&finding(number)))
    }
}

fn finding(number: usize) -> Finding {
    let name = format!("bucket-{number}");
    let id = format!("arn:aws:s3:::{name}");
    Finding {
        id: FindingId::of(RULE, "111111111111", &id, None),
        rule: RULE.into(),
        status: VerdictStatus::Fail,
        severity: Severity::High,
        resource: ResourceReference {
            id: id.into(),
            resource_type: "AWS::S3::Bucket".into(),
            name,
            region: "eu-central-1".into(),
            scope: "111122223333".into(),
            provider: Provider::Aws,
        }
        .into(),
        scope_details: std::sync::Arc::default(),
        sub_key: None,
        message: "the bucket takes plain HTTP".into(),
        exception: None,
        evidence: Vec::new().into(),
        causes: Vec::new(),
        controls: [].into(),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let findings = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let now = chrono::Utc::now();
    let report = Report {
        version: REPORT_VERSION,
        scan: Scan {
            provider: Provider::Aws,
            started_at: now,
            ended_at: now,
            as_of: now,
            completion: Completion::Complete,
            organization: None,
            regions: RegionChoice::All,
            traffic: Traffic::default(),
            stance_version: "0.1.0".into(),
        },
        runs: Vec::new(),
        taken_from: Vec::new(),
        unscanned: Vec::new(),
        score: Score::default(),
        scopes: [].into(),
        services: [].into(),
        benchmarks: Vec::new(),
        rules: [].into(),
        exception_notices: Vec::new(),
        findings: Made(findings),
    };
    let folder = tempfile::tempdir()?;
    let sink = Sink::open(&stance_config::Sink {
        delivery: Delivery { folder: Some(folder.path().join("spool")), ..Delivery::default() },
        kind: SinkKind::File(FileSink {
            path: folder.path().join("findings.jsonl"),
            form: stance_config::DocumentForm::Stance,
        }),
    })?;
    let start = std::time::Instant::now();
    let outcome = sink.deliver(Results::of(&report))?;
    println!("{} documents in {:.1?}, {:?}", outcome.metrics.delivered, start.elapsed(), outcome.ending);
    let status = std::fs::read_to_string("/proc/self/status")?;
    for line in status.lines().filter(|line| line.starts_with("VmHWM")) {
        println!("{line}");
    }
    Ok(())
}
