//! What the page of findings shows, as files.

use crate::estate::{HOSTILE, OURS};
use crate::server::{Server, chief, limited};
use serde_json::Value;
use stance_model::Report;
use stance_server::Level;

#[tokio::test]
async fn a_spreadsheet_gets_every_chosen_finding_and_no_formula() {
    let server = Server::new();
    let reply = server.get(&chief(), "/findings.csv?status=failed,excepted&q=&from=50&group=").await;
    assert_eq!((reply.status.as_u16(), reply.kind()), (200, "text/csv; charset=utf-8"));
    let disposition = reply.headers["content-disposition"].to_str().unwrap();
    assert_eq!(disposition, "attachment; filename=\"stance-findings-2026-09-23.csv\"");
    let mut rows = csv::Reader::from_reader(reply.body.as_slice());
    let head = rows.headers().unwrap().clone();
    let at = |name: &str| head.iter().position(|column| column == name).unwrap();
    let records: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let listed = server.get(&chief(), "/api/v1/findings?status=failed,excepted").await.json();
    let ids: Vec<&str> = records.iter().map(|row| &row[at("finding_id")]).collect();
    let shown: Vec<&str> =
        listed["findings"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(ids, shown, "the same findings in the same order");
    for row in &records {
        assert!(row.iter().all(|cell| !cell.trim_start().starts_with(['=', '+', '-', '@'])), "{row:?}");
    }
    let hostile = records.iter().find(|row| row[at("resource_name")].contains("cmd()")).unwrap();
    assert_eq!(&hostile[at("resource_name")], "'=cmd()<script>\\u{202e}\",'");
    assert_eq!((&hostile[at("scope")], &hostile[at("scope_name")]), (OURS, "shop"));
    assert!(hostile[at("message")].contains("is judged fail"));
    assert!(!hostile[at("remediation")].is_empty() && !hostile[at("controls")].is_empty());
    let accepted = records.iter().find(|row| !row[at("exception")].is_empty()).unwrap();
    assert_eq!(&accepted[at("exception_until")], "2027-01-31");
}

#[tokio::test]
async fn a_report_in_json_counts_what_it_holds() {
    let server = Server::new();
    for (query, count) in
        [("", 50), ("?q=data", 40), ("?account=111111111111&status=failed", 22), ("?q=none", 0)]
    {
        let reply = server.get(&chief(), &format!("/findings.json{query}")).await;
        assert_eq!(reply.kind(), "application/json; charset=utf-8");
        let report: Report = serde_json::from_slice(&reply.body).unwrap();
        let score = report.score.verdicts;
        let counted = score.passed + score.failed + score.unknown + score.excepted;
        assert_eq!((report.findings.len() as u64, counted), (count, count), "{query}");
        let of_rules: u64 = report.rules.values().map(|rule| rule.score.passed + rule.score.failed).sum();
        assert_eq!(of_rules, score.passed + score.failed, "{query}");
        assert!(!reply.text().contains('\u{202e}'), "what turns a line is written out");
        if query.is_empty() {
            assert!(report.findings.iter().any(|finding| finding.resource.name == HOSTILE));
            let evidence = &report.findings[0].evidence[0];
            assert_eq!(evidence.operation.as_ref(), "s3:GetBucketPolicy");
        }
    }
}

#[tokio::test]
async fn a_lake_gets_compliance_findings() {
    let server = Server::new();
    let events: Value = server.get(&chief(), "/findings.ocsf.json?status=failed").await.json();
    let events = events.as_array().unwrap();
    assert_eq!(events.len(), 25);
    for event in events {
        assert_eq!(
            (&event["class_uid"], &event["resources"][0]["cloud_partition"]),
            (&2003.into(), &"aws".into())
        );
        assert_eq!(event["compliance"]["status"], "Fail");
    }
    let ours = server.get(&limited(Level::Read), "/findings.ocsf.json?status=failed").await.json();
    assert_eq!(ours.as_array().unwrap().len(), 22);
}

#[tokio::test]
async fn the_page_of_findings_offers_what_it_shows() {
    let server = Server::new();
    let page = server.get(&chief(), "/findings?status=failed&q=logs").await;
    for file in ["/findings.csv", "/findings.json", "/findings.ocsf.json"] {
        assert!(page.text().contains(&format!("href=\"{file}?status=failed&amp;q=logs\"")), "{file}");
    }
}
