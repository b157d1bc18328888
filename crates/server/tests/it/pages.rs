//! The console's pages, as a browser asks for them.

use crate::people::{Somebody, token};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use http_body_util::BodyExt;
use serde_json::json;
use stance_catalog::{Catalog, Rule};
use stance_evaluate::{Evaluator, Options};
use stance_model::{
    Completion, Finding, Listing, ListingState, Provider, ReadFailure, Region, RegionChoice, Resource,
    ResourceReference, Run, Scan, ScopeDetails, Snapshot, Source, Traffic,
};
use stance_server::{Access, Console, Entrance, Level, router};
use stance_store::{Accounts, Address, BundleWriter, Store};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use tower::ServiceExt;

const SHOP: &str = "111111111111";
const BANK: &str = "222222222222";
const PLAIN_HTTP: &str = "aws-s3-bucket-denies-plain-http";
/// A name that would run where it is not escaped.
const HOSTILE: &str = "<script>alert('x')</script>\"&\u{202e}";

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::built_in().unwrap());

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn snapshot(account: &str, name: &str, buckets: &[&str], at: DateTime<Utc>) -> Snapshot {
    let resource = |bucket: &&str| Resource {
        reference: ResourceReference {
            id: format!("arn:aws:s3:::{bucket}").into(),
            resource_type: "AWS::S3::Bucket".into(),
            name: (*bucket).to_owned(),
            region: "eu-central-1".into(),
            scope: account.into(),
            provider: Provider::Aws,
        }
        .into(),
        tags: BTreeMap::from([("owner".to_owned(), HOSTILE.to_owned())]),
        fields: json!({ "Name": bucket, "Note": HOSTILE }).as_object().unwrap().clone(),
        listed_by: Source { operation: "s3:ListBuckets".into(), read_at: at },
        attributes: BTreeMap::from([(
            "Policy".to_owned(),
            stance_model::Attribute {
                source: Source { operation: "s3:GetBucketPolicy".into(), read_at: at },
                state: stance_model::AttributeState::Absent,
            },
        )]),
    };
    let denied = ReadFailure {
        operation: "s3:ListBuckets".into(),
        code: "AccessDenied".into(),
        message: HOSTILE.into(),
        permissions: vec!["s3:ListAllMyBuckets".into()],
    };
    let state = if buckets.is_empty() {
        ListingState::Unreadable { failure: Box::new(denied) }
    } else {
        ListingState::Read { count: buckets.len() }
    };
    Snapshot {
        run: Run {
            started_at: at,
            ended_at: at + TimeDelta::seconds(90),
            resumed_at: None,
            as_of: at,
            provider: Provider::Aws,
            scope: account.into(),
            scope_details: Arc::new(ScopeDetails { name: Some(name.to_owned()), ..ScopeDetails::default() }),
            partition: "aws".into(),
            identity: "arn:aws:iam::111111111111:role/audit".into(),
            regions: vec!["eu-central-1".into()],
            skipped_regions: Vec::new(),
            completion: Completion::Complete,
            listings: vec![Listing {
                resource_type: "AWS::S3::Bucket".into(),
                region: Region::global(),
                state,
            }],
            calls: BTreeMap::new(),
            stance_version: "test".into(),
        },
        resources: buckets.iter().map(resource).collect(),
    }
}

fn keep(store: &Store, name: &str, snapshots: &[Snapshot], at: DateTime<Utc>) {
    let rules: Vec<&Rule> = CATALOG.rules().filter(|rule| rule.id.as_str() == PLAIN_HTTP).collect();
    let evaluator = Evaluator::new(&CATALOG, &rules, &Options::default()).unwrap();
    let run = store.begin_run(name, at).unwrap();
    let mut writer = BundleWriter::begin(Vec::new(), rules.iter().map(|rule| rule.id.clone())).unwrap();
    for snapshot in snapshots {
        let findings: Vec<Finding> = evaluator.judge(snapshot);
        writer.scope(snapshot, &findings).unwrap();
    }
    let scan = Scan {
        provider: Provider::Aws,
        started_at: at,
        ended_at: at + TimeDelta::seconds(90),
        as_of: at,
        completion: Completion::Complete,
        organization: None,
        regions: RegionChoice::All,
        traffic: Traffic::default(),
        stance_version: "test".into(),
    };
    store.import(run, writer.end(scan, Vec::new()).unwrap().as_slice()).unwrap();
}

/// A console over a small estate, and somebody who looks at it.
struct Desk {
    router: Router,
    token: String,
    _folder: tempfile::TempDir,
}

impl Desk {
    fn empty() -> Self {
        Self::over(Accounts::All, |_| {})
    }

    fn of(accounts: Accounts) -> Self {
        Self::over(accounts, |store| {
            let yesterday = now() - TimeDelta::days(1);
            let bank = |at| snapshot(BANK, "treasury", &["vault"], at);
            keep(store, "first", &[snapshot(SHOP, "shop", &["logs"], yesterday), bank(yesterday)], yesterday);
            keep(store, "second", &[snapshot(SHOP, HOSTILE, &["logs", HOSTILE], now()), bank(now())], now());
        })
    }

    fn over(accounts: Accounts, fill: impl FnOnce(&Store)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Address::File(folder.path().join("stance.db"))).unwrap();
        fill(&store);
        let token = token(&store, &Somebody { name: "ada", level: Level::Read, accounts }, now());
        let console = Console::new(store, Catalog::built_in().unwrap(), now);
        Self { router: router(console, Entrance::of(Access::People)), token, _folder: folder }
    }

    async fn get(&self, address: &str) -> (StatusCode, String) {
        let request = Request::get(address)
            .header("host", "127.0.0.1")
            .header("accept", "text/html")
            .header("authorization", format!("Bearer {}", self.token));
        let request = request.body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let policy = response.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// A page that must be there.
    async fn page(&self, address: &str) -> String {
        let (status, page) = self.get(address).await;
        assert_eq!(status, StatusCode::OK, "{address}: {page}");
        page
    }
}

/// Addresses of this console that a page leads to.
fn links(page: &str) -> Vec<String> {
    let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let is_page = |link: &&str| {
        let is_file = ["/static", "/findings.", "/api/openapi"].iter().any(|file| link.starts_with(file));
        link.starts_with('/') && !is_file
    };
    let own = links.filter(is_page);
    own.map(|link| link.replace("&amp;", "&").split('#').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_page_that_a_page_leads_to_is_there_and_none_holds_what_a_cloud_could_run() {
    let desk = Desk::of(Accounts::All);
    let mut known = vec!["/".to_owned()];
    let mut next = 0;
    while let Some(address) = known.get(next).cloned() {
        next += 1;
        // the catalog has a thousand rules, each with a page of the same make
        if next > 250 {
            break;
        }
        let page = desk.page(&address).await;
        assert!(page.starts_with("<!DOCTYPE html>"), "{address}");
        assert!(!page.contains("<script>alert"), "{address}");
        assert!(!page.contains("style=\"") && !page.contains("onclick"), "{address}");
        for link in links(&page) {
            if !known.contains(&link) {
                known.push(link);
            }
        }
    }
    for part in ["/findings", "/assets", "/benchmarks", "/rules", "/runs/2", "/assets/1"] {
        assert!(known.iter().any(|address| address == part), "no way leads to {part}");
    }
}

#[tokio::test]
async fn a_new_console_says_what_to_do_first() {
    let desk = Desk::empty();
    assert!(desk.page("/").await.contains("Nothing has been scanned yet"));
    for address in ["/findings", "/assets", "/benchmarks", "/rules", "/runs"] {
        desk.page(address).await;
    }
}

#[tokio::test]
async fn the_overview_tells_score_trend_and_what_got_worse() {
    let page = Desk::of(Accounts::All).page("/").await;
    assert!(page.contains("Got worse in the last run"), "{page}");
    assert!(page.contains("0<span class=\"unit\"> %"), "{page}");
    assert!(page.contains("posture score from 0 % on"), "{page}");
}

#[tokio::test]
async fn findings_are_filtered_grouped_and_their_state_is_in_the_address() {
    let desk = Desk::of(Accounts::All);
    let count = |page: &str| page.matches("<tr data-href=\"/findings/").count();
    assert_eq!(count(&desk.page("/findings").await), 3);
    assert_eq!(count(&desk.page(&format!("/findings?account={SHOP}&status=failed")).await), 2);
    assert_eq!(count(&desk.page("/findings?q=log").await), 1);
    assert_eq!(count(&desk.page("/findings?first_seen=2026-09-21").await), 1);
    assert_eq!(count(&desk.page("/findings?service=ec2").await), 0);
    assert_eq!(count(&desk.page("/findings?benchmark=aws-cis-3.0&region=eu-central-1").await), 3);
    assert_eq!(count(&desk.page("/findings?from=2").await), 1);
    let grouped = desk.page("/findings?group=account,severity&status=failed").await;
    assert!(grouped.contains("Account › Severity") && grouped.contains("class=\"depth-1\""), "{grouped}");
    for (address, told) in [
        ("/findings?severity=awful", "`awful` is not a severity"),
        ("/findings?status=awful", "`awful` is not a status"),
        ("/findings?since=awful", "`awful` is not a time"),
        ("/findings?from=awful", "`awful` is not a place in a list"),
        ("/findings?after=1", "`1` is not a place in a list"),
        ("/findings?resource=x", "`x` is not the number of a resource"),
    ] {
        let (status, page) = desk.get(address).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{address}");
        assert!(page.contains(told), "{address}: {page}");
    }
}

#[tokio::test]
async fn a_finding_tells_how_it_is_known_and_how_to_mend_it_with_the_real_names() {
    let desk = Desk::of(Accounts::All);
    let list = desk.page("/findings?q=vault").await;
    let address = links(&list).into_iter().find(|link| link.starts_with("/findings/")).unwrap();
    let page = desk.page(&address).await;
    for part in ["s3:GetBucketPolicy", "--bucket vault", "How to mend it", "1 day ago", "decided"] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_so_and_nothing_more() {
    let desk = Desk::of(Accounts::All);
    for address in [
        "/nothing",
        "/findings/00000000000000000000000000000000",
        "/findings/zz",
        "/assets/999",
        "/benchmarks/none",
        "/rules/none",
        "/runs/999",
        "/static/../Cargo.toml",
        "/static/%2e%2e%2fCargo.toml",
    ] {
        let (status, page) = desk.get(address).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{address}: {page}");
    }
    assert_eq!(desk.get("/assets/x").await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn accounts_that_somebody_may_not_see_are_not_there_for_them() {
    let all = Desk::of(Accounts::All);
    let list = all.page("/findings?q=vault").await;
    let hidden = links(&list).into_iter().find(|link| link.starts_with("/findings/")).unwrap();
    let desk = Desk::of(Accounts::Only([SHOP.into()].into()));
    for address in [
        "/",
        "/findings",
        "/findings?group=account",
        "/assets",
        "/assets?type=AWS::S3::Bucket",
        "/benchmarks/aws-cis-3.0",
        "/rules/aws-s3-bucket-denies-plain-http",
        "/runs/2",
    ] {
        let page = desk.page(address).await;
        for hidden in ["vault", "treasury", BANK] {
            assert!(!page.contains(hidden), "{address} tells of {hidden}: {page}");
        }
    }
    for address in [
        "/findings?q=vault",
        "/findings?account=222222222222",
        "/assets?q=vault",
        "/assets?account=222222222222",
    ] {
        let page = desk.page(address).await;
        assert!(page.contains("is like that") && !page.contains("treasury"), "{address}: {page}");
    }
    assert_eq!(desk.get(&hidden).await.0, StatusCode::NOT_FOUND);
    let numbers: Vec<String> = links(&all.page("/assets?q=vault").await);
    let asset = numbers.into_iter().find(|link| link.starts_with("/assets/")).unwrap();
    assert_eq!(desk.get(&asset).await.0, StatusCode::NOT_FOUND);
    // the counts are about what is seen
    assert!(desk.page("/findings").await.contains("2 findings: 2 failed"));
    assert!(all.page("/findings").await.contains("3 findings: 3 failed"));
}

#[tokio::test]
async fn somebody_who_is_not_known_is_asked_who_they_are() {
    let desk = Desk { token: "none".to_owned(), ..Desk::of(Accounts::All) };
    let (status, page) = desk.get("/findings").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(!page.contains("logs"), "{page}");
}
