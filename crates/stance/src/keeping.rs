//! A run on its way into a store.

use crate::server_link::ServerLink;
use crate::watching::Watching;
use anyhow::Context;
use chrono::Utc;
use stance_catalog::{Catalog, Rule};
use stance_model::{Finding, Report, Snapshot};
use stance_scan::{ScanObserver, Spool};
use stance_store::{Address, BundleWriter, IntegrationId, RunId, Store};
use std::fs::File;
use std::io::{self, BufReader, Seek};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::watch;

/// How often a run says that it is still going on, and how far it is.
const BEAT: Duration = Duration::from_secs(3);
/// A run that has said nothing for so long has ended with its process.
const SILENCE: Duration = Duration::from_mins(5);

/// A run on its way into a store, here or at a server: put aside while it goes on, handed over as a whole when it is
/// done.
pub struct Keeping {
    destination: Destination,
    aside: Aside,
    watching: Arc<Watching>,
    asked_to_stop: watch::Receiver<bool>,
}

enum Destination {
    /// A store that hears how the run goes.
    Store { store: Arc<Store>, run: RunId, stop: Sender<()>, heart: JoinHandle<()> },
    /// A server that gets the run when it is done.
    Server(ServerLink),
}

/// Whether a run that is done has come where it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It has, or was not to be kept.
    Well,
    /// It lies in a file, to be sent later.
    Aside,
}

impl Keeping {
    /// Begins a run, of an integration if it is one's, that is judged by those rules.
    pub fn begin(
        store: Arc<Store>,
        rules: &[&Rule],
        integration: Option<IntegrationId>,
    ) -> anyhow::Result<Self> {
        let now = Utc::now();
        store.abandon_silent_runs(now, SILENCE)?;
        let run = store.begin_run(&run_name()?, now)?;
        if let Some(integration) = integration {
            store.note_integration(run, integration)?;
        }
        let watching = Arc::new(Watching::default());
        let (ask, asked_to_stop) = watch::channel(false);
        let (stop, stopped) = channel();
        let (beating, watched) = (Arc::clone(&store), Arc::clone(&watching));
        let heart = std::thread::spawn(move || {
            while stopped.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
                match beating.heartbeat(run, &watched.progress(), Utc::now()) {
                    Ok(is_asked) => {
                        ask.send_if_modified(|asked| is_asked && !std::mem::replace(asked, true));
                    }
                    Err(error) => tracing::warn!(%error, "the store does not hear that the run goes on"),
                }
            }
        });
        let destination = Destination::Store { store, run, stop, heart };
        Ok(Self { destination, aside: Aside::begin(rules)?, watching, asked_to_stop })
    }

    /// Begins a run that a server gets.
    pub fn for_server(link: ServerLink, rules: &[&Rule]) -> anyhow::Result<Self> {
        // nobody can ask it to stop before it is there
        let (_, asked_to_stop) = watch::channel(false);
        Ok(Self {
            destination: Destination::Server(link),
            aside: Aside::begin(rules)?,
            watching: Arc::new(Watching::default()),
            asked_to_stop,
        })
    }

    /// Who counts how far the run is.
    pub fn observer(&self) -> Arc<dyn ScanObserver> {
        Arc::clone(&self.watching) as Arc<dyn ScanObserver>
    }

    /// True once somebody asks the run, by the store, to end before its time.
    pub fn asked_to_stop(&self) -> watch::Receiver<bool> {
        self.asked_to_stop.clone()
    }

    /// Puts aside what was read of an account and what the rules say of it.
    pub fn judged(&self, snapshot: &Snapshot, findings: &[Finding]) -> io::Result<()> {
        self.aside.judged(snapshot, findings)
    }

    /// Hands the run over if it came to a report, and says in the store that it failed otherwise.
    pub fn end(
        keeping: Option<Self>,
        scanned: anyhow::Result<Report<Spool>>,
    ) -> anyhow::Result<(Report<Spool>, Kept)> {
        let Some(Self { destination, aside, .. }) = keeping else {
            return Ok((scanned?, Kept::Well));
        };
        let bundle = scanned.and_then(|report| {
            let aside = aside.end(&report)?;
            Ok((report, aside))
        });
        match destination {
            Destination::Store { store, run, stop, heart } => {
                // the heart may have stopped by itself
                let _ = stop.send(());
                let _ = heart.join();
                let kept = bundle.and_then(|(report, aside)| {
                    let imported = store.import(run, BufReader::new(aside))?;
                    store.apply_exceptions(Utc::now())?;
                    tracing::info!(
                        opened = imported.opened,
                        resolved = imported.resolved,
                        "kept in the store"
                    );
                    Ok((report, Kept::Well))
                });
                if let Err(error) = &kept {
                    store.fail_run(run, &format!("{error:#}"), Utc::now())?;
                }
                kept
            }
            Destination::Server(link) => {
                let (report, aside) = bundle?;
                Ok((report, link.hand_over(aside)?))
            }
        }
    }
}

/// A run in a file that is gone when it is closed, as it is sent or taken into a store.
pub struct Aside(Mutex<BundleWriter<File>>);

impl Aside {
    /// Begins a run that is judged by those rules.
    pub fn begin(rules: &[&Rule]) -> anyhow::Result<Self> {
        let file = tempfile::tempfile().context("cannot make a temporary file")?;
        let writer = BundleWriter::begin(file, rules.iter().map(|rule| rule.id.clone()))?;
        Ok(Self(Mutex::new(writer)))
    }

    /// Puts aside what was read of an account and what the rules say of it.
    pub fn judged(&self, snapshot: &Snapshot, findings: &[Finding]) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).scope(snapshot, findings)
    }

    /// The whole run, to be read from its beginning.
    pub fn end(self, report: &Report<Spool>) -> anyhow::Result<File> {
        let writer = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut file = writer.end(report.scan.clone(), report.unscanned.clone())?;
        file.rewind()?;
        Ok(file)
    }
}

/// Opens the store that is named, and tells it what the catalog calls its rules.
pub fn open(database: Option<&str>, catalog: &Catalog) -> anyhow::Result<Option<Arc<Store>>> {
    let Some(database) = database else { return Ok(None) };
    let store = Store::open(&Address::of(database))?;
    store.learn_rules(stance_server::named_rules(catalog))?;
    Ok(Some(Arc::new(store)))
}

/// A name that no other run has.
pub fn run_name() -> anyhow::Result<String> {
    let random = getrandom::u64().context("the operating system gives no random number")?;
    Ok(format!("{}-{random:016x}", Utc::now().format("%Y%m%dT%H%M%SZ")))
}
