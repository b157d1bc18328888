//! Reports as files, read back by readers that are not ours.

use crate::estate::{HOSTILE, OURS, PLAIN_HTTP, SECRET, THEIRS, VERSIONED, bundle_without, day, now};
use crate::server::{Reply, Server, chief, limited};
use calamine::{Data, Reader, Xlsx};
use stance_model::{Report, Standing};
use stance_server::Level;
use std::io::Cursor;

const FORMATS: [(&str, &str); 5] = [
    ("pdf", "application/pdf"),
    ("html", "text/html; charset=utf-8"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("csv", "text/csv; charset=utf-8"),
    ("json", "application/json; charset=utf-8"),
];

fn workbook(reply: &Reply) -> Xlsx<Cursor<&[u8]>> {
    calamine::open_workbook_from_rs(Cursor::new(reply.body.as_slice())).unwrap()
}

/// Every text of a file, whatever its form.
fn texts(format: &str, reply: &Reply) -> String {
    match format {
        "pdf" => {
            let file = lopdf::Document::load_mem(&reply.body).unwrap();
            let pages: Vec<u32> = file.get_pages().into_keys().collect();
            file.extract_text(&pages).unwrap()
        }
        "xlsx" => {
            let mut book = workbook(reply);
            let mut all = String::new();
            for sheet in book.sheet_names() {
                for cell in book.worksheet_range(&sheet).unwrap().rows().flatten() {
                    all.push_str(&cell.to_string());
                    all.push('\n');
                }
                assert!(book.worksheet_formula(&sheet).unwrap().is_empty(), "a formula in `{sheet}`");
            }
            all
        }
        _ => reply.text().to_owned(),
    }
}

#[tokio::test]
async fn each_form_is_made_and_reads_back() {
    let server = Server::new();
    for (format, kind) in FORMATS {
        let reply =
            server.get(&chief(), &format!("/reports/download?format={format}&benchmark=&status=")).await;
        assert_eq!((reply.status.as_u16(), reply.kind()), (200, kind), "{format}");
        assert_eq!(reply.headers["content-length"], reply.body.len().to_string());
        let name = format!("attachment; filename=\"stance-all-2026-09-23.{format}\"");
        assert_eq!(reply.headers["content-disposition"], name);
        assert_eq!(reply.headers["x-content-type-options"], "nosniff");
        let told = texts(format, &reply);
        // a line of a document may break a name
        let told: String = told.split_whitespace().collect();
        for word in [OURS, THEIRS, "logs", "hidden-vault"] {
            assert!(told.contains(word), "{format} does not tell of `{word}`");
        }
        if format != "csv" {
            assert!(told.contains("hidden-run") && told.contains("tuesday"), "{format} tells no runs");
        }
        assert!(!told.contains('\u{202e}'), "{format} turns a line");
    }
}

#[tokio::test]
async fn a_report_counts_what_the_last_run_about_each_account_found() {
    let server = Server::new();
    let reply = server.get(&chief(), "/reports/download?format=json").await;
    let report: Report = serde_json::from_slice(&reply.body).unwrap();
    let all = report.score.verdicts;
    assert_eq!(all.passed + all.failed + all.unknown + all.excepted, report.findings.len() as u64);
    assert_eq!(report.findings.len(), 50);
    let runs: Vec<(&str, u64)> =
        report.taken_from.iter().map(|run| (run.name.as_str(), run.scopes)).collect();
    assert_eq!(runs, [("hidden-run", 1), ("tuesday", 1)]);
    assert_eq!(report.scan.organization.as_deref(), Some("o-hidden"));
    assert!(report.scan.started_at < report.scan.ended_at, "two runs an hour apart");
    let account = format!("/reports/download?format=json&account={OURS}&account={OURS}");
    let report: Report = serde_json::from_slice(&server.get(&chief(), &account).await.body).unwrap();
    assert_eq!((report.runs.len(), report.scopes.len(), report.taken_from.len()), (1, 1, 1));
    assert_eq!(report.scan.organization, None);
}

#[tokio::test]
async fn a_choice_of_findings_leaves_the_scores_as_they_are() {
    let server = Server::new();
    let of = |status: &'static str| {
        let server = &server;
        async move {
            let address = format!("/reports/download?format=json&benchmark=aws-fsbp&status={status}");
            let reply = server.get(&chief(), &address).await;
            assert_eq!(reply.status, 200, "{}", reply.text());
            serde_json::from_slice::<Report>(&reply.body).unwrap()
        }
    };
    let (all, failed, open) = (of("").await, of("failed").await, of("failed%2Cunknown").await);
    assert_eq!((all.score, &all.benchmarks), (failed.score, &failed.benchmarks));
    assert_eq!(all.benchmarks.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["aws-fsbp"]);
    let count = |report: &Report, standing| {
        report.findings.iter().filter(|finding| finding.standing() == standing).count()
    };
    let failing = count(&all, Standing::Failing);
    assert!(failing > 0 && count(&all, Standing::Passing) > 0);
    assert_eq!((failed.findings.len(), count(&failed, Standing::Failing)), (failing, failing));
    assert_eq!(open.findings.len(), failing + count(&all, Standing::Unknown));
    // only rules of the benchmark are in it
    let behind: Vec<&str> = all.rules.keys().map(stance_model::RuleId::as_str).collect();
    assert!(all.findings.iter().all(|finding| behind.contains(&finding.rule.as_str())));
    let whole: Report =
        serde_json::from_slice(&server.get(&chief(), "/reports/download?format=json").await.body).unwrap();
    assert_eq!(whole.rules.len(), 2);
    assert!(whole.rules.contains_key(PLAIN_HTTP) && whole.rules.contains_key(VERSIONED));
    // where people read about it as a whole, a part would pass for all
    let pdf = server.get(&chief(), "/reports/download?format=pdf&status=excepted").await;
    let all = server.get(&chief(), "/reports/download?format=pdf").await;
    assert_eq!(pdf.body, all.body);
}

#[tokio::test]
async fn whoever_is_limited_gets_a_report_without_a_trace_of_others() {
    let server = Server::new();
    for (format, _) in FORMATS {
        for query in ["", "&benchmark=aws-fsbp", "&status=failed"] {
            let address = format!("/reports/download?format={format}{query}");
            let reply = server.get(&limited(Level::Read), &address).await;
            assert_eq!(reply.status, 200);
            let told: String = texts(format, &reply).split_whitespace().collect();
            assert!(told.contains(OURS), "{address}");
            // the page's own style says `overflow: hidden`
            for trace in [THEIRS, "hidden-team", "hidden-vault", "hidden-notes", "hidden-run", "o-hidden"] {
                assert!(!told.contains(trace), "{address} tells `{trace}`");
            }
        }
    }
    let reader = limited(Level::Read);
    let others = server.get(&reader, &format!("/reports/download?format=pdf&account={THEIRS}")).await;
    let nobody = server.get(&reader, "/reports/download?format=pdf&account=333333333333").await;
    assert_eq!((others.status.as_u16(), nobody.status.as_u16()), (404, 404));
    assert_eq!(others.text().replace(THEIRS, ""), nobody.text().replace("333333333333", ""));
    let page = server.get(&limited(Level::Read), "/reports").await;
    assert!(page.text().contains("1 account, scanned on"), "{}", page.text());
    assert!(!page.text().contains(THEIRS) && !page.text().contains(SECRET));
}

#[tokio::test]
async fn a_name_that_a_spreadsheet_would_obey_is_text() {
    let server = Server::new();
    let reply = server.get(&chief(), "/reports/download?format=xlsx").await;
    let mut book = workbook(&reply);
    let range = book.worksheet_range("Findings").unwrap();
    let name = HOSTILE.replace('\u{202e}', "\\u{202e}");
    assert!(range.rows().flatten().any(|cell| matches!(cell, Data::String(text) if *text == name)));
    let html = server.get(&chief(), "/reports/download?format=html").await;
    assert!(!html.text().contains("cmd()<script>"));
}

#[tokio::test]
async fn what_cannot_be_made_is_told_with_what_can() {
    let server = Server::new();
    for (query, status, told) in [
        ("", 400, "pdf, html, xlsx, csv, json"),
        ("?format=docx", 400, "`docx` is not a form of a report; use one of pdf"),
        ("?format=pdf&benchmark=x%22y", 404, "there is no benchmark"),
        ("?format=csv&status=bad", 400, "`bad` is not a choice of findings"),
    ] {
        let reply = server.get(&chief(), &format!("/reports/download{query}")).await;
        assert_eq!(reply.status, status, "{query}");
        assert!(reply.text().contains(told), "{query}: {}", reply.text());
    }
}

#[tokio::test]
async fn an_empty_store_says_how_to_fill_it_and_still_makes_a_report() {
    let server = Server::over(|folder| {
        let address = stance_store::Address::File(folder.join("stance.db"));
        stance_store::Store::open(&address).unwrap()
    });
    assert!(server.get(&chief(), "/reports").await.text().contains("There is nothing to report yet"));
    for (format, _) in FORMATS {
        let reply = server.get(&chief(), &format!("/reports/download?format={format}")).await;
        assert_eq!(reply.status, 200, "{format}");
        texts(format, &reply);
    }
}

#[tokio::test]
async fn accounts_that_were_not_scanned_are_told_unless_a_later_run_did() {
    use stance_model::VerdictStatus::{Fail, Pass};
    let server = Server::over(|folder| {
        let store =
            stance_store::Store::open(&stance_store::Address::File(folder.join("stance.db"))).unwrap();
        let take = |name: &str, accounts: &[&str], failed: &[&str], at| {
            let buckets: [crate::estate::Bucket<'_>; 1] = [(accounts[0], [Pass, Fail])];
            let accounts: Vec<(&str, &str, &[crate::estate::Bucket<'_>])> =
                accounts.iter().map(|account| (*account, "team", &buckets[..])).collect();
            store.take_in(name, at, bundle_without(&accounts, at, failed).as_slice()).unwrap();
        };
        take("first", &[OURS], &[THEIRS, "333333333333"], day(0));
        take("second", &["333333333333"], &["444444444444"], day(1));
        store
    });
    assert!(now() > day(1));
    let of = |somebody, query: &'static str| {
        let server = &server;
        async move {
            let reply = server.get(&somebody, &format!("/reports/download?format=json{query}")).await;
            let report: Report = serde_json::from_slice(&reply.body).unwrap();
            report.unscanned.iter().map(|held| held.scope.to_string()).collect::<Vec<_>>()
        }
    };
    assert_eq!(of(chief(), "").await, ["444444444444", THEIRS]);
    assert_eq!(of(limited(Level::Read), "").await, Vec::<String>::new());
    assert_eq!(of(chief(), "&account=111111111111").await, Vec::<String>::new());
    let pdf = server.get(&chief(), "/reports/download?format=pdf").await;
    let told = texts("pdf", &pdf).split_whitespace().collect::<String>();
    assert!(told.contains("Accountsthatwerenotscanned") && told.contains("444444444444"), "{told}");
}
