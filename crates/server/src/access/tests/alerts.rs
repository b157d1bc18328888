//! Alerts: who makes and sees them, what their receivers get, and what nobody can make the server do.

use super::double::{Double, Script};
use super::*;
use crate::Delivery;
use serde_json::Value;
use stance_store::{AlertId, MessageState};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

const PATH: &str = "/services/token-never-shown";
const SLACK: [(&str, &str); 6] = [
    ("name", "Ops"),
    ("watches", "findings"),
    ("filter", ""),
    ("channel", "slack"),
    ("address", "variable STANCE_ALERT_OPS"),
    ("state", "on"),
];

fn options(double: &Double, more: &[(&str, &str)]) -> AlertOptions {
    let ours =
        [("STANCE_ALERT_OPS", double.url(PATH)), ("STANCE_ALERT_SECRET", "whsec-never-shown".to_owned())];
    let more = more.iter().map(|(name, value)| (*name, (*value).to_owned()));
    let variables = ours.into_iter().chain(more).map(|(name, value)| (name.to_owned(), value));
    AlertOptions::of_environment(variables).unwrap().with_public_url("https://stance.example.org")
}

fn world(options: AlertOptions) -> World {
    World::alerting(crate::router::doors(), Entrance::of(Access::People), options)
}

/// A form with some fields other than usual.
fn fields<'f>(other: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let usual = SLACK.into_iter().filter(|(name, _)| !other.iter().any(|(held, _)| held == name));
    usual.chain(other.iter().copied()).collect()
}

async fn made(world: &World, session: &Secret, other: &[(&str, &str)]) -> AlertId {
    let told = world.ask(form("/alerts", session, &fields(other))).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.text);
    told.location().strip_prefix("/alerts/").unwrap().parse::<i64>().unwrap().into()
}

async fn delivered(world: &World) -> Delivery {
    world.console.deliver_due(clock()).await.unwrap()
}

/// The third run: one of our buckets got worse, and one of theirs is new.
fn third_run(world: &World) {
    let ours = Estate::of(&[("logs", [Fail, Fail]), ("*b* <!channel>", [Pass, Fail])]);
    let theirs =
        Estate::of(&[("treasure", [Fail, Fail]), ("treasure-2", [Fail, Fail]), ("treasure-3", [Fail, Pass])]);
    take(&world.store, 2, &[ours, theirs.in_scope(OTHER, "zanzibar")]);
}

fn messages(world: &World, alert: AlertId) -> Vec<(MessageState, Option<String>)> {
    let messages = world.store.alert_messages(alert, 10).unwrap();
    messages.into_iter().map(|message| (message.state, message.reason)).collect()
}

#[tokio::test]
async fn a_run_makes_one_message_with_what_is_new_and_whats_wrong_is_tried_again() {
    let double = Double::of(vec![Script::answer(503, ""), Script::Close, Script::answer(200, "ok")]).await;
    let world = world(options(&double, &[]));
    let session = world.session(world.root());
    let alert = made(&world, &session, &[]).await;
    assert_eq!(delivered(&world).await, Delivery::default(), "what was before is no news");
    third_run(&world);
    assert_eq!(delivered(&world).await, Delivery { postponed: 1, ..Delivery::default() });
    assert_eq!(delivered(&world).await, Delivery::default(), "it is not due yet");
    wait(TimeDelta::minutes(1));
    assert_eq!(delivered(&world).await.postponed, 1);
    let page = world.ask(get("/alerts", Some(&session))).await.text;
    assert!(page.contains("waiting, tried 2 times") && page.contains("http://127.0.0.1"), "{page}");
    wait(TimeDelta::minutes(2));
    assert_eq!(delivered(&world).await, Delivery { sent: 1, ..Delivery::default() });
    wait(TimeDelta::hours(6));
    assert_eq!(delivered(&world).await, Delivery::default());
    assert_eq!(messages(&world, alert), [(MessageState::Sent, None)]);
    let received = double.received();
    assert_eq!(received.len(), 3);
    assert_eq!(received[0].body, received[2].body, "it says the same each time");
    let told: Value = serde_json::from_str(&received[2].body).unwrap();
    let text = told["text"].as_str().unwrap();
    assert!(text.starts_with("*Stance: 3 findings are new or came back (Ops)*"), "{text}");
    assert!(text.contains("`1 high, 2 low`") && text.contains("treasure-3"), "{text}");
    assert!(text.contains("<https://stance.example.org/findings/"), "{text}");
    assert!(text.contains("findings?since=") && text.contains("status=failed"), "{text}");
    assert!(!text.contains("treasure-2") && !text.contains("<!channel>"), "{text}");
    let page = world.ask(get(&format!("/alerts/{}", alert.number()), Some(&session))).await.text;
    assert!(page.contains("sent") && page.contains("run #3"), "{page}");
    for text in [&page, &world.ask(get("/alerts", Some(&session))).await.text] {
        assert!(!text.contains("token-never-shown"));
    }
}

#[tokio::test]
async fn a_filter_chooses_and_a_run_without_news_tells_nothing() {
    let double = Double::answering(204, "").await;
    let world = world(options(&double, &[]));
    let session = world.session(world.root());
    let webhook = [("channel", "webhook"), ("secret", "variable STANCE_ALERT_SECRET")];
    let high =
        made(&world, &session, &[&webhook[..], &[("filter", "/findings?severity=high&sort=rule")]].concat())
            .await;
    let critical = made(&world, &session, &[("filter", "severity=critical")]).await;
    let off = made(&world, &session, &[("state", "off")]).await;
    third_run(&world);
    assert_eq!(delivered(&world).await, Delivery { sent: 1, nothing: 1, ..Delivery::default() });
    assert_eq!(messages(&world, critical), [(MessageState::Nothing, None)]);
    assert_eq!(messages(&world, off), []);
    let [request] = &double.received()[..] else { panic!("{:?}", double.received()) };
    let body: Value = serde_json::from_str(&request.body).unwrap();
    let [document] = &body["documents"].as_array().unwrap()[..] else { panic!("{body}") };
    let told = &document["document"];
    assert_eq!((&told["event"], &told["count"]), (&"findings".into(), &1.into()));
    assert_eq!(told["findings"][0]["resource"]["name"], "treasure-3");
    assert_eq!(told["findings"][0]["change"], "new");
    assert_eq!(document["id"], format!("alert-{}-{}-1", high.number(), day(2).timestamp_millis()));
    let (at, signature) =
        (request.header("stance-timestamp").unwrap(), request.header("stance-signature").unwrap());
    let tolerance = Duration::from_mins(5);
    stance_sink::verify(b"whsec-never-shown", at, signature, request.body.as_bytes(), Utc::now(), tolerance)
        .unwrap();
}

#[tokio::test]
async fn an_alert_of_somebody_limited_tells_of_no_other_account() {
    let double = Double::answering(200, "ok").await;
    let world = world(options(&double, &[]));
    let root = world.session(world.root());
    let ada = world.person("ada", Level::Write, &only_mine());
    let limited = world.session(ada);
    let all = made(&world, &root, &[("name", "zanzibar watch")]).await;
    let mine = made(&world, &limited, &[]).await;
    // not even by asking for it
    let theirs = made(&world, &limited, &[("name", "Other"), ("filter", &format!("account={OTHER}"))]).await;
    third_run(&world);
    world.store.end_alert(all, &super::root(), clock()).unwrap();
    assert_eq!(delivered(&world).await, Delivery { sent: 1, nothing: 1, ..Delivery::default() });
    assert_eq!(
        (messages(&world, mine).len(), messages(&world, theirs)),
        (1, vec![(MessageState::Nothing, None)])
    );
    let body = &double.received()[0].body;
    assert!(
        body.contains("2 findings") && !body.contains("treasure") && !body.contains("zanzibar"),
        "{body}"
    );
    // why a run failed may tell of any account
    let failed = world.ask(form("/alerts", &limited, &fields(&[("watches", "runs")]))).await;
    assert_eq!(failed.status, StatusCode::BAD_REQUEST);
    assert!(!world.ask(get("/alerts/new", Some(&limited))).await.text.contains("runs that failed"));
    // alerts of others are not there for them
    let all = made(&world, &root, &[("name", "zanzibar watch")]).await;
    let page = world.ask(get("/alerts", Some(&limited))).await.text;
    assert!(page.contains("Ops") && !page.contains("zanzibar"), "{page}");
    let (nowhere, address) = ("/alerts/999", format!("/alerts/{}", all.number()));
    let told = world.ask(get(&address, Some(&limited))).await;
    let nobodys = world.ask(get(nowhere, Some(&limited))).await;
    assert_eq!((told.status, nobodys.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    assert_eq!(told.text.replace(&all.number().to_string(), ""), nobodys.text.replace("999", ""));
    for (path, fields) in [("", fields(&[])), ("/end", vec![]), ("/test", vec![])] {
        let told = world.ask(form(&format!("{address}{path}"), &limited, &fields)).await;
        assert_eq!(told.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(world.store.alert(all).unwrap().chosen.name, "zanzibar watch");
}

#[tokio::test]
async fn an_alert_ends_with_the_rights_of_its_maker() {
    let double = Double::answering(200, "ok").await;
    let world = world(options(&double, &[]));
    let root = world.session(world.root());
    let bob = world.person("bob", Level::Write, &Accounts::All);
    let alert = made(&world, &world.session(bob), &[]).await;
    third_run(&world);
    let kept_out =
        stance_store::PersonChange { level: Level::Write, accounts: Accounts::All, disabled: true };
    world.store.change_person(bob, &kept_out, &super::root(), clock()).unwrap();
    assert_eq!(delivered(&world).await.given_up, 1);
    assert!(messages(&world, alert)[0].1.as_ref().unwrap().contains("kept out"));
    assert_eq!(double.received().len(), 0);
    assert!(world.ask(get("/alerts", Some(&root))).await.text.contains("its maker may not"));
}

#[tokio::test]
async fn nobody_can_choose_an_address_or_a_secret_that_was_not_set_up_for_alerts() {
    let double = Double::answering(200, "ok").await;
    let internal = double.url("/latest/meta-data");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bad"), "not-an-address-never-shown").unwrap();
    let more = [
        ("INTERNAL_URL", internal.as_str()),
        ("STANCE_MAIL_PASSWORD", "never-shown"),
        ("STANCE_ALERT_FOLDER", folder.path().to_str().unwrap()),
    ];
    let world = world(options(&double, &more));
    let session = world.session(world.root());
    for address in [
        internal.as_str(),
        "http://169.254.169.254/latest/meta-data",
        "variable INTERNAL_URL",
        "variable STANCE_MAIL_PASSWORD",
        "variable STANCE_ALERT_FOLDER",
        "file ../../etc/passwd",
        "file /etc/passwd",
        "file bad",
        "variable STANCE_ALERT_SECRET",
        "",
    ] {
        let told = world.ask(form("/alerts", &session, &fields(&[("address", address)]))).await;
        assert_eq!(told.status, StatusCode::BAD_REQUEST, "{address}");
        assert!(!told.text.contains("never-shown"), "{}", told.text);
    }
    assert_eq!(world.store.alerts().unwrap(), []);
    let page = world.ask(get("/alerts/new", Some(&session))).await.text;
    assert!(page.contains("variable STANCE_ALERT_OPS") && page.contains("file bad"), "{page}");
    assert!(!page.contains("INTERNAL") && !page.contains("never-shown"), "{page}");
    assert_eq!(double.received().len(), 0);
}

#[tokio::test]
async fn failed_runs_and_overdue_integrations_are_told() {
    let double = Double::answering(200, "ok").await;
    let world = world(options(&double, &[]));
    let session = world.session(world.root());
    made(&world, &session, &[("watches", "runs")]).await;
    made(&world, &session, &[("watches", "overdue")]).await;
    let ada = world.person("ada", Level::Write, &only_mine());
    made(&world, &world.session(ada), &[("name", "Limited"), ("watches", "overdue")]).await;
    let run = world.store.begin_run("nightly", clock()).unwrap();
    world.store.fail_run(run, "no credentials", clock()).unwrap();
    let overdue = crate::Overdue { name: "production".to_owned(), due_at: clock(), accounts: Accounts::All };
    world.console.overdue(std::slice::from_ref(&overdue), clock()).await.unwrap();
    assert_eq!(delivered(&world).await, Delivery { sent: 1, ..Delivery::default() });
    wait(TimeDelta::minutes(1));
    for _ in 0..3 {
        world.console.overdue(std::slice::from_ref(&overdue), clock()).await.unwrap();
    }
    // whoever may see one account is not told of an integration that reads all
    assert_eq!(delivered(&world).await, Delivery { sent: 1, ..Delivery::default() });
    let mine = crate::Overdue { name: "mine".to_owned(), accounts: only_mine(), ..overdue };
    world.console.overdue(&[mine], clock()).await.unwrap();
    assert_eq!(delivered(&world).await, Delivery { sent: 2, ..Delivery::default() });
    let received = double.received();
    assert!(received[0].body.contains("run #3 failed") && received[0].body.contains("no credentials"));
    assert!(received[1].body.contains("production is overdue"), "{}", received[1].body);
}

#[tokio::test]
async fn an_alert_is_made_of_a_list_tried_changed_and_ended() {
    let double = Double::of(vec![Script::answer(200, "ok"), Script::answer(404, "no_service")]).await;
    let world = world(options(&double, &[]));
    let session = world.session(world.root());
    let reader = world.session(world.person("eve", Level::Read, &Accounts::All));
    let list = world.ask(get("/findings?severity=high&sort=rule&q=a+b", Some(&session))).await.text;
    let link = list.split("href=\"").map(|part| part.split('"').next().unwrap());
    let link =
        link.map(|link| link.replace("&amp;", "&")).find(|link| link.starts_with("/alerts/new")).unwrap();
    let page = world.ask(get(&link, Some(&session))).await.text;
    assert!(page.contains("value=\"severity=high&amp;q=a%20b\""), "{page}");
    assert!(!world.ask(get("/findings", Some(&reader))).await.text.contains("/alerts/new"));
    let alert = made(&world, &session, &[("name", "<b>x</b>")]).await;
    let address = format!("/alerts/{}", alert.number());
    let told = world.ask(form(&format!("{address}/test"), &session, &[])).await;
    assert_eq!(told.location(), address);
    assert_eq!(messages(&world, alert), [(MessageState::Sent, None)]);
    let again = world.ask(form(&format!("{address}/test"), &session, &[])).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST, "it was tried a moment ago");
    wait(TimeDelta::seconds(10));
    world.ask(form(&format!("{address}/test"), &session, &[])).await;
    let page = world.ask(get(&address, Some(&session))).await.text;
    assert!(page.contains("not sent") && page.contains("no_service"), "{page}");
    assert!(page.contains("&lt;b&gt;x&lt;/b&gt;") && !page.contains("<b>x</b>"), "{page}");
    let seen = world.ask(get(&address, Some(&reader))).await.text;
    assert!(!seen.contains("<form method=\"post\" action=\"/alerts"), "{seen}");
    let change = fields(&[("name", "Night"), ("state", "off")]);
    assert_eq!(world.ask(form(&address, &session, &change)).await.status, StatusCode::SEE_OTHER);
    assert!(!world.store.alert(alert).unwrap().chosen.active);
    for wrong in
        [("filter", "severity=worst"), ("watches", "x"), ("channel", "x"), ("state", "x"), ("name", " ")]
    {
        let told = world.ask(form(&address, &session, &fields(&[wrong]))).await;
        assert_eq!(told.status, StatusCode::BAD_REQUEST, "{wrong:?}");
    }
    assert_eq!(world.ask(form(&format!("{address}/end"), &session, &[])).await.location(), "/alerts");
    assert_eq!(world.store.alerts().unwrap(), []);
    let log = world.store.audit(None, 10).unwrap();
    assert_eq!((log[0].name.as_str(), log[0].action.as_str()), ("root", "ended the alert"));
}

/// A mail server without any security: it keeps what it is given.
async fn mail_server() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let kept = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&kept);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (read, mut write) = stream.into_split();
            let mut lines = BufReader::new(read).lines();
            let mut message: Option<String> = None;
            write.write_all(b"220 double\r\n").await.unwrap();
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(held) = &mut message {
                    if line != "." {
                        held.push_str(&line);
                        held.push('\n');
                        continue;
                    }
                    log.lock().unwrap().extend(message.take());
                    write.write_all(b"250 taken\r\n").await.unwrap();
                    continue;
                }
                let answer: &[u8] = if line.starts_with("DATA") {
                    message = Some(String::new());
                    b"354 go on\r\n"
                } else if line.starts_with("QUIT") {
                    b"221 bye\r\n"
                } else {
                    b"250 fine\r\n"
                };
                write.write_all(answer).await.unwrap();
            }
        }
    });
    (port, kept)
}

#[tokio::test]
async fn mail_goes_to_its_recipients_under_one_id() {
    let (port, kept) = mail_server().await;
    let double = Double::answering(200, "ok").await;
    let port = port.to_string();
    let mail = [
        ("STANCE_MAIL_SERVER", "127.0.0.1"),
        ("STANCE_MAIL_PORT", port.as_str()),
        ("STANCE_MAIL_SECURITY", "none"),
        ("STANCE_MAIL_FROM", "Stance <stance@example.org>"),
    ];
    let world = world(options(&double, &mail));
    let session = world.session(world.root());
    let to = |recipients: &'static str| [("channel", "mail"), ("recipients", recipients)];
    for wrong in ["", "nobody", "a@example.org\r\nBcc: x"] {
        let told = world.ask(form("/alerts", &session, &fields(&to(wrong)))).await;
        assert_eq!(told.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    made(&world, &session, &to("a@example.org, b@example.org")).await;
    third_run(&world);
    assert_eq!(delivered(&world).await, Delivery { sent: 1, ..Delivery::default() });
    let mails = kept.lock().unwrap().clone();
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    for part in [
        "To: a@example.org, b@example.org",
        "Subject: Stance: 3 findings are new or came back (Ops)",
        "@stance>",
        "treasure-3",
        "https://stance.example.org/findings/",
    ] {
        assert!(mail.contains(part), "{part}: {mail}");
    }
}

#[tokio::test]
async fn two_senders_send_each_message_once_and_one_that_died_is_made_up_for() {
    let double = Double::answering(200, "ok").await;
    let world = world(options(&double, &[]));
    let session = world.session(world.root());
    for number in 0..9 {
        made(&world, &session, &[("name", &format!("Number {number}"))]).await;
    }
    third_run(&world);
    let due = world.store.due_messages(clock(), 1).unwrap().remove(0).message;
    let lease = clock() + TimeDelta::minutes(5);
    assert!(world.store.claim_message(&due, clock(), lease).unwrap());
    let (one, two) = tokio::join!(delivered(&world), delivered(&world));
    assert_eq!(one.sent + two.sent, 8);
    assert_eq!(double.received().len(), 8);
    // whoever took the first one has ended without a word
    wait(TimeDelta::minutes(5));
    assert_eq!(delivered(&world).await, Delivery { sent: 1, ..Delivery::default() });
    let bodies: std::collections::BTreeSet<String> =
        double.received().into_iter().map(|request| request.body).collect();
    assert_eq!(bodies.len(), 9, "each of its own alert");
}
