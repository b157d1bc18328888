//! Scans on a schedule, by somebody who only pretends to scan.

// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::Console;
use chrono::{DateTime, TimeDelta, Utc};
use stance_catalog::Catalog;
use stance_store::{Actor, Address, IntegrationId, IntegrationName, NewIntegration, Schedule, Store};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The day of the tests.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

/// Pretends to scan: says that it began, and ends when it is let go or asked to.
struct Pretender {
    began: Sender<String>,
    go_on: Mutex<Receiver<Result<(), String>>>,
    stopped: AtomicUsize,
}

impl Scanner for Pretender {
    fn check(&self, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn try_access(&self, _: &str, _: &Stopping) -> Result<AccessReport, String> {
        Ok(AccessReport::default())
    }

    fn scan(&self, integration: &Integration, stopping: &Stopping) -> Result<(), String> {
        self.began.send(integration.name.clone()).unwrap();
        loop {
            if let Ok(outcome) = self.go_on.lock().unwrap().recv_timeout(Duration::from_millis(5)) {
                return outcome;
            }
            if *stopping.borrow() {
                self.stopped.fetch_add(1, Ordering::SeqCst);
                return Ok(());
            }
        }
    }
}

struct Stage {
    console: Console,
    store: Store,
    pretender: Arc<Pretender>,
    began: Receiver<String>,
    go_on: Sender<Result<(), String>>,
    _folder: tempfile::TempDir,
}

fn stage(names: &[&str]) -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let address = Address::File(folder.path().join("stance.db"));
    let store = Store::open(&address).unwrap();
    for name in names {
        let new = NewIntegration {
            name: IntegrationName::of(name).unwrap(),
            namespace: IntegrationName::of("default").unwrap(),
            configuration: "aws: {}\n".into(),
            schedule: Schedule::default(),
            enabled: true,
        };
        store.add_integration(&new, &Actor { name: "root".into(), address: "::1".into() }, now()).unwrap();
    }
    let (began_sender, began) = channel();
    let (go_on, going) = channel();
    let pretender =
        Arc::new(Pretender { began: began_sender, go_on: Mutex::new(going), stopped: AtomicUsize::new(0) });
    let scanner = Arc::clone(&pretender) as Arc<dyn Scanner>;
    let console =
        Console::scanning(Store::open(&address).unwrap(), Catalog::built_in().unwrap(), now, scanner);
    Stage { console, store, pretender, began, go_on, _folder: folder }
}

impl Stage {
    fn serve(&self) -> tokio::task::JoinHandle<()> {
        let scanner = Arc::clone(&self.pretender) as Arc<dyn Scanner>;
        tokio::spawn(run(self.console.clone(), scanner, self.console.stopping()))
    }

    /// Waits until something is so.
    async fn until(&self, is_so: impl Fn(&Store) -> bool) {
        for _ in 0..2000 {
            if is_so(&self.store) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("it did not come about");
    }

    fn integration(&self, number: i64) -> Integration {
        self.store.integration(IntegrationId::from(number)).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_is_scanned_once_and_then_due_a_day_later_however_it_ended() {
    let stage = stage(&["one", "two"]);
    let server = stage.serve();
    stage.until(|store| store.integrations().unwrap().iter().all(|it| it.is_under_way(now()))).await;
    stage.go_on.send(Ok(())).unwrap();
    stage.go_on.send(Err("no credentials".into())).unwrap();
    let next = now() + TimeDelta::days(1);
    stage.until(|store| store.integrations().unwrap().iter().all(|it| it.next_at == next)).await;
    stage.console.stop();
    server.await.unwrap();
    let mut began: Vec<String> = stage.began.try_iter().collect();
    began.sort_unstable();
    assert_eq!(began, ["one", "two"]);
    assert!(!stage.integration(1).is_under_way(now()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_ends_its_scans_and_leaves_them_due() {
    let stage = stage(&["one"]);
    let server = stage.serve();
    stage.until(|store| store.integrations().unwrap()[0].is_under_way(now())).await;
    stage.console.stop();
    server.await.unwrap();
    assert_eq!(stage.pretender.stopped.load(Ordering::SeqCst), 1);
    let left = stage.integration(1);
    assert_eq!((left.next_at, left.claimed_until), (now(), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_is_scanned_at_once_than_there_is_room_for() {
    let stage = stage(&["a", "b", "c", "d", "e"]);
    let server = stage.serve();
    for _ in 0..5 {
        stage.began.recv_timeout(Duration::from_secs(30)).unwrap();
        let at_once = stage.store.integrations().unwrap().iter().filter(|it| it.is_under_way(now())).count();
        assert!(at_once <= 2, "{at_once} at once");
        stage.go_on.send(Ok(())).unwrap();
    }
    stage.console.stop();
    server.await.unwrap();
}
