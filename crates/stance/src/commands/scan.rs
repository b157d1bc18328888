//! `stance scan`: read an estate and judge it.

use crate::cli::{Choice, Scan, ServerChoice};
use crate::configuration::Flags;
use crate::exit::Outcome;
use crate::judging::judging;
use crate::keeping::{Keeping, Kept};
use crate::progress::Progress;
use crate::server_link::ServerLink;
use crate::signals::{any_of, told_to_end, until};
use crate::watching::Both;
use crate::{access, configuration, delivery, keeping, knowledge, output};
use stance_catalog::{Catalog, CatalogError, Part, Plan, Rule};
use stance_config::Loaded;
use stance_evaluate::{Evaluator, Options};
use stance_model::{Finding, Report, Snapshot};
use stance_scan::{Judged, Keep, ScanObserver, ScanSettings, Spool};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;

/// Reads the estate, judges it, writes the report.
pub fn run(scan: &Scan, config: Option<&Path>) -> anyhow::Result<Outcome> {
    let mut flags = Flags::default();
    flags.add_choice(&scan.choice);
    flags.add_access(&scan.access)?;
    flags.add_exceptions(scan.exceptions.as_deref());
    let loaded = configuration::load(config, flags.into_values())?;
    output::check(&scan.output, &loaded.config.outputs)?;
    // what is wrong with a sink is told before a scan is spent on it
    let sinks = if scan.no_send { Vec::new() } else { delivery::open(&loaded.config, scan.dry_run)? };
    let round = Round {
        loaded: &loaded,
        choice: &scan.choice,
        keep: scan.snapshot.clone().map_or(Keep::Nowhere, |path| Keep::At { path, resume: scan.resume }),
        mfa_code: scan.access.mfa_code.as_deref(),
        database: scan.database.as_deref(),
        server: &scan.server,
        asked: None,
    };
    let (report, kept) = round.carry_out()?;
    output::put_all(&report, &scan.output, &loaded.config.outputs)?;
    let outcome = Outcome::of(&report, scan.output.fail_on)?;
    let is_delivered = delivery::deliver(&sinks, &report) && kept == Kept::Well;
    Ok(if is_delivered { outcome } else { Outcome::Undelivered })
}

/// One scan as a configuration says.
pub struct Round<'r> {
    /// The configuration, with all that the command line says over it.
    pub loaded: &'r Loaded,
    /// Rules as the command line chooses them.
    pub choice: &'r Choice,
    /// Where what was read is kept.
    pub keep: Keep,
    /// What the user's device shows.
    pub mfa_code: Option<&'r str>,
    /// The store that gets the run.
    pub database: Option<&'r str>,
    /// The server that gets the run.
    pub server: &'r ServerChoice,
    /// True once it is to end before its time, for whatever reason but an interruption.
    pub asked: Option<watch::Receiver<bool>>,
}

impl Round<'_> {
    /// Scans, and hands the run over to whoever keeps it.
    pub fn carry_out(self) -> anyhow::Result<(Report<Spool>, Kept)> {
        let (catalog, choice) =
            knowledge::chosen(&configuration::choice(self.loaded, self.choice), &[Part::Benchmarks])?;
        let store = keeping::open(self.database, &catalog)?;
        let (rules, options) = judging(&catalog, &choice, self.loaded, store.as_deref())?;
        let settings = ScanSettings {
            keep: self.keep,
            as_of: options.as_of,
            ..access::settings(&self.loaded.config.aws, self.mfa_code)?
        };
        let keeping = match (ServerLink::of(self.server)?, store) {
            (Some(link), _) => Some(Keeping::for_server(link, &rules)?),
            (None, Some(store)) => Some(Keeping::begin(store, &rules, None)?),
            (None, None) => None,
        };
        let judged = |snapshot: &Snapshot, findings: &[Finding]| match &keeping {
            Some(keeping) => keeping.judged(snapshot, findings),
            None => Ok(()),
        };
        let asked = self.asked.into_iter().chain(keeping.as_ref().map(Keeping::asked_to_stop)).collect();
        let scanned = scan_with(&catalog, &rules, &options, settings, &judged, keeping.as_ref(), asked);
        Keeping::end(keeping, scanned)
    }
}

/// Scans by those rules as the settings say, until it is done, interrupted, or any of `asked` turns true.
pub fn scan_with(
    catalog: &Catalog,
    rules: &[&Rule],
    options: &Options,
    settings: ScanSettings,
    judged: &Judged<'_>,
    keeping: Option<&Keeping>,
    asked: Vec<watch::Receiver<bool>>,
) -> anyhow::Result<Report<Spool>> {
    with_runtime(asked, |progress, stopped| {
        let observer = match keeping {
            Some(keeping) => Arc::new(Both(progress, keeping.observer())),
            None => progress,
        };
        scan_watched(catalog, rules, options, settings, judged, observer, stopped)
    })
}

/// Scans by those rules as the settings say, until it is done or stopped.
pub async fn scan_watched(
    catalog: &Catalog,
    rules: &[&Rule],
    options: &Options,
    mut settings: ScanSettings,
    judged: &Judged<'_>,
    observer: Arc<dyn ScanObserver>,
    stopped: watch::Receiver<bool>,
) -> anyhow::Result<Report<Spool>> {
    settings.client.conceal = stance_secrets::conceal_sensitive;
    let plan = Plan::of(catalog, rules.iter().copied()).map_err(CatalogError::Problems)?;
    let evaluator = Evaluator::new(catalog, rules, options).map_err(CatalogError::Problems)?;
    Ok(stance_scan::scan(catalog, &plan, &evaluator, &settings, observer, stopped, judged).await?)
}

/// Runs what asks a provider, with progress shown, and interruption and any other wish to stop heard.
pub fn with_runtime<F: Future<Output = anyhow::Result<T>>, T>(
    asked: Vec<watch::Receiver<bool>>,
    work: impl FnOnce(Arc<dyn ScanObserver>, watch::Receiver<bool>) -> F,
) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let progress = Arc::new(Progress::new());
    let observer = Arc::clone(&progress) as Arc<dyn ScanObserver>;
    let outcome = runtime.block_on(async { work(observer, stop_on_interrupt(asked)).await });
    progress.finish();
    // calls that hang must not keep an interrupted scan from telling what it has
    runtime.shutdown_background();
    outcome
}

fn stop_on_interrupt(asked: Vec<watch::Receiver<bool>>) -> watch::Receiver<bool> {
    let (stop, stopped) = watch::channel(false);
    let mut asked = any_of(asked);
    tokio::spawn(async move {
        let why = tokio::select! {
            () = told_to_end() => "interrupted",
            () = until(&mut asked) => "asked to stop",
        };
        tracing::warn!("{why}; telling what was read so far");
        // the receiver lives as long as the scan; after that there is nothing to stop
        let _ = stop.send(true);
    });
    stopped
}
