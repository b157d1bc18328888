//! Findings in the format, and what the answers mean.

use super::*;
use crate::change::Results;
use crate::describe::describe;
use crate::testing::{Double, Script, documents, report, secret};
use proptest::prelude::*;
use stance_config::{SinkFilter, What};
use stance_model::{ExceptionMark, VerdictStatus};

fn hub(url: &str) -> Hub {
    Hub::new(&SecurityHub {
        region: "eu-west-1".parse().ok(),
        access_key_id: Some(secret("AKIAEXAMPLE")),
        secret_access_key: Some(secret("never-shown")),
        endpoint_url: url.parse().ok(),
        timeout: "5s".parse().unwrap(),
        ..SecurityHub::default()
    })
    .unwrap()
}

/// What is made of a batch where the import answers so; who signs in is known.
async fn imported(answer: Script, findings: usize) -> (Answer, Value) {
    let double = Double::of(vec![answer]).await;
    let hub = hub(&double.url(""));
    hub.service.know("444455556666").await;
    let answer = hub.send(&documents(&hub, &report(findings))).await;
    (answer, serde_json::from_str(&double.received()[0].body).unwrap())
}

#[tokio::test]
async fn findings_are_those_of_who_signs_in_with_the_scanned_account_beside() {
    let (answer, body) = imported(Script::answer(200, r#"{"FailedCount":0,"FailedFindings":[]}"#), 3).await;
    assert_eq!(answer, Answer::Each(vec![ItemAnswer::Taken; 3]));
    insta::assert_json_snapshot!(body["Findings"][0]);
}

#[tokio::test]
async fn what_is_refused_is_told_apart_from_what_may_be_tried_again() {
    let report = report(3);
    let failed = |index: usize, code: &str| json!({ "Id": report.findings[index].id, "ErrorCode": code, "ErrorMessage": "why" });
    let body = json!({ "FailedCount": 2, "FailedFindings": [failed(2, "InternalFailure"), failed(0, "InvalidInput")] });
    let (answer, _) = imported(Script::answer(200, body.to_string()), 3).await;
    let Answer::Each(each) = answer else { panic!("{answer:?}") };
    assert!(
        matches!(each.as_slice(), [ItemAnswer::Refused(_), ItemAnswer::Taken, ItemAnswer::Later(_)]),
        "{each:?}"
    );
}

#[tokio::test]
async fn a_hub_that_is_not_enabled_turns_us_away_and_a_busy_one_is_waited_for() {
    for (status, code, kind) in [
        (401, "InvalidAccessException", "TurnedAway"),
        (429, "LimitExceededException", "Later"),
        (400, "InvalidInputException", "Unfit"),
        (500, "InternalException", "Later"),
    ] {
        let script = Script::answer_with(status, "x-amzn-errortype", code);
        let answer = format!("{:?}", imported(script, 1).await.0);
        assert!(answer.starts_with(kind) && answer.contains(code), "{answer}");
    }
}

fn told(status: VerdictStatus, change: Option<Change>, excepted: bool) -> [String; 4] {
    let mut report = report(1);
    report.findings[0].status = status;
    if excepted {
        report.findings[0].exception = Some(
            ExceptionMark { id: None, reason: "agreed".into(), owner: "ada".into(), until: None }.into(),
        );
    }
    let report = report;
    let about = About { report: report.as_dyn(), run: crate::RunId::of(&report) };
    let finding = asff::finding(&about, &report.findings[0], change);
    ["/Compliance/Status", "/RecordState", "/Severity/Label", "/Workflow/Status"]
        .map(|path| finding.pointer(path).and_then(Value::as_str).unwrap().to_owned())
}

#[test]
fn what_is_mended_or_gone_is_archived_and_what_is_accepted_is_suppressed() {
    use VerdictStatus::{Fail, NotApplicable, Pass, Unknown};
    assert_eq!(told(Fail, None, false), ["FAILED", "ACTIVE", "HIGH", "NEW"]);
    assert_eq!(told(Unknown, None, false), ["WARNING", "ACTIVE", "HIGH", "NEW"]);
    assert_eq!(told(Fail, None, true), ["FAILED", "ACTIVE", "HIGH", "SUPPRESSED"]);
    let mended = Some(Change::StatusChanged { from: Fail });
    assert_eq!(told(Pass, mended, false), ["PASSED", "ARCHIVED", "INFORMATIONAL", "NEW"]);
    assert_eq!(told(Fail, Some(Change::Resolved), false), ["NOT_AVAILABLE", "ARCHIVED", "HIGH", "NEW"]);
    assert_eq!(told(NotApplicable, None, false)[..2], ["NOT_AVAILABLE", "ARCHIVED"]);
}

#[test]
fn what_is_new_and_holds_is_not_told() {
    let report = report(3);
    let changes: Vec<_> = report.findings.iter().map(|it| (Change::New, it.clone())).collect();
    let results = Results { changes: Some(&changes), ..Results::of(report.as_dyn()) };
    let mut ids = Vec::new();
    describe(&mut Findings, results, What::Changes, &SinkFilter::default(), &mut |document| {
        ids.push(document.id);
        Ok(())
    })
    .unwrap();
    assert_eq!(ids.len(), 2);
}

proptest! {
    #[test]
    fn no_finding_is_longer_than_they_take(message in "\\PC{0,3000}", id in "\\PC{1,2000}", times in 1..200_usize) {
        let mut report = report(1);
        report.findings[0].message = message.into();
        std::sync::Arc::make_mut(&mut report.findings[0].resource).id = id.into();
        report.findings[0].sub_key = Some("x".repeat(times * 100));
        let hub = hub("http://127.0.0.1:1");
        let documents = documents(&hub, &report);
        prop_assert!(documents[0].bytes() < 240_000);
        let finding: Value = serde_json::from_str(documents[0].text()).unwrap();
        let length = |path: &str| finding.pointer(path).and_then(Value::as_str).unwrap().chars().count();
        prop_assert!((1..=1024).contains(&length("/Description")));
        prop_assert!((1..=512).contains(&length("/Resources/0/Id")));
    }
}
