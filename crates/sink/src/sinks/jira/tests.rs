//! Issues that are opened, kept up to date and closed.

use super::*;
use crate::sinks::Receive;
use crate::testing::{Double, Received, Script, documents, failing, http, report, secret};
use stance_model::Report;

fn settings(url: &str) -> stance_config::Jira {
    stance_config::Jira {
        url: url.parse().unwrap(),
        project: "SEC".parse().unwrap(),
        email: None,
        api_token: None,
        access_token: None,
        issue_type: "Task".into(),
        label: "stance".into(),
        close_transition: "Done".into(),
        most_issues: 50.try_into().unwrap(),
        http: http(),
    }
}

fn cloud(double: &Double) -> Tracking<Jira> {
    Jira::open(&stance_config::Jira {
        email: Some("stance@example.org".into()),
        api_token: Some(secret("token-never-shown")),
        ..settings(&double.url(""))
    })
    .unwrap()
}

fn data_center(url: &str, project: &str) -> Tracking<Jira> {
    Jira::open(&stance_config::Jira {
        project: project.parse().unwrap(),
        access_token: Some(secret("pat-never-shown")),
        ..settings(url)
    })
    .unwrap()
}

fn listed(key: &str, summary: &str, description: &Value, label: &str) -> Value {
    json!({ "id": "1", "key": key, "fields": {
        "summary": summary, "description": description, "labels": ["stance", label],
    } })
}

fn page(issues: &[Value]) -> Script {
    Script::answer(200, json!({ "issues": issues, "isLast": true }).to_string())
}

fn lines(received: &[Received]) -> Vec<&str> {
    received.iter().map(|request| request.line.as_str()).collect()
}

/// What the cloud was asked for, given the open issues and the answers after them.
async fn asked(open: &[Value], answers: Vec<Script>, report: &Report) -> (Answer, Vec<Received>) {
    let double = Double::of([vec![page(open)], answers].concat()).await;
    let jira = cloud(&double);
    let answer = jira.send(&documents(&jira, report)).await;
    (answer, double.received())
}

#[tokio::test]
async fn what_fails_for_the_first_time_gets_an_issue_with_a_document() {
    let created = Script::answer(201, r#"{"id":"10042","key":"SEC-1"}"#);
    let (answer, received) = asked(&[], vec![created], &report(3)).await;
    assert_eq!(answer, Answer::Taken);
    assert_eq!(lines(&received), ["POST /rest/api/3/search/jql", "POST /rest/api/3/issue"]);
    // stance@example.org:token-never-shown
    assert_eq!(
        received[0].header("authorization"),
        Some("Basic c3RhbmNlQGV4YW1wbGUub3JnOnRva2VuLW5ldmVyLXNob3du")
    );
    insta::assert_json_snapshot!(serde_json::from_str::<Value>(&received[1].body).unwrap());
}

#[tokio::test]
async fn data_center_gets_wiki_markup() {
    let double = Double::of(vec![
        Script::answer(200, r#"{"issues":[],"total":0}"#),
        Script::answer(201, r#"{"id":"1","key":"SEC-1"}"#),
    ])
    .await;
    let jira = data_center(&double.url("/jira"), "SEC");
    assert_eq!(jira.send(&documents(&jira, &report(3))).await, Answer::Taken);
    let received = double.received();
    assert_eq!(received[0].header("authorization"), Some("Bearer pat-never-shown"));
    assert!(received[0].line.starts_with("GET /jira/rest/api/2/search?jql=project%20%3D%20%22SEC%22"));
    let issue: Value = serde_json::from_str(&received[1].body).unwrap();
    insta::assert_snapshot!(issue["fields"]["description"].as_str().unwrap());
}

#[tokio::test]
async fn an_issue_that_says_it_already_is_left_alone_and_another_is_brought_up_to_date() {
    let report = report(3);
    let ticket = failing(&report);
    let word = ticket.key.word();
    // Jira adds what it likes to a document
    let mut description = Edition::Cloud.description(&ticket);
    description["content"][0]["attrs"] = json!({ "localId": "4f1c" });
    let same = listed("SEC-7", &ticket.headline(), &description, &word);
    let (answer, received) = asked(&[same], Vec::new(), &report).await;
    assert_eq!((answer, received.len()), (Answer::Taken, 1));
    let older = listed("SEC-7", "[high] old", &Value::Null, &word);
    let (answer, received) = asked(&[older], vec![Script::answer(204, "")], &report).await;
    assert_eq!(answer, Answer::Taken);
    assert_eq!(lines(&received)[1..], ["PUT /rest/api/3/issue/SEC-7"]);
}

#[tokio::test]
async fn what_is_mended_goes_through_the_transition_and_what_is_not_ours_is_not_touched() {
    let word = failing(&report(1)).key.word();
    let open = [
        listed("SEC-7", "t", &Value::Null, &word),
        listed("SEC-8", "written by hand", &Value::Null, "urgent"),
        listed("SEC-9", "t", &Value::Null, "stance:aws-s3-bucket-denies-plain-http:999999999999"),
    ];
    let transitions = r#"{"transitions":[{"id":"11","name":"To Do","to":{"name":"Done"}},{"id":"31","name":"DONE","to":{"name":"Closed"}}]}"#;
    let answers = vec![Script::answer(200, transitions), Script::answer(204, "")];
    let (answer, received) = asked(&open, answers, &report(0)).await;
    assert_eq!(answer, Answer::Taken);
    let path = "/rest/api/3/issue/SEC-7/transitions";
    assert_eq!(lines(&received)[1..], [format!("GET {path}"), format!("POST {path}")]);
    assert_eq!(received[2].body, r#"{"transition":{"id":"31"}}"#);
}

#[tokio::test]
async fn a_transition_may_be_named_by_the_status_that_it_leads_to() {
    let open = [listed("SEC-7", "t", &Value::Null, &failing(&report(1)).key.word())];
    let transitions = r#"{"transitions":[{"id":"21","name":"Finish","to":{"name":"Done"}}]}"#;
    let answers = vec![Script::answer(200, transitions), Script::answer(204, "")];
    let (answer, received) = asked(&open, answers, &report(0)).await;
    assert_eq!((answer, received[2].body.as_str()), (Answer::Taken, r#"{"transition":{"id":"21"}}"#));
}

#[tokio::test]
async fn a_transition_that_the_workflow_lacks_is_told_with_those_that_it_has() {
    let word = failing(&report(1)).key.word();
    let open = [listed("SEC-7", "t", &Value::Null, &word)];
    let transitions = r#"{"transitions":[{"id":"11","name":"Resolve","to":{"name":"Resolved"}}]}"#;
    let (answer, _) = asked(&open, vec![Script::answer(200, transitions)], &report(0)).await;
    let Answer::TurnedAway { reason } = answer else { panic!("{answer:?}") };
    insta::assert_snapshot!(reason);
}

#[tokio::test]
async fn a_search_that_lags_behind_is_told_of_the_issues_that_were_just_opened() {
    let created = Script::answer(201, r#"{"id":"10042","key":"SEC-1"}"#);
    let double = Double::of(vec![page(&[]), created, page(&[]), Script::answer(500, "")]).await;
    let jira = cloud(&double);
    let documents = documents(&jira, &report(1));
    assert_eq!(jira.send(&documents).await, Answer::Taken);
    assert!(matches!(jira.send(&documents).await, Answer::Later { .. }));
    let search: Value = serde_json::from_str(&double.received()[2].body).unwrap();
    assert_eq!(search["reconcileIssues"], json!([10042]));
}

#[tokio::test]
async fn all_pages_are_read() {
    let word = failing(&report(1)).key.word();
    let first = json!({ "issues": [listed("SEC-1", "t", &Value::Null, "x")], "nextPageToken": "more" });
    let double = Double::of(vec![
        Script::answer(200, first.to_string()),
        page(&[listed("SEC-2", "t", &Value::Null, &word)]),
    ])
    .await;
    let jira = cloud(&double);
    let open = jira.tracker.open_issues().await.unwrap();
    assert_eq!(open.values().map(|issue| issue.key.as_str()).collect::<Vec<_>>(), ["SEC-2"]);
    assert!(double.received()[1].body.contains(r#""nextPageToken":"more""#));
}

#[tokio::test]
async fn a_limit_is_waited_for_and_a_field_that_is_missing_is_told() {
    for (script, kind) in [
        (Script::answer_with(429, "retry-after", "60"), "Later"),
        (Script::answer(401, "token-never-shown is wrong"), "TurnedAway"),
        (Script::answer(400, r#"{"errors":{"customfield_1":"is required"}}"#), "TurnedAway"),
        (Script::answer(502, ""), "Later"),
    ] {
        let (answer, _) = asked(&[], vec![script], &report(1)).await;
        let answer = format!("{answer:?}");
        assert!(answer.starts_with(kind) && !answer.contains("never-shown"), "{answer}");
    }
}

#[test]
fn one_of_the_two_ways_to_sign_in_is_needed() {
    let told = Jira::open(&settings("https://example.atlassian.net")).map(drop).unwrap_err();
    assert!(told.contains("`access_token`"), "{told}");
}

#[test]
fn no_name_can_set_a_mark() {
    let mut ticket = failing(&report(1));
    ticket.resources = vec!["{{x}} [~ada] *b* -c- a-b \\ !i!".to_owned()];
    let text = markup::wiki(&ticket.blocks());
    let line = text.lines().find(|line| line.starts_with("* ")).unwrap();
    assert_eq!(
        line,
        "* {{&#123;&#123;x&#125;&#125; &#91;&#126;ada&#93; &#42;b&#42; &#45;c&#45; a-b &#92; &#33;i&#33;}}"
    );
}
