//! What must not be possible: half runs, damaged files, stores of another version.

use crate::estate::{Estate, Fail, Pass, bundle, day, stores, take};
use stance_store::{Address, RunProgress, RunState, Store, StoreError};
use std::time::Duration;

#[test]
fn a_run_that_was_cut_short_or_says_something_twice_leaves_nothing() {
    for kept in stores() {
        let store = &kept.store;
        take(store, 0, &[Estate::of(&[("logs", [Fail, Pass])])]);
        let sent = bundle(&[Estate::of(&[("logs", [Pass, Pass]), ("site", [Fail, Fail])])], day(1));
        let run = store.begin_run("second", day(1)).unwrap();
        for length in (0..sent.len()).step_by(17) {
            store.import(run, &sent[..length]).unwrap_err();
        }
        let twice = [Estate::of(&[("a", [Fail, Pass])]), Estate::of(&[("b", [Fail, Pass])])];
        let told = store.import(run, bundle(&twice, day(1)).as_slice()).unwrap_err().to_string();
        assert!(told.contains("scope `111111111111` comes twice"), "{told}");
        let census = store.census().unwrap();
        assert_eq!(census.score(|_| true).verdicts.failed, 1);
        assert_eq!(store.runs(None, 10).unwrap()[0].state, RunState::UnderWay);
        // it is not lost for that
        store.import(run, sent.as_slice()).unwrap();
        assert_eq!(store.census().unwrap().score(|_| true).verdicts.failed, 2);
    }
}

#[test]
fn a_run_whose_process_ended_is_abandoned_and_one_that_speaks_is_not() {
    for kept in stores() {
        let store = &kept.store;
        let silent = store.begin_run("silent", day(0)).unwrap();
        let alive = store.begin_run("alive", day(0)).unwrap();
        let progress = RunProgress { accounts: 3, accounts_done: 1, ..RunProgress::default() };
        assert!(!store.heartbeat(alive, &progress, day(1)).unwrap());
        assert_eq!(store.run(alive).unwrap().0.progress, Some(progress));
        let count = store.abandon_silent_runs(day(1), Duration::from_mins(5)).unwrap();
        assert_eq!(count, 1);
        assert_eq!(store.run(silent).unwrap().0.state, RunState::Abandoned);
        assert_eq!(store.run(alive).unwrap().0.state, RunState::UnderWay);
        store.fail_run(alive, "no credentials", day(1)).unwrap();
        let (failed, report) = store.run(alive).unwrap();
        assert_eq!((failed.state, failed.error.as_deref()), (RunState::Failed, Some("no credentials")));
        assert!(report.is_none());
        store.begin_run("alive", day(2)).unwrap_err();
    }
}

#[test]
fn a_run_tells_what_was_read_and_what_it_changed() {
    for kept in stores() {
        let (run, _) = take(&kept.store, 0, &[Estate::of(&[("logs", [Fail, Pass])])]);
        let (summary, report) = kept.store.run(run).unwrap();
        assert_eq!((summary.scopes, summary.resources, summary.opened), (1, 1, 1));
        assert_eq!((summary.score.passed, summary.score.failed), (1, 1));
        let report = report.unwrap();
        assert_eq!(report.runs[0].listings.len(), 1);
        assert_eq!(report.rules.len(), 2);
        assert_eq!(kept.store.runs(None, 10).unwrap(), [summary]);
        assert_eq!(kept.store.runs(Some(run), 10).unwrap(), []);
    }
}

#[test]
fn a_store_is_found_again_with_all_that_was_acknowledged() {
    for kept in stores() {
        take(&kept.store, 0, &[Estate::of(&[("logs", [Fail, Pass])])]);
        let again = Store::open(&kept.address).unwrap();
        assert_eq!(again.census().unwrap().score(|_| true).verdicts.failed, 1);
        again.check().unwrap();
        // one process sees what another has changed
        take(&again, 1, &[Estate::of(&[("logs", [Pass, Pass])])]);
        assert_eq!(kept.store.census().unwrap().score(|_| true).verdicts.failed, 0);
    }
}

#[test]
fn a_backup_holds_all_and_never_replaces_a_file() {
    let kept = stores().remove(0);
    take(&kept.store, 0, &[Estate::of(&[("logs", [Fail, Pass])])]);
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("copy.db");
    kept.store.backup(&to).unwrap();
    take(&kept.store, 1, &[Estate::of(&[])]);
    let copy = Store::open(&Address::File(to.clone())).unwrap();
    assert_eq!(copy.census().unwrap().score(|_| true).verdicts.failed, 1);
    assert!(matches!(kept.store.backup(&to), Err(StoreError::File { .. })));
}

#[test]
fn a_newer_store_a_damaged_one_and_another_file_are_refused() {
    let kept = stores().remove(0);
    let Address::File(path) = &kept.address else { panic!("the first one is a file") };
    let sql = |path: &std::path::Path, sql: &str| {
        rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
    };
    sql(path, "INSERT INTO migration (form, made_at) VALUES (999, 0)");
    let told = Store::open(&kept.address).err().unwrap().to_string();
    assert!(told.contains("form `999`") && told.contains("newer"), "{told}");

    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(
        &text,
        "these are my notes, and they are longer than a header of a hundred bytes would be, \
        so that they are read as one",
    )
    .unwrap();
    assert!(matches!(Store::open(&Address::File(text.clone())), Err(StoreError::Foreign { .. })));
    assert!(std::fs::read_to_string(&text).unwrap().starts_with("these are my notes"));
    let other = folder.path().join("other.db");
    sql(&other, "CREATE TABLE mine (a)");
    assert!(matches!(Store::open(&Address::File(other)), Err(StoreError::Foreign { .. })));

    let damaged = stores().remove(0);
    let names: Vec<String> = (0..500).map(|number| format!("bucket-{number:04}")).collect();
    let buckets: Vec<_> = names.iter().map(|name| (name.as_str(), [Fail, Pass])).collect();
    take(&damaged.store, 0, &[Estate::of(&buckets)]);
    let Address::File(path) = damaged.address.clone() else { panic!("the first one is a file") };
    drop(damaged.store);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    let told = Store::open(&Address::File(path)).and_then(|store| store.check()).unwrap_err().to_string();
    assert!(told.contains("damaged") && told.contains("stance store backup"), "{told}");
}
