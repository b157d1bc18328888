//! Deliveries to a receiver that is away, slow, overloaded, picky or broken.

use super::*;
use crate::testing::{Double, Received, Script, http, report, secret};
use crate::{Change, RunId};
use serde_json::Value;
use stance_config::{Delivery, DocumentForm, SinkFilter, SinkKind, Webhook};
use stance_model::{Report, Severity};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

const SECRET: &str = "whsec-never-shown";
const KEY: &str = "key-never-shown";

fn settings(url: &str, folder: &Path) -> stance_config::Sink {
    stance_config::Sink {
        delivery: Delivery {
            folder: Some(folder.to_owned()),
            batch_documents: Some(2.try_into().unwrap()),
            attempts: 3.try_into().unwrap(),
            patience: "5s".parse().unwrap(),
            ..Delivery::default()
        },
        kind: SinkKind::Webhook(Webhook {
            url: url.parse().unwrap(),
            secret: secret(SECRET),
            form: DocumentForm::Stance,
            headers: [("x-api-key".to_owned(), secret(KEY))].into(),
            http: http(),
        }),
    }
}

/// A sink that does not wait long between attempts.
fn open(settings: &stance_config::Sink) -> Sink {
    let mut sink = Sink::open(settings).unwrap();
    sink.backoff.first = Duration::from_millis(1);
    sink
}

fn deliver(settings: &stance_config::Sink, report: &Report) -> Outcome {
    open(settings).deliver(Results::of(report.as_dyn())).unwrap()
}

fn ids(request: &Received) -> Vec<String> {
    let body: Value = serde_json::from_str(&request.body).unwrap();
    body["documents"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

fn all_ids(requests: &[Received]) -> Vec<String> {
    requests.iter().flat_map(ids).collect()
}

/// The ids that documents of a report must have.
fn expected(report: &Report) -> Vec<String> {
    let run = RunId::of(report);
    report.findings.iter().map(|finding| format!("{}-{run}", finding.id)).collect()
}

fn reasons(outcome: &Outcome) -> String {
    match &outcome.ending {
        Ending::Failed { reasons, .. } => reasons.join("\n"),
        other => panic!("{other:?}"),
    }
}

fn ok() -> Script {
    Script::answer(200, "")
}

#[test]
fn documents_arrive_in_batches_in_order_and_the_spool_is_empty_then() {
    let folder = tempfile::tempdir().unwrap();
    let double = Double::in_thread(vec![ok()]);
    let report = report(5);
    let outcome = deliver(&settings(&double.url(""), folder.path()), &report);
    assert_eq!(outcome.ending, Ending::Delivered);
    let sizes: Vec<usize> = double.received().iter().map(|request| ids(request).len()).collect();
    assert_eq!(sizes, [2, 2, 1]);
    assert_eq!(all_ids(&double.received()), expected(&report));
    let metrics = outcome.metrics;
    assert_eq!((metrics.documents, metrics.delivered, metrics.requests, metrics.spooled_bytes), (5, 5, 3, 0));
}

#[test]
fn what_a_receiver_that_is_away_missed_comes_first_and_under_the_same_ids() {
    let folder = tempfile::tempdir().unwrap();
    let (older, mut newer) = (report(3), report(2));
    newer.scan.started_at += chrono::TimeDelta::days(1);
    // nobody listens on a port that was given back
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let outcome = deliver(&settings(&nobody, folder.path()), &older);
    assert!(reasons(&outcome).contains("cannot be reached"), "{outcome:?}");
    assert_eq!((outcome.metrics.spooled_documents, outcome.metrics.delivered), (3, 0));
    // a receiver that is away is not asked again for each batch
    assert_eq!(outcome.metrics.requests, 3);

    let double = Double::in_thread(vec![ok()]);
    let outcome = deliver(&settings(&double.url(""), folder.path()), &newer);
    assert_eq!(outcome.ending, Ending::Delivered);
    let ids = all_ids(&double.received());
    assert_eq!(ids, [expected(&older), expected(&newer)].concat());
}

#[test]
fn passing_troubles_are_sat_out_and_change_no_id() {
    let date = chrono::Utc::now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    for trouble in [
        Script::answer(503, "busy"),
        Script::answer(500, ""),
        Script::answer_with(429, "retry-after", "0"),
        Script::answer_with(429, "retry-after", date),
        Script::answer_with(503, "retry-after", "nonsense"),
        Script::CutAnswer,
        Script::Close,
        Script::Hang(Duration::from_secs(3)),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let double = Double::in_thread(vec![trouble.clone(), ok()]);
        let report = report(2);
        let outcome = deliver(&settings(&double.url(""), folder.path()), &report);
        assert_eq!(outcome.ending, Ending::Delivered, "{trouble:?}");
        for request in double.received() {
            assert_eq!(ids(&request), expected(&report), "{trouble:?}");
        }
        assert_eq!(outcome.metrics.repeated, 1, "{trouble:?}");
    }
}

#[test]
fn a_receiver_that_asks_for_time_gets_it() {
    let folder = tempfile::tempdir().unwrap();
    let double = Double::in_thread(vec![Script::answer_with(429, "retry-after", "1"), ok()]);
    let start = Instant::now();
    let outcome = deliver(&settings(&double.url(""), folder.path()), &report(1));
    assert_eq!(outcome.ending, Ending::Delivered);
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(outcome.metrics.throttled, 1);
}

#[test]
fn one_that_asks_for_more_than_our_patience_is_left_for_the_next_run_even_if_a_clock_jumped() {
    for asked in ["86400", "Fri, 31 Dec 2100 00:00:00 GMT", "18446744073709551615"] {
        let folder = tempfile::tempdir().unwrap();
        let double = Double::in_thread(vec![Script::answer_with(429, "retry-after", asked)]);
        let start = Instant::now();
        let outcome = deliver(&settings(&double.url(""), folder.path()), &report(5));
        assert!(start.elapsed() < Duration::from_secs(4), "{asked}");
        assert!(reasons(&outcome).contains("asks for"), "{outcome:?}");
        assert_eq!(outcome.metrics.spooled_documents, 5);
    }
}

#[test]
fn of_a_batch_that_is_refused_only_what_is_wrong_goes_to_the_dead_letters() {
    let folder = tempfile::tempdir().unwrap();
    let refused = || Script::answer(400, format!("field `x` is wrong, {KEY}"));
    // all four, the first half, the second half, its first, its second
    let double = Double::in_thread(vec![refused(), ok(), refused(), refused(), ok()]);
    let mut settings = settings(&double.url(""), folder.path());
    settings.delivery.batch_documents = Some(4.try_into().unwrap());
    let report = report(4);
    let outcome = deliver(&settings, &report);
    let Ending::Failed { reasons, dead_letters: Some(path) } = &outcome.ending else { panic!("{outcome:?}") };
    assert!(reasons[0].contains("field `x` is wrong"), "{reasons:?}");
    let letters = std::fs::read_to_string(path).unwrap();
    let letter: Value = serde_json::from_str(&letters).unwrap();
    assert_eq!(letter["id"], expected(&report)[2]);
    assert_eq!(letter["document"]["id"], report.findings[2].id.as_str());
    assert!(!letters.contains(KEY), "{letters}");
    assert_eq!(
        (outcome.metrics.delivered, outcome.metrics.dead_letters, outcome.metrics.spooled_batches),
        (3, 1, 0)
    );
}

#[test]
fn a_receiver_that_refuses_everything_does_not_get_everything_buried() {
    let folder = tempfile::tempdir().unwrap();
    let double = Double::in_thread(vec![Script::answer(400, "no such route")]);
    let mut settings = settings(&double.url(""), folder.path());
    settings.delivery.batch_documents = Some(50.try_into().unwrap());
    let report = report(120);
    let outcome = deliver(&settings, &report);
    assert!(reasons(&outcome).contains("refuses every document"), "{outcome:?}");
    assert_eq!((outcome.metrics.dead_letters, outcome.metrics.spooled_documents), (20, 100));
}

#[test]
fn a_sink_delivers_run_after_run() {
    let folder = tempfile::tempdir().unwrap();
    let double = Double::in_thread(vec![ok()]);
    let sink = open(&settings(&double.url(""), folder.path()));
    for round in 1..4 {
        let mut report = report(3);
        report.scan.started_at += chrono::TimeDelta::days(round);
        let outcome = sink.deliver(Results::of(report.as_dyn())).unwrap();
        assert_eq!((outcome.ending, sink.meter().read().delivered), (Ending::Delivered, 3));
    }
    assert_eq!(all_ids(&double.received()).into_iter().collect::<BTreeSet<_>>().len(), 9);
}

#[test]
fn where_the_dead_letters_cannot_be_written_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(crate::dead_letters::FILE)).unwrap();
    let double = Double::in_thread(vec![Script::answer(400, "")]);
    let outcome = deliver(&settings(&double.url(""), folder.path()), &report(3));
    assert!(reasons(&outcome).contains("dead letters"), "{outcome:?}");
    assert_eq!((outcome.metrics.spooled_documents, outcome.metrics.dead_letters), (3, 0));
}

#[test]
fn a_wrong_key_costs_no_document_and_is_not_tried_again() {
    for status in [401, 403, 404, 301] {
        let folder = tempfile::tempdir().unwrap();
        let double = Double::in_thread(vec![Script::answer(status, format!("bad key {KEY}"))]);
        let outcome = deliver(&settings(&double.url(""), folder.path()), &report(4));
        let told = reasons(&outcome);
        assert!(told.contains(&status.to_string()) && told.contains("bad key (hidden)"), "{told}");
        assert_eq!((outcome.metrics.requests, outcome.metrics.spooled_documents), (1, 4), "{status}");
    }
}

#[test]
fn a_full_spool_refuses_loudly_and_delivers_what_it_took() {
    let folder = tempfile::tempdir().unwrap();
    let away = Double::in_thread(vec![Script::answer(401, "")]);
    let mut settings = settings(&away.url(""), folder.path());
    settings.delivery.spool_megabytes = 1.try_into().unwrap();
    settings.delivery.batch_documents = Some(100.try_into().unwrap());
    let report = report(2000);
    let outcome = deliver(&settings, &report);
    let metrics = &outcome.metrics;
    assert!(reasons(&outcome).contains("spool_megabytes"), "{outcome:?}");
    assert!(metrics.spooled_bytes <= 1_000_000 && metrics.not_accepted > 0);
    assert_eq!(metrics.spooled_documents + metrics.not_accepted, 2000);
    let kept = usize::try_from(metrics.spooled_documents).unwrap();

    let double = Double::in_thread(vec![ok()]);
    let settings =
        stance_config::Sink { kind: self::settings(&double.url(""), folder.path()).kind, ..settings };
    deliver(&settings, &self::report(0));
    assert_eq!(all_ids(&double.received()), expected(&report)[..kept]);
}

#[test]
fn no_secret_is_in_anything_that_is_kept_or_told() {
    let folder = tempfile::tempdir().unwrap();
    let echo = format!("you sent {KEY} and {SECRET}");
    let double = Double::in_thread(vec![Script::answer(400, &echo), Script::answer(503, &echo)]);
    let sink = open(&settings(&double.url("/?token=x"), folder.path()));
    let outcome = sink.deliver(Results::of(report(6).as_dyn())).unwrap();
    let mut shown = format!("{outcome:?} {sink:?} {}", reasons(&outcome));
    for entry in folder.path().read_dir().unwrap() {
        shown.push_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    assert!(shown.contains("(hidden)") && shown.len() > 1000);
    assert!(!shown.contains(KEY) && !shown.contains(SECRET), "{shown}");
}

#[test]
fn a_dry_run_tells_what_it_would_send_and_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let double = Double::in_thread(vec![ok()]);
    let own = folder.path().join("own");
    let sink = open(&settings(&double.url(""), &own)).dry_run();
    let report = report(5);
    let outcome = sink.deliver(Results::of(report.as_dyn())).unwrap();
    let Ending::DryRun(preview) = &outcome.ending else { panic!("{outcome:?}") };
    assert_eq!((preview.documents, preview.batches, preview.first.len()), (5, 3, 3));
    assert!(preview.first[0].contains(&expected(&report)[0]));
    assert!(double.received().is_empty() && !own.exists());
}

#[test]
fn only_what_passes_the_filter_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let double = Double::in_thread(vec![ok()]);
    let mut settings = settings(&double.url(""), folder.path());
    settings.delivery.filter = SinkFilter { severity: Some(Severity::Critical), ..SinkFilter::default() };
    let report = report(20);
    let outcome = deliver(&settings, &report);
    assert_eq!((outcome.metrics.documents, outcome.metrics.left_out), (2, 18));
    let expected = expected(&report);
    assert_eq!(all_ids(&double.received()), [expected[1].clone(), expected[11].clone()]);
}

#[test]
fn a_sink_for_changes_needs_something_to_compare_with() {
    let folder = tempfile::tempdir().unwrap();
    let double = Double::in_thread(vec![ok()]);
    let mut settings = settings(&double.url(""), folder.path());
    settings.delivery.what = What::Changes;
    let report = report(3);
    assert_eq!(deliver(&settings, &report).ending, Ending::NothingToCompare);
    let changes = vec![(Change::New, report.findings[1].clone())];
    let results = Results { changes: Some(&changes), ..Results::of(report.as_dyn()) };
    assert_eq!(open(&settings).deliver(results).unwrap().ending, Ending::Delivered);
    assert_eq!(all_ids(&double.received()), [expected(&report)[1].clone()]);
}

/// A report whose first bucket has that status.
fn with_first(status: stance_model::VerdictStatus) -> Report {
    let mut report = report(3);
    report.findings[0].status = status;
    report
}

#[test]
fn a_sink_for_changes_remembers_what_it_was_told_where_nobody_else_does() {
    use stance_model::VerdictStatus::{Fail, Pass};
    let folder = tempfile::tempdir().unwrap();
    let double = Double::in_thread(vec![ok()]);
    let mut settings = settings(&double.url(""), folder.path());
    settings.delivery.what = What::Changes;
    assert_eq!(deliver(&settings, &with_first(Fail)).ending, Ending::NothingToCompare);
    for (status, documents) in [(Fail, 0), (Pass, 1), (Pass, 0), (Fail, 1)] {
        let dry = open(&settings).dry_run().deliver(Results::of(with_first(status).as_dyn())).unwrap();
        assert!(matches!(dry.ending, Ending::DryRun(preview) if preview.documents == documents));
        let outcome = deliver(&settings, &with_first(status));
        assert_eq!((outcome.ending, outcome.metrics.documents), (Ending::Delivered, documents));
    }
    assert_eq!(all_ids(&double.received()).len(), 2);
}

#[test]
fn a_change_that_the_spool_did_not_take_comes_with_the_next_run() {
    use stance_model::VerdictStatus::{Fail, Pass};
    let folder = tempfile::tempdir().unwrap();
    let double = Double::in_thread(vec![ok()]);
    let mut settings = settings(&double.url(""), folder.path());
    settings.delivery.what = What::Changes;
    deliver(&settings, &with_first(Fail));
    let mut full = settings.clone();
    full.delivery.spool_megabytes = 1.try_into().unwrap();
    let mut large = with_first(Pass);
    large.findings[0].message = "x".repeat(2_000_000).into();
    assert_eq!(deliver(&full, &large).metrics.not_accepted, 1);
    // it went back meanwhile, and the receiver is told all the same
    let outcome = deliver(&settings, &with_first(Fail));
    assert_eq!((outcome.ending, outcome.metrics.delivered), (Ending::Delivered, 1));
    assert_eq!(deliver(&settings, &with_first(Fail)).metrics.documents, 0);
}

#[test]
fn requests_keep_to_the_rate() {
    let folder = tempfile::tempdir().unwrap();
    let double = Double::in_thread(vec![ok()]);
    let mut settings = settings(&double.url(""), folder.path());
    settings.delivery.max_rate = Some(20.0.try_into().unwrap());
    let start = Instant::now();
    deliver(&settings, &report(8));
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[test]
fn an_end_at_any_step_loses_nothing_and_makes_no_new_id() {
    // an end between two steps leaves the folder as it then is; every such state is a start
    let report = report(9);
    let expected: BTreeSet<String> = expected(&report).into_iter().collect();
    for served in 0..6 {
        let folder = tempfile::tempdir().unwrap();
        let mut scripts = vec![ok(); served];
        scripts.push(Script::answer(401, ""));
        let first = Double::in_thread(scripts);
        deliver(&settings(&first.url(""), folder.path()), &report);
        // what a killed process leaves beside the batches
        std::fs::write(folder.path().join("00000000000000000099.part"), "{\"id\":\"torn").unwrap();
        let second = Double::in_thread(vec![ok()]);
        let outcome = deliver(&settings(&second.url(""), folder.path()), &self::report(0));
        assert_eq!(outcome.ending, Ending::Delivered);
        let taken = first.received().into_iter().take(served).chain(second.received()).collect::<Vec<_>>();
        let arrived = all_ids(&taken);
        assert_eq!(arrived.len(), 9, "{served}");
        assert_eq!(arrived.into_iter().collect::<BTreeSet<_>>(), expected);
    }
}
