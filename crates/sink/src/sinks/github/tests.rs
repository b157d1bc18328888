//! Issues that are made, kept up to date and closed.

use super::*;
use crate::sinks::Receive;
use crate::testing::{Double, Received, Script, documents, failing, http, report, secret};
use stance_model::Report;

fn issues(double: &Double) -> Tracking<Issues> {
    Issues::open(&GitHubIssues {
        repository: "example/security".parse().unwrap(),
        token: secret("ghp-never-shown"),
        label: "stance".into(),
        most_issues: 50.try_into().unwrap(),
        api_url: double.url("/api/v3").parse().unwrap(),
        http: http(),
    })
    .unwrap()
}

fn listed(number: u64, title: &str, body: &str) -> Value {
    json!({ "number": number, "title": title, "body": body })
}

/// What the issues were asked for, given that the list of open ones is that.
async fn asked(list: &[Value], report: &Report) -> (Answer, Vec<Received>) {
    let double =
        Double::of(vec![Script::answer(200, json!(list).to_string()), Script::answer(200, "{}")]).await;
    let issues = issues(&double);
    let answer = issues.send(&documents(&issues, report)).await;
    (answer, double.received())
}

fn lines(received: &[Received]) -> Vec<&str> {
    received.iter().map(|request| request.line.as_str()).collect()
}

const LIST: &str = "GET /api/v3/repos/example/security/issues?state=open&labels=stance&sort=created&direction=asc&per_page=100&page=1";

#[tokio::test]
async fn what_fails_for_the_first_time_gets_an_issue() {
    let (answer, received) = asked(&[], &report(3)).await;
    assert_eq!(answer, Answer::Taken);
    assert_eq!(lines(&received), [LIST, "POST /api/v3/repos/example/security/issues"]);
    assert_eq!(received[1].header("authorization"), Some("Bearer ghp-never-shown"));
    let issue: Value = serde_json::from_str(&received[1].body).unwrap();
    assert_eq!(issue["labels"], json!(["stance"]));
    insta::assert_snapshot!(format!(
        "{}\n\n{}",
        issue["title"].as_str().unwrap(),
        issue["body"].as_str().unwrap()
    ));
}

#[tokio::test]
async fn an_issue_that_says_it_already_is_left_alone_and_another_is_brought_up_to_date() {
    let report = report(3);
    let ticket = failing(&report);
    let same = listed(7, &ticket.headline(), &text(&ticket));
    assert_eq!(lines(&asked(&[same], &report).await.1), [LIST]);
    let older = listed(7, "[high] old", &format!("{}\nold text", ticket.key.marker()));
    let (answer, received) = asked(&[older], &report).await;
    assert_eq!(answer, Answer::Taken);
    assert_eq!(lines(&received), [LIST, "PATCH /api/v3/repos/example/security/issues/7"]);
}

#[tokio::test]
async fn what_is_mended_is_closed_and_what_is_not_ours_is_not_touched() {
    let marker = failing(&report(1)).key.marker();
    let mut pull_request = listed(9, "t", &marker);
    pull_request["pull_request"] = json!({});
    let list = [
        listed(7, "t", &marker),
        listed(8, "written by hand", "no marker"),
        pull_request,
        listed(10, "t", "<!-- stance:aws-s3-bucket-denies-plain-http:999999999999 -->"),
        listed(11, "t", "<!-- stance:a-rule-of-another-scan:111122223333 -->"),
        json!({ "number": 12, "title": "emptied", "body": null }),
    ];
    let (answer, received) = asked(&list, &report(0)).await;
    assert_eq!(answer, Answer::Taken);
    assert_eq!(lines(&received), [LIST, "PATCH /api/v3/repos/example/security/issues/7"]);
    assert_eq!(received[1].body, r#"{"state":"closed","state_reason":"completed"}"#);
}

#[tokio::test]
async fn a_limit_on_bursts_is_waited_for_and_a_missing_right_is_told() {
    for (script, kind) in [
        (Script::answer_with(403, "retry-after", "60"), "Later"),
        (Script::answer(403, "ghp-never-shown may not"), "TurnedAway"),
        (Script::answer(422, "invalid"), "TurnedAway"),
        (Script::answer(502, ""), "Later"),
        (Script::answer(200, "{}"), "Later"),
    ] {
        let double = Double::of(vec![script]).await;
        let issues = issues(&double);
        let answer = format!("{:?}", issues.send(&documents(&issues, &report(1))).await);
        assert!(answer.starts_with(kind) && !answer.contains("never-shown"), "{answer}");
    }
}

#[test]
fn a_name_can_call_nobody() {
    let mut ticket = failing(&report(1));
    ticket.resources = vec!["` @octocat `".to_owned()];
    assert!(text(&ticket).contains("- `' @octocat '`"));
}
