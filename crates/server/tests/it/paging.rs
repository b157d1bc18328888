//! Pages: every finding exactly once, however they are cut.

use crate::server::{Server, chief};
use proptest::prelude::*;
use std::collections::BTreeSet;

async fn all(server: &Server, list: &str, query: &str, limit: u64) -> Vec<String> {
    let mut met = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = server.get(&chief(), &format!("/api/v1/{list}?limit={limit}{query}{cursor}")).await;
        assert_eq!(page.status, 200, "{}", page.text());
        let page = page.json();
        let shown = page[list].as_array().unwrap();
        assert!(shown.len() as u64 <= limit);
        met.extend(shown.iter().map(|it| it.get("id").unwrap_or(&it["number"]).to_string()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return met,
        }
    }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap().block_on(work)
}

#[test]
fn every_finding_is_on_one_page_whatever_the_limit_the_order_and_the_filter() {
    let server = Server::new();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(24));
    let sorts = prop::sample::select(vec!["severity", "account", "rule", "region"]);
    let filters = prop::sample::select(vec![
        ("", 50),
        ("&status=failed,unknown", 26),
        ("&q=data", 40),
        ("&since=2026-09-22", 1),
        ("&account=111111111111", 46),
    ]);
    runner
        .run(&(1_u64..60, sorts, filters), |(limit, sort, (filter, count))| {
            let met = run(all(&server, "findings", &format!("&sort={sort}{filter}"), limit));
            let each: BTreeSet<&String> = met.iter().collect();
            prop_assert_eq!((met.len(), each.len()), (count, count), "{}", filter);
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn resources_and_runs_are_on_one_page_each() {
    let server = Server::new();
    for limit in [1, 2, 3, 7, 25, 26, 500] {
        for (list, count) in [("assets", 25), ("runs", 3)] {
            let met = all(&server, list, "", limit).await;
            let each: BTreeSet<&String> = met.iter().collect();
            assert_eq!((met.len(), each.len()), (count, count), "{list} by {limit}");
        }
        assert_eq!(all(&server, "assets", "&q=data", limit).await.len(), 20);
    }
}
