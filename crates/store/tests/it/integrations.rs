//! What is scanned again and again, and by which server.

use crate::estate::{day, stores};
use chrono::{DateTime, TimeDelta, Utc};
use stance_store::{
    Actor, IntegrationId, IntegrationName, LEASE, NewIntegration, RunProgress, Schedule, Store,
};

fn root() -> Actor {
    Actor { name: "root".into(), address: "::1".into() }
}

fn wanted(name: &str) -> NewIntegration {
    NewIntegration {
        name: IntegrationName::of(name).unwrap(),
        namespace: IntegrationName::of("default").unwrap(),
        configuration: "aws: {}\n".into(),
        schedule: Schedule::default(),
        enabled: true,
    }
}

fn add(store: &Store, name: &str, now: DateTime<Utc>) -> IntegrationId {
    store.add_integration(&wanted(name), &root(), now).unwrap()
}

#[test]
fn what_is_new_is_due_at_once_and_then_a_day_later() {
    for kept in stores() {
        let store = &kept.store;
        assert_eq!(store.claim_due("one", day(0)).unwrap(), None);
        let id = add(store, "prod", day(0));
        let claim = store.claim_due("one", day(0)).unwrap().unwrap();
        assert_eq!(claim.integration.id, id);
        assert!(store.integration(id).unwrap().is_under_way(day(0)));
        store.end_claim(&claim, day(0) + TimeDelta::minutes(3)).unwrap();
        let ended = store.integration(id).unwrap();
        assert_eq!((ended.next_at, ended.claimed_until), (day(1), None));
        assert_eq!(store.claim_due("one", day(1) - TimeDelta::seconds(1)).unwrap(), None);
        assert!(store.claim_due("one", day(1)).unwrap().is_some());
    }
}

#[test]
fn an_integration_is_scanned_by_one_server_at_a_time_and_by_another_when_that_one_dies() {
    for kept in stores() {
        let store = &kept.store;
        add(store, "prod", day(0));
        let first = store.claim_due("one", day(0)).unwrap().unwrap();
        assert_eq!(store.claim_due("two", day(0)).unwrap(), None);
        let later = day(0) + LEASE - TimeDelta::seconds(1);
        assert!(store.renew_claim(&first, later).unwrap());
        assert_eq!(store.claim_due("two", later + LEASE - TimeDelta::seconds(1)).unwrap(), None);
        // it says nothing any more
        let second = store.claim_due("two", later + LEASE).unwrap().unwrap();
        assert!(!store.renew_claim(&first, later + LEASE).unwrap(), "the first took back what it had lost");
        store.end_claim(&first, later + LEASE).unwrap();
        assert!(store.renew_claim(&second, later + LEASE).unwrap());
        // a server that stops leaves it to the next one
        store.leave_claim(&second).unwrap();
        assert!(store.claim_due("three", later + LEASE).unwrap().is_some());
    }
}

#[test]
fn many_servers_claim_each_integration_once() {
    for kept in stores() {
        let store = &kept.store;
        for number in 0..20 {
            add(store, &format!("account {number}"), day(0));
        }
        let claimed = std::sync::Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for server in ["one", "two", "three", "four"] {
                let claimed = &claimed;
                scope.spawn(move || {
                    while let Some(claim) = store.claim_due(server, day(0)).unwrap() {
                        claimed.lock().unwrap().push(claim.integration.id);
                    }
                });
            }
        });
        let mut claimed = claimed.into_inner().unwrap();
        claimed.sort_unstable();
        let all: Vec<IntegrationId> = (1..=20).map(IntegrationId::from).collect();
        assert_eq!(claimed, all);
    }
}

#[test]
fn a_scan_is_asked_for_and_a_run_is_asked_to_stop() {
    for kept in stores() {
        let store = &kept.store;
        let id = add(store, "prod", day(0));
        let claim = store.claim_due("one", day(0)).unwrap().unwrap();
        let told = store.scan_now(id, &root(), day(0)).unwrap_err().to_string();
        assert!(told.contains("`prod` is being scanned already"), "{told}");
        let run = store.begin_run("first", day(0)).unwrap();
        store.note_integration(run, id).unwrap();
        assert_eq!(store.run(run).unwrap().0.integration, Some(id));
        assert!(store.ask_to_stop(run, &root(), day(0)).unwrap());
        assert!(!store.ask_to_stop(run, &root(), day(0)).unwrap(), "it was asked twice");
        assert!(store.heartbeat(run, &RunProgress::default(), day(0)).unwrap());
        assert_eq!(store.run(run).unwrap().0.stop_asked_by.as_deref(), Some("root"));
        store.end_claim(&claim, day(0)).unwrap();
        let noon = day(0) + TimeDelta::hours(12);
        assert_eq!(store.claim_due("one", noon).unwrap(), None);
        store.scan_now(id, &root(), noon).unwrap();
        let claim = store.claim_due("one", noon).unwrap().unwrap();
        store.end_claim(&claim, noon).unwrap();
        assert_eq!(store.integration(id).unwrap().next_at, noon + TimeDelta::days(1));
        let acts: Vec<String> =
            store.audit(None, 10).unwrap().into_iter().map(|entry| entry.action).collect();
        assert_eq!(acts, ["asked for a scan of", "asked to stop", "made the integration"]);
    }
}

#[test]
fn an_integration_is_changed_switched_off_and_removed() {
    for kept in stores() {
        let store = &kept.store;
        let id = add(store, "prod", day(0));
        let told = store.add_integration(&wanted("prod"), &root(), day(0)).unwrap_err().to_string();
        assert!(told.contains("there is an integration `prod` already"), "{told}");
        let at = chrono::NaiveTime::from_hms_opt(3, 30, 0);
        let schedule = Schedule::of(TimeDelta::days(1), at).unwrap();
        let change = NewIntegration { schedule, enabled: false, ..wanted("production") };
        store.change_integration(id, &change, &root(), day(0)).unwrap();
        let changed = store.integration(id).unwrap();
        assert_eq!((changed.name.as_str(), changed.schedule), ("production", schedule));
        assert_eq!(changed.next_at.time(), at.unwrap());
        assert_eq!(store.claim_due("one", day(9)).unwrap(), None, "it is switched off");
        assert!(store.scan_now(id, &root(), day(0)).is_err());
        store.remove_integration(id, &root(), day(0)).unwrap();
        assert!(store.integrations().unwrap().is_empty());
        assert!(store.integration(id).is_err());
    }
}

#[test]
fn names_are_plain() {
    for name in ["", "  ", "a/b", "<script>", "a\nb", &"x".repeat(65)] {
        assert!(IntegrationName::of(name).is_err(), "{name:?}");
    }
    assert_eq!(IntegrationName::of(" Größe 2.0_a-b ").unwrap().as_str(), "Größe 2.0_a-b");
}

#[test]
fn switching_an_integration_leaves_the_rest_as_it_was() {
    for kept in stores() {
        let store = &kept.store;
        let id = add(store, "prod", day(0));
        let made = store.integration(id).unwrap();
        store.switch_integration(id, false, &root(), day(1)).unwrap();
        assert_eq!(store.claim_due("one", day(1)).unwrap(), None);
        let off = store.integration(id).unwrap();
        assert_eq!((off.enabled, off.next_at, off.changed_at), (false, made.next_at, day(1)));
        let entries = store.audit(None, 10).unwrap().len();
        // nothing to do, nothing to tell
        store.switch_integration(id, false, &root(), day(2)).unwrap();
        assert_eq!(store.audit(None, 10).unwrap().len(), entries);
        store.switch_integration(id, true, &root(), day(2)).unwrap();
        assert!(store.claim_due("one", day(2)).unwrap().is_some());
        assert!(store.switch_integration(99.into(), true, &root(), day(2)).is_err());
    }
}
