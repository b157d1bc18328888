//! What goes to the bulk API, and what becomes of its answers.

use super::*;
use crate::answer::ItemAnswer;
use crate::testing::{Double, Script, documents, http, report, secret};
use serde_json::{Value, json};

fn settings(url: &str) -> Elasticsearch {
    Elasticsearch {
        url: url.parse().unwrap(),
        api_key: None,
        username: None,
        password: None,
        bearer_token: None,
        namespace: "default".parse().unwrap(),
        scores: true,
        install_templates: false,
        http: http(),
    }
}

fn items(statuses: &[u16]) -> String {
    let items: Vec<Value> = statuses
        .iter()
        .map(|status| json!({ "create": { "status": status, "error": { "type": "t", "reason": "r" } } }))
        .collect();
    json!({ "errors": true, "items": items }).to_string()
}

#[tokio::test]
async fn each_document_has_an_answer_of_its_own() {
    let double = Double::answering(200, items(&[201, 409, 429, 400, 403])).await;
    let streams = Streams::new(&settings(&double.url(""))).unwrap();
    let batch = documents(&streams, &report(4));
    let Answer::Each(answers) = streams.send(&batch).await else { panic!("no answers") };
    assert_eq!(answers[..2], [ItemAnswer::Taken, ItemAnswer::AlreadyThere]);
    assert!(matches!(answers[2], ItemAnswer::Later(_)));
    assert!(matches!(&answers[3], ItemAnswer::Refused(reason) if reason.ends_with("answered 400: t: r")));
    assert!(matches!(answers[4], ItemAnswer::Later(_)));
}

#[tokio::test]
async fn what_another_document_would_not_mend_costs_no_document() {
    let item =
        json!({ "status": 400, "error": { "type": "unsupported_operation_exception", "reason": "r" } });
    let double = Double::answering(200, json!({ "items": [{ "create": item }] }).to_string()).await;
    let streams = Streams::new(&settings(&double.url(""))).unwrap();
    let answer = streams.send(&documents(&streams, &report(0))).await;
    assert!(matches!(&answer, Answer::Each(answers) if matches!(answers[..], [ItemAnswer::Later(_)])));
}

#[tokio::test]
async fn documents_are_created_in_the_streams_of_the_agent() {
    let double = Double::answering(200, items(&[])).await;
    let streams = Streams::new(&settings(&double.url("/base"))).unwrap();
    let batch = documents(&streams, &report(1));
    streams.send(&batch).await;
    let request = &double.received()[0];
    assert_eq!(
        (request.line.as_str(), request.header("content-type")),
        ("POST /base/_bulk", Some("application/x-ndjson"))
    );
    let lines: Vec<Value> = request.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["create"]["_index"], "logs-cloud_security_posture.findings-default");
    assert_eq!(lines[0]["create"]["_id"], lines[1]["event"]["id"]);
    assert_eq!(lines[2]["create"]["_index"], "logs-cloud_security_posture.scores-default");
    insta::assert_json_snapshot!(lines[1]);
    insta::assert_json_snapshot!(lines[3]);
}

#[tokio::test]
async fn every_way_to_sign_in_is_a_header() {
    for (change, expected) in [
        (
            Box::new(|it: &mut Elasticsearch| it.api_key = Some(secret("a"))) as Box<dyn Fn(&mut _)>,
            "ApiKey a",
        ),
        (Box::new(|it: &mut Elasticsearch| it.bearer_token = Some(secret("b"))), "Bearer b"),
        (
            Box::new(|it: &mut Elasticsearch| {
                (it.username, it.password) = (Some("ada".into()), Some(secret("pw")));
            }),
            "Basic YWRhOnB3",
        ),
    ] {
        let double = Double::answering(200, items(&[])).await;
        let mut settings = settings(&double.url(""));
        change(&mut settings);
        Streams::new(&settings).unwrap().send(&[]).await;
        assert_eq!(double.received()[0].header("authorization"), Some(expected));
    }
}

#[tokio::test]
async fn templates_are_installed_once_and_before_the_first_batch() {
    let double =
        Double::of(vec![Script::answer(200, "{}"), Script::answer(503, "busy"), Script::answer(200, "{}")])
            .await;
    let streams =
        Streams::new(&Elasticsearch { install_templates: true, ..settings(&double.url("")) }).unwrap();
    assert!(matches!(streams.send(&[]).await, Answer::Later { .. }));
    streams.send(&[]).await;
    streams.send(&[]).await;
    let lines: Vec<String> = double.received().iter().map(|request| request.line.clone()).collect();
    assert_eq!(
        lines,
        [
            "PUT /_index_template/stance-findings",
            "PUT /_index_template/stance-scores",
            "PUT /_index_template/stance-findings",
            "PUT /_index_template/stance-scores",
            "POST /_bulk",
            "POST /_bulk",
        ]
    );
}

#[tokio::test]
async fn what_is_no_answer_of_the_bulk_api_is_tried_again() {
    let double = Double::answering(200, "<html>").await;
    let streams = Streams::new(&settings(&double.url(""))).unwrap();
    assert!(matches!(streams.send(&[]).await, Answer::Later { .. }));
}

#[test]
fn benchmarks_bear_the_names_that_dashboards_know() {
    for (ours, name, version) in
        [("aws-cis-3.0", "cis_aws", "v3.0"), ("aws-pci-dss-4.0", "aws_pci_dss", "v4.0"), ("own", "own", "v1")]
    {
        assert_eq!(ecs::name_and_version(ours), (name.to_owned(), version.to_owned()));
    }
}
