//! Setting up what the server scans, by forms.

use super::*;
use crate::{AccessReport, AccountAccess, Scanner, Stopping};
use stance_store::Integration;
use std::sync::Arc;

/// Pretends to scan.
struct Pretender;

impl Scanner for Pretender {
    fn check(&self, configuration: &str) -> Result<(), String> {
        if configuration.contains("wrong") { Err("line 2: `wrong` is <not> a key".into()) } else { Ok(()) }
    }

    fn try_access(&self, _: &str, _: &Stopping) -> Result<AccessReport, String> {
        let missing = vec![("s3:Get<b>".to_owned(), 3)];
        let account = AccountAccess { account: ACCOUNT.into(), missing, ..AccountAccess::default() };
        Ok(AccessReport { accounts: vec![account], ..AccessReport::default() })
    }

    fn scan(&self, _: &Integration, _: &Stopping) -> Result<(), String> {
        Ok(())
    }
}

const FIELDS: [(&str, &str); 7] = [
    ("name", "Production"),
    ("namespace", "default"),
    ("scope", "account"),
    ("access", "own"),
    ("hours", "24"),
    ("at", "03:30"),
    ("then", "scan"),
];

fn with<'f>(name: &'f str, value: &'f str) -> Vec<(&'f str, &'f str)> {
    FIELDS.into_iter().filter(|(other, _)| *other != name).chain([(name, value)]).collect()
}

#[tokio::test]
async fn an_integration_is_added_changed_scanned_and_removed_by_forms() {
    let world = World::scanning(Arc::new(Pretender));
    let session = world.session(world.root());
    let added = world.ask(form("/integrations", &session, &FIELDS)).await;
    assert_eq!(
        (added.status, added.location()),
        (StatusCode::SEE_OTHER, "/integrations/1"),
        "{}",
        added.text
    );
    let list = world.ask(get("/integrations", Some(&session))).await.text;
    assert!(list.contains("Production") && list.contains("every day at 03:30 UTC"), "{list}");
    let page = world.ask(get("/integrations/1", Some(&session))).await.text;
    assert!(page.contains("aws: {}") && page.contains("Scan now"), "{page}");

    world.ask(form("/integrations/1/scan", &session, &[])).await;
    assert_eq!(world.store.integration(1.into()).unwrap().next_at, clock());

    let change =
        [("name", "Prod"), ("namespace", "eu"), ("hours", "6"), ("configuration", "aws:\r\n  region: x\r\n")];
    let changed = world.ask(form("/integrations/1", &session, &change)).await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", changed.text);
    let kept = world.store.integration(1.into()).unwrap();
    assert_eq!(
        (kept.name.as_str(), kept.configuration.as_str(), kept.enabled),
        ("Prod", "aws:\n  region: x\n", false)
    );

    let like = world.ask(get("/integrations/new?like=1", Some(&session))).await.text;
    assert!(like.contains("region: x"), "{like}");
    world.ask(form("/integrations/1/remove", &session, &[])).await;
    assert!(world.store.integrations().unwrap().is_empty());
    let acts: Vec<String> =
        world.store.audit(None, 4).unwrap().into_iter().map(|entry| entry.action).collect();
    assert_eq!(acts[..2], ["removed the integration", "changed the integration"]);
}

#[tokio::test]
async fn what_is_wrong_is_told_on_the_form_with_all_that_was_written() {
    let world = World::scanning(Arc::new(Pretender));
    let session = world.session(world.root());
    for (fields, told) in [
        (with("name", "<b>"), "`&lt;b&gt;` is not a name"),
        (with("hours", "x"), "`x` is no number of hours"),
        (with("hours", "999999999999999999"), "scans start every 10 minutes at most"),
        (with("at", "25:00"), "`25:00` is no time of day"),
        (with("configuration", "aws:\n  wrong: 1"), "`wrong` is &lt;not&gt; a key"),
    ] {
        let answer = world.ask(form("/integrations", &session, &fields)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{told}");
        assert!(answer.text.contains(told), "{told}: {}", answer.text);
        assert!(answer.text.contains("value=\"default\""), "what was written is lost");
    }
    assert!(world.store.integrations().unwrap().is_empty());
}

#[tokio::test]
async fn a_trial_is_shown_when_it_is_done() {
    let world = World::scanning(Arc::new(Pretender));
    let session = world.session(world.root());
    world.ask(form("/integrations", &session, &FIELDS)).await;
    world.ask(form("/integrations/1/trial", &session, &[])).await;
    let mut page = String::new();
    for _ in 0..1000 {
        page = world.ask(get("/integrations/1", Some(&session))).await.text;
        if page.contains("Permissions to grant") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert!(page.contains("s3:Get&lt;b&gt;") && page.contains("something cannot be read"), "{page}");
}

#[tokio::test]
async fn aws_is_prepared_with_an_external_id_of_its_own() {
    let world = World::new();
    let session = world.session(world.root());
    let asked = |query: &str| get(&format!("/integrations/onboarding?{query}"), Some(&session));
    let connector = "scope=account&access=cloud-connector&form=cloudformation&policy=least";
    let without = world.ask(asked(connector)).await;
    assert_eq!(without.status, StatusCode::BAD_REQUEST);
    assert!(without.text.contains("say who assumes the role"), "{}", without.text);
    let page = |query: String| {
        let request = asked(&query);
        async { world.ask(request).await.text }
    };
    let one = page(format!("{connector}&principal=111122223333")).await;
    let two = page(format!("{connector}&principal=111122223333")).await;
    let id = |text: &str| text.split("external_id=").nth(1).unwrap()[..38].to_owned();
    assert!(
        one.contains("AWSTemplateFormatVersion") && one.contains("role=arn:aws:iam::ACCOUNT_ID"),
        "{one}"
    );
    assert_ne!(id(&one), id(&two));
    for form in ["terraform", "commands"] {
        let text = page(format!("scope=organization&access=account-role&form={form}&policy=managed")).await;
        assert!(text.contains("What to do") && text.contains("SecurityAudit"), "{form}: {text}");
    }
    let hostile = world.ask(asked("access=cloud-connector&principal=%3Cscript%3E")).await;
    assert!(!hostile.text.contains("<script>al") && hostile.status == StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_run_is_asked_to_stop() {
    let world = World::new();
    let session = world.session(world.root());
    let run = world.store.begin_run("slow", clock()).unwrap();
    let progress = stance_store::RunProgress {
        listings: 100,
        listings_done: 25,
        last: Some((OTHER.into(), "AWS::S3::Bucket".into())),
        ..stance_store::RunProgress::default()
    };
    world.store.heartbeat(run, &progress, clock()).unwrap();
    let address = format!("/runs/{}", run.number());
    let page = world.ask(get(&address, Some(&session))).await.text;
    assert!(
        page.contains("25 of 100 listings read") && page.contains("Stop it") && page.contains(OTHER),
        "{page}"
    );
    assert_eq!(world.ask(form(&format!("{address}/stop"), &session, &[])).await.location(), address);
    let page = world.ask(get(&address, Some(&session))).await.text;
    assert!(page.contains("root has asked it to stop") && !page.contains("Stop it"), "{page}");
    let again = world.ask(form(&format!("{address}/stop"), &session, &[])).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
}
