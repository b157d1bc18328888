//! How fast the console is over millions of findings, and what importing them takes.
//!
//! `cargo run --release --package stance-server --example ten_million -- STORE ACCOUNTS`
//!
//! Each account has 5,000 resources and some 71,000 findings. Prints what imports took, what an unchanged run added,
//! and the 95th percentile of each page's time, asked of the router without a network.

// a bench may fail as tests do
#![allow(clippy::indexing_slicing)]

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use chrono::{DateTime, TimeDelta, Utc};
use http_body_util::BodyExt;
use serde_json::json;
use stance_catalog::{Catalog, Rule};
use stance_model::{
    Completion, Evidence, Finding, FindingId, Listing, ListingState, Provider, Region, RegionChoice,
    Resource, ResourceReference, Run, Scan, ScopeDetails, ScopeUnit, Snapshot, Source, Traffic,
    VerdictStatus,
};
use stance_server::{Access, Console, Entrance, router};
use stance_store::{Address, BundleWriter, Store};
use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufReader, Seek};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tower::ServiceExt;

const RESOURCES: usize = 5_000;
const REGIONS: [&str; 5] = ["eu-central-1", "eu-west-1", "us-east-1", "us-west-2", "ap-south-1"];
const TYPES: [&str; 4] =
    ["AWS::S3::Bucket", "AWS::EC2::SecurityGroup", "AWS::RDS::DBInstance", "AWS::Lambda::Function"];
/// Times that each page is asked for.
const TIMES: usize = 40;

const PAGES: [&str; 16] = [
    "/",
    "/findings",
    "/findings?status=failed&severity=high",
    "/findings?status=failed&from=400000",
    "/findings?account=100000000042&status=failed",
    "/findings?service=s3&region=eu-west-1",
    "/findings?benchmark=aws-cis-3.0&status=failed",
    "/findings?q=bucket",
    "/findings?q=team-42-bucket-17",
    "/findings?tag=team%3Dteam-7&status=failed",
    "/findings?group=service,severity,account",
    "/findings?since=1d",
    "/assets?type=AWS::S3::Bucket&from=100000",
    "/benchmarks",
    "/rules?service=s3",
    "/runs",
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "ten_million STORE ACCOUNTS";
    let file = arguments.next().ok_or(usage)?;
    let accounts: usize = arguments.next().ok_or(usage)?.parse()?;
    let catalog = Catalog::built_in()?;
    let store = Store::open(&Address::of(&file))?;
    if store.census()?.cells.is_empty() {
        fill(&store, &catalog, &file, accounts)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(ask(store, catalog))
}

fn fill(store: &Store, catalog: &Catalog, file: &str, accounts: usize) -> Result<(), Box<dyn Error>> {
    let start = DateTime::from_timestamp(1_790_000_000, 0).ok_or("no such moment")?;
    // fifteen accounts are a million findings
    for (number, of) in (0..accounts).collect::<Vec<_>>().chunks(14).enumerate() {
        import(store, catalog, of, &format!("part-{number}"), start)?;
        println!("accounts up to {}: {} MB", of.len() + number * 14, megabytes(file));
    }
    let before = megabytes(file);
    let of: Vec<usize> = (0..14.min(accounts)).collect();
    import(store, catalog, &of, "unchanged", start + TimeDelta::days(1))?;
    println!("an unchanged run of {} accounts: {} MB more", of.len(), megabytes(file) - before);
    Ok(())
}

fn megabytes(file: &str) -> u64 {
    let sizes = [file.to_owned(), format!("{file}-wal")]
        .map(|file| Path::new(&file).metadata().map(|held| held.len()));
    sizes.into_iter().flatten().sum::<u64>() / 1_000_000
}

fn import(
    store: &Store,
    catalog: &Catalog,
    accounts: &[usize],
    name: &str,
    at: DateTime<Utc>,
) -> Result<(), Box<dyn Error>> {
    let rules: Vec<&Rule> =
        catalog.rules().filter(|rule| TYPES.contains(&rule.text.resource.as_str())).collect();
    let mut writer = BundleWriter::begin(tempfile::tempfile()?, rules.iter().map(|rule| rule.id.clone()))?;
    for account in accounts {
        let snapshot = snapshot(*account, at);
        let findings: Vec<Finding> = snapshot
            .resources
            .iter()
            .enumerate()
            .flat_map(|(index, resource)| findings(&rules, resource, index, at))
            .collect();
        writer.scope(&snapshot, &findings)?;
    }
    let scan = Scan {
        provider: Provider::Aws,
        started_at: at,
        ended_at: at,
        as_of: at,
        completion: Completion::Complete,
        organization: None,
        regions: RegionChoice::All,
        traffic: Traffic::default(),
        stance_version: "bench".into(),
    };
    let mut aside = writer.end(scan, Vec::new())?;
    let size = aside.metadata()?.len() / 1_000_000;
    aside.rewind()?;
    let run = store.begin_run(name, at)?;
    let start = Instant::now();
    let imported = store.import(run, BufReader::new(aside))?;
    println!("{name}: {} findings from {size} MB in {:.1?}", imported.findings, start.elapsed());
    Ok(())
}

fn snapshot(account: usize, at: DateTime<Utc>) -> Snapshot {
    let scope = format!("{:012}", 100_000_000_000 + account);
    let resource = |index: usize| {
        let kind = TYPES[index % TYPES.len()];
        let short = kind.rsplit("::").next().unwrap_or_default().to_lowercase();
        let name = format!("team-{}-{short}-{account}-{index}", index % 60);
        let region = REGIONS[index % REGIONS.len()];
        Resource {
            reference: ResourceReference {
                id: format!("arn:aws:x:{region}:{scope}:{short}/{name}").into(),
                resource_type: kind.into(),
                name: name.clone(),
                region: region.into(),
                scope: scope.as_str().into(),
                provider: Provider::Aws,
            }
            .into(),
            tags: BTreeMap::from([("team".to_owned(), format!("team-{}", index % 60))]),
            fields: json!({ "Name": name, "CreationDate": "2026-01-01T00:00:00Z", "Index": index })
                .as_object()
                .cloned()
                .unwrap_or_default(),
            listed_by: Source { operation: "x:List".into(), read_at: at },
            attributes: BTreeMap::new(),
        }
    };
    let listings = TYPES.iter().flat_map(|kind| {
        REGIONS.iter().map(|region| Listing {
            resource_type: (*kind).into(),
            region: Region::from(*region),
            state: ListingState::Read { count: RESOURCES / TYPES.len() / REGIONS.len() },
        })
    });
    Snapshot {
        run: Run {
            started_at: at,
            ended_at: at,
            resumed_at: None,
            as_of: at,
            provider: Provider::Aws,
            scope: scope.as_str().into(),
            scope_details: Arc::new(ScopeDetails {
                name: Some(format!("account-{account}")),
                path: vec![ScopeUnit {
                    id: format!("ou-{}", account % 9),
                    name: format!("Unit {}", account % 9),
                }],
                tags: BTreeMap::new(),
            }),
            partition: "aws".into(),
            identity: "bench".into(),
            regions: REGIONS.map(Region::from).to_vec(),
            skipped_regions: Vec::new(),
            completion: Completion::Complete,
            listings: listings.collect(),
            calls: BTreeMap::new(),
            stance_version: "bench".into(),
        },
        resources: (0..RESOURCES).map(resource).collect(),
    }
}

fn findings(rules: &[&Rule], resource: &Resource, index: usize, at: DateTime<Utc>) -> Vec<Finding> {
    let of_type = rules.iter().filter(|rule| rule.text.resource == resource.reference.resource_type);
    let judged = of_type.take(15).enumerate().map(|(place, rule)| {
        let status = match (index + place * 7) % 10 {
            0..2 => VerdictStatus::Fail,
            2 => VerdictStatus::Unknown,
            _ => VerdictStatus::Pass,
        };
        Finding {
            id: FindingId::of(
                rule.id.as_str(),
                resource.reference.scope.as_str(),
                resource.reference.id.as_str(),
                None,
            ),
            rule: rule.id.clone(),
            status,
            severity: rule.text.severity,
            resource: resource.reference.clone(),
            scope_details: Arc::default(),
            sub_key: None,
            message: format!("`{}`: {}", resource.reference.name, rule.text.title).into(),
            exception: None,
            evidence: vec![Arc::new(Evidence {
                path: format!("Part{place}.Setting"),
                value: json!({ "Enabled": place % 2 == 0, "Mode": "strict" }),
                operation: "x:GetPart".into(),
                read_at: at,
            })]
            .into(),
            causes: Vec::new(),
            controls: Arc::new([]),
        }
    });
    judged.collect()
}

async fn ask(store: Store, catalog: Catalog) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    let census = store.census()?;
    let findings: u64 = census.cells.iter().map(|cell| cell.findings).sum();
    println!("{findings} findings in {} cells; counted in {:.1?}", census.cells.len(), begun.elapsed());
    let now =
        || DateTime::from_timestamp(1_790_000_000, 0).map_or_else(Utc::now, |at| at + TimeDelta::days(1));
    let router = router(Console::new(store, catalog, now), Entrance::of(Access::Open));
    println!("| page | p95 | slowest | bytes |\n|---|---|---|---|");
    for address in PAGES {
        let mut times = Vec::new();
        let mut size = 0;
        for _ in 0..TIMES {
            let (time, bytes) = once(&router, address).await?;
            times.push(time);
            size = bytes;
        }
        times.sort();
        let p95 = times.get(TIMES * 95 / 100).copied().unwrap_or_default();
        let slowest = times.last().copied().unwrap_or_default();
        println!("| `{address}` | {p95:.1?} | {slowest:.1?} | {size} |");
    }
    Ok(())
}

async fn once(router: &Router, address: &str) -> Result<(Duration, usize), Box<dyn Error>> {
    let start = Instant::now();
    let request = Request::get(address).header("host", "127.0.0.1").body(Body::empty())?;
    let response = router.clone().oneshot(request).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if !status.is_success() {
        return Err(format!("{address}: {status}").into());
    }
    Ok((start.elapsed(), body.len()))
}
