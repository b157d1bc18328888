//! Alerts: whom a run leaves a message, what the message is about, and that none is lost or sent by two.

use crate::estate::{ACCOUNT, Estate, Fail, Pass, RULES, Unknown, bundle, day, stores, take};
use chrono::TimeDelta;
use stance_model::{Severity, Standing};
use stance_store::{
    Accounts, Actor, AlertChange, AlertId, Cause, Cell, Census, Channel, Constraints, Level, MessageState,
    Opened, PersonChange, PersonId, PersonName, RunId, SecretPlace, Store, Watches,
};
use std::time::Duration;

const OTHER: &str = "222222222222";

fn by() -> Actor {
    Actor { name: "ada".to_owned(), address: "192.0.2.1".to_owned() }
}

fn only(ids: &[&str]) -> Accounts {
    Accounts::Only(ids.iter().map(|id| (*id).into()).collect())
}

fn person(store: &Store, name: &str, accounts: &Accounts) -> PersonId {
    store.invite(&PersonName::of(name).unwrap(), Level::Write, accounts, &by(), day(0)).unwrap().0
}

fn slack() -> Channel {
    Channel::Slack { address: SecretPlace::Env("STANCE_ALERT_OPS".to_owned()) }
}

fn chosen(watches: Watches) -> AlertChange {
    AlertChange {
        name: "Ops".to_owned(),
        watches,
        filter: "severity=high".to_owned(),
        channel: slack(),
        active: true,
    }
}

fn made(store: &Store, maker: PersonId, chosen: &AlertChange) -> AlertId {
    store.make_alert(chosen, maker, &Accounts::All, &by(), day(0)).unwrap()
}

fn causes(store: &Store, alert: AlertId) -> Vec<Cause> {
    let mut causes: Vec<Cause> =
        store.alert_messages(alert, 100).unwrap().into_iter().map(|message| message.cause).collect();
    causes.reverse();
    causes
}

fn opened(store: &Store, run: RunId, choose: impl Fn(&Cell) -> bool, most: usize) -> Opened {
    let census = store.census().unwrap();
    let cells: Vec<&Cell> = census.cells.iter().filter(|cell| choose(cell)).collect();
    store.opened_by(run, &census, &cells, &Constraints::default(), most).unwrap()
}

#[test]
fn a_run_leaves_one_message_for_each_alert_that_is_on_and_a_half_run_leaves_none() {
    for kept in stores() {
        let store = &kept.store;
        let ada = person(store, "ada", &Accounts::All);
        take(store, 0, &[Estate::of(&[("logs", [Fail, Pass])])]);
        let first = made(store, ada, &chosen(Watches::Findings));
        let second = made(store, ada, &chosen(Watches::Findings));
        let off = made(store, ada, &AlertChange { active: false, ..chosen(Watches::Findings) });
        let other = made(store, ada, &chosen(Watches::FailedRuns));
        let sent = bundle(&[Estate::of(&[("logs", [Pass, Fail])])], day(1));
        store.take_in("nightly", day(1), &sent[..sent.len() / 2]).unwrap_err();
        assert_eq!(causes(store, first), []);
        store.take_in("nightly", day(1), sent.as_slice()).unwrap();
        let run = store.run_named("nightly").unwrap().unwrap().id;
        store.take_in("nightly", day(1), sent.as_slice()).unwrap();
        for alert in [first, second] {
            assert_eq!(causes(store, alert), [Cause::Done(run)]);
        }
        assert_eq!((causes(store, off), causes(store, other)), (vec![], vec![]));
        assert_eq!(store.due_messages(day(1), 10).unwrap().len(), 2);
    }
}

#[test]
fn what_a_run_opened_is_new_or_came_back_and_nothing_else() {
    for kept in stores() {
        let store = &kept.store;
        let high = |cell: &Cell| cell.standing == Standing::Failing && cell.severity == Severity::High;
        let failing = |cell: &Cell| cell.standing == Standing::Failing;
        let (first, _) = take(store, 0, &[Estate::of(&[("old", [Fail, Fail]), ("back", [Fail, Pass])])]);
        take(store, 1, &[Estate::of(&[("old", [Fail, Fail]), ("back", [Pass, Pass])])]);
        let estate = [("old", [Fail, Pass]), ("back", [Fail, Pass]), ("new", [Fail, Unknown])];
        let (third, _) = take(store, 2, &[Estate::of(&estate)]);
        let of_third = opened(store, third, failing, 10);
        let told: Vec<(&str, u64, bool)> = of_third
            .first
            .iter()
            .map(|row| (row.resource_name.as_str(), row.reopened, row.first_seen == row.since))
            .collect();
        assert_eq!(told, [("back", 1, false), ("new", 0, true)]);
        assert_eq!((of_third.total(), of_third.counts[&Severity::High]), (2, 2));
        // of the first run only what is still as it was then
        let of_first = opened(store, first, high, 10);
        assert_eq!(of_first.first.iter().map(|row| &row.resource_name).collect::<Vec<_>>(), ["old"]);
        let unknown = opened(store, third, |cell| cell.standing == Standing::Unknown, 10);
        assert_eq!(unknown.total(), 1);
        // all are counted, and as many are shown as were asked for
        let one = opened(store, third, failing, 1);
        assert_eq!((one.total(), one.first.len(), one.first[0].rule.as_str()), (2, 1, RULES[0]));
        assert_eq!(opened(store, third, failing, 0).first, []);
        let words = Constraints { text: Some("new".to_owned()), ..Constraints::default() };
        let census: &Census = &store.census().unwrap();
        let cells: Vec<&Cell> = census.cells.iter().collect();
        let by_words = store.opened_by(third, census, &cells, &words, 10).unwrap();
        assert!(by_words.total() == 2 && by_words.first.iter().all(|row| row.resource_name == "new"));
    }
}

#[test]
fn runs_that_fail_or_fall_silent_are_told_once() {
    for kept in stores() {
        let store = &kept.store;
        let ada = person(store, "ada", &Accounts::All);
        let alert = made(store, ada, &chosen(Watches::FailedRuns));
        let failed = store.begin_run("one", day(0)).unwrap();
        let silent = store.begin_run("two", day(0)).unwrap();
        let alive = store.begin_run("three", day(0) + TimeDelta::hours(1)).unwrap();
        store.fail_run(failed, "no credentials", day(0)).unwrap();
        store.fail_run(failed, "no credentials", day(0)).unwrap();
        let now = day(0) + TimeDelta::hours(1);
        assert_eq!(store.abandon_silent_runs(now, Duration::from_mins(5)).unwrap(), 1);
        assert_eq!(store.abandon_silent_runs(now, Duration::from_mins(5)).unwrap(), 0);
        assert_eq!(causes(store, alert), [Cause::Failed(failed), Cause::Failed(silent)]);
        assert_eq!(store.summary(alive).unwrap().state, stance_store::RunState::UnderWay);
        // one for each time that it was due
        let watch = made(store, ada, &chosen(Watches::Overdue));
        for due in [day(1), day(1), day(2)] {
            store.note_overdue(&[watch], "prod: nightly", due).unwrap();
        }
        assert_eq!(causes(store, watch).len(), 2);
    }
}

#[test]
fn one_sender_has_a_message_and_it_waits_until_it_is_due_again() {
    for kept in stores() {
        let store = &kept.store;
        let ada = person(store, "ada", &Accounts::All);
        let alert = made(store, ada, &chosen(Watches::Findings));
        take(store, 0, &[Estate::of(&[("logs", [Fail, Pass])])]);
        let now = day(1);
        let due = store.due_messages(now, 10).unwrap().remove(0);
        assert_eq!((due.alert.id, due.message.attempts, &due.body), (alert, 0, &None));
        let lease = now + TimeDelta::minutes(5);
        assert!(store.claim_message(&due.message, now, lease).unwrap());
        assert!(!store.claim_message(&due.message, now, lease).unwrap(), "somebody else has it");
        assert_eq!(store.due_messages(now, 10).unwrap(), []);
        let id = due.message.id;
        store.keep_body(id, b"what it says", Some(3)).unwrap();
        // its sender ended: it is there again, and says the same
        let again = store.due_messages(lease, 10).unwrap().remove(0);
        assert_eq!(again.body.as_deref(), Some(&b"what it says"[..]));
        assert_eq!((again.message.attempts, again.message.first_tried_at), (1, Some(now)));
        store.postpone_message(id, now + TimeDelta::hours(1), "it is away").unwrap();
        assert_eq!(store.due_messages(lease, 10).unwrap(), []);
        let told = store.alert_messages(alert, 10).unwrap().remove(0);
        assert_eq!((told.reason.as_deref(), told.findings), (Some("it is away"), Some(3)));
        store.settle_message(id, MessageState::Sent, None, lease).unwrap();
        let told = store.alert_messages(alert, 10).unwrap().remove(0);
        assert_eq!((told.state, told.reason, told.ended_at), (MessageState::Sent, None, Some(lease)));
        assert_eq!(store.due_messages(day(9), 10).unwrap(), []);
        assert_eq!(store.due_message(id).unwrap(), None);
    }
}

#[test]
fn an_alert_never_reaches_further_than_its_maker() {
    for kept in stores() {
        let store = &kept.store;
        let ada = person(store, "ada", &only(&[ACCOUNT]));
        let accounts = only(&[ACCOUNT]);
        let alert = store.make_alert(&chosen(Watches::Findings), ada, &accounts, &by(), day(0)).unwrap();
        let reach = || store.alert(alert).unwrap().reach;
        let now = |level, accounts: Accounts, disabled| {
            let change = PersonChange { level, accounts, disabled };
            store.change_person(ada, &change, &by(), day(1)).unwrap();
        };
        assert_eq!(reach(), Some(only(&[ACCOUNT])));
        now(Level::Write, Accounts::All, false);
        assert_eq!(reach(), Some(only(&[ACCOUNT])), "it tells of no more than when it was made");
        now(Level::Write, only(&[OTHER]), false);
        assert_eq!(reach(), Some(only(&[])));
        now(Level::Read, Accounts::All, false);
        assert_eq!(reach(), None);
        now(Level::Write, Accounts::All, true);
        assert_eq!(reach(), None);
    }
}

#[test]
fn what_is_done_to_alerts_is_logged_and_what_cannot_be_kept_is_refused() {
    for kept in stores() {
        let store = &kept.store;
        let ada = person(store, "ada", &Accounts::All);
        let alert = made(store, ada, &chosen(Watches::Findings));
        let off = AlertChange { active: false, ..chosen(Watches::Findings) };
        let renamed = AlertChange { name: " Night shift ".to_owned(), ..off.clone() };
        for change in [&off, &renamed, &chosen(Watches::Findings)] {
            store.change_alert(alert, change, &by(), day(0)).unwrap();
        }
        store.note_test(alert, &by(), day(0)).unwrap();
        let told = store.note_test(alert, &by(), day(0) + TimeDelta::seconds(9)).unwrap_err().to_string();
        assert!(told.contains("wait ten seconds"), "{told}");
        store.note_test(alert, &by(), day(0) + TimeDelta::seconds(10)).unwrap();
        for unfit in [
            AlertChange { name: " ".to_owned(), ..off.clone() },
            AlertChange { name: "a\nb".to_owned(), ..off.clone() },
            AlertChange { filter: "x".repeat(5_000), ..off.clone() },
            AlertChange { channel: Channel::Mail { recipients: Vec::new() }, ..off.clone() },
        ] {
            store.make_alert(&unfit, ada, &Accounts::All, &by(), day(0)).unwrap_err();
            store.change_alert(alert, &unfit, &by(), day(0)).unwrap_err();
        }
        store.end_alert(alert, &by(), day(0)).unwrap();
        assert_eq!(store.alerts().unwrap(), []);
        store.end_alert(alert, &by(), day(0)).unwrap_err();
        let log = store.audit(None, 100).unwrap();
        let told: Vec<String> =
            log.iter().rev().skip(1).map(|entry| format!("{} {}", entry.action, entry.subject)).collect();
        assert_eq!(
            told,
            [
                "made the alert Ops",
                "switched off the alert Ops",
                "changed the alert Night shift",
                "switched on the alert Ops",
                "tried the alert Ops",
                "tried the alert Ops",
                "ended the alert Ops",
            ]
        );
    }
}
