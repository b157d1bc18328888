//! What a scan that was cut short has left, and what of it the next one takes.

use super::*;
use chrono::{DateTime, TimeDelta, Utc};
use stance_model::{Provider, Run};
use std::collections::BTreeMap;

const ACCOUNT: &str = "111111111111";

fn snapshot(started_at: DateTime<Utc>, completion: Completion) -> Snapshot {
    Snapshot {
        run: Run {
            started_at,
            ended_at: started_at,
            resumed_at: None,
            as_of: started_at,
            provider: Provider::Aws,
            scope: ACCOUNT.into(),
            scope_details: Arc::default(),
            partition: "aws".into(),
            identity: "test".into(),
            regions: Vec::new(),
            skipped_regions: Vec::new(),
            completion,
            listings: Vec::new(),
            calls: BTreeMap::new(),
            stance_version: "test".into(),
        },
        resources: Vec::new(),
    }
}

fn at(path: &Path, resume: bool) -> Keep {
    Keep::At { path: path.to_owned(), resume }
}

fn started(store: &Store) -> DateTime<Utc> {
    let Store::Folder { started_at, .. } = store else { panic!("{store:?} is no folder") };
    *started_at
}

#[test]
fn a_finished_account_is_taken_by_the_scan_that_goes_on_and_by_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let first = Store::open(&at(folder.path(), false), true).unwrap();
    let kept = snapshot(started(&first), Completion::Complete);
    first.keep(&kept, None).unwrap();
    assert_eq!(first.finished(&ACCOUNT.into()), None);
    let resumed = Store::open(&at(folder.path(), true), true).unwrap();
    assert_eq!(resumed.finished(&ACCOUNT.into()), Some(kept));
    assert_eq!(resumed.finished(&"222222222222".into()), None);
}

#[test]
fn what_an_earlier_scan_left_or_was_not_read_in_full_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&at(folder.path(), false), true).unwrap();
    let now = started(&store);
    for (began, completion) in [
        (now - TimeDelta::seconds(1), Completion::Complete),
        (now, Completion::Interrupted),
        (now, Completion::CredentialsExpired),
    ] {
        store.keep(&snapshot(began, completion), None).unwrap();
        let resumed = Store::open(&at(folder.path(), true), true).unwrap();
        assert_eq!(resumed.finished(&ACCOUNT.into()), None, "{began} {completion:?}");
    }
    // a file that was damaged is no reason to fail
    std::fs::write(folder.path().join(format!("{ACCOUNT}.jsonl.gz")), "damaged").unwrap();
    let resumed = Store::open(&at(folder.path(), true), true).unwrap();
    assert_eq!(resumed.finished(&ACCOUNT.into()), None);
}

#[test]
fn the_journal_goes_with_a_complete_snapshot_and_stays_beside_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&at(folder.path(), false), true).unwrap();
    let journal = store.journal(&ACCOUNT.into()).unwrap().unwrap();
    let path = folder.path().join(format!("{ACCOUNT}.jsonl.gz.partial"));
    store.keep(&snapshot(started(&store), Completion::CredentialsExpired), Some(&journal)).unwrap();
    assert!(path.exists());
    let resumed = Store::open(&at(folder.path(), true), true).unwrap();
    let journal = resumed.journal(&ACCOUNT.into()).unwrap().unwrap();
    assert!(journal.is_resumed());
    resumed.keep(&snapshot(started(&store), Completion::Complete), Some(&journal)).unwrap();
    assert!(!path.exists());
    resumed.done().unwrap();
    assert!(matches!(Store::open(&at(folder.path(), true), true), Err(KeepError::NothingToResume { .. })));
}

#[test]
fn there_must_be_something_to_resume() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("estate.jsonl.gz");
    let told = Store::open(&at(&file, true), false).unwrap_err().to_string();
    assert!(told.starts_with("no scan that was cut short has left anything at `"), "{told}");
    assert!(told.ends_with("leave out `--resume` to scan anew"), "{told}");
    // a complete snapshot is not what a scan that was cut short leaves
    std::fs::write(&file, "a snapshot").unwrap();
    assert!(matches!(Store::open(&at(&file, true), false), Err(KeepError::NothingToResume { .. })));
    Journal::begin(&partial(&file), ACCOUNT).unwrap();
    assert!(Store::open(&at(&file, true), false).is_ok());
    assert!(matches!(Store::open(&at(folder.path(), true), true), Err(KeepError::NothingToResume { .. })));
}

#[test]
fn several_accounts_need_a_folder() {
    let file = tempfile::NamedTempFile::new().unwrap();
    assert!(matches!(Store::open(&at(file.path(), false), true), Err(KeepError::NotAFolder { .. })));
}
