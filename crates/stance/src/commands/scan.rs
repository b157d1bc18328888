//! `stance scan`: read an estate and judge it.

use crate::cli::Scan;
use crate::configuration::Flags;
use crate::exit::Outcome;
use crate::keeping::{Keeping, Kept};
use crate::progress::Progress;
use crate::server_link::ServerLink;
use crate::watching::Both;
use crate::{access, configuration, delivery, knowledge, output};
use stance_catalog::{Catalog, CatalogError, Part, Plan, Rule};
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
    let (catalog, choice) =
        knowledge::chosen(&configuration::choice(&loaded, &scan.choice), &[Part::Benchmarks])?;
    let rules = knowledge::rules(&catalog, &choice)?;
    let options = Options {
        exceptions: configuration::exceptions(&loaded, &catalog)?,
        ..knowledge::options(&rules, &choice)?
    };
    let keep = scan.snapshot.clone().map_or(Keep::Nowhere, |path| Keep::At { path, resume: scan.resume });
    let settings = ScanSettings {
        keep,
        as_of: options.as_of,
        ..access::settings(&loaded.config.aws, scan.access.mfa_code.as_deref())?
    };
    // what is wrong with a sink is told before a scan is spent on it
    let sinks = if scan.no_send { Vec::new() } else { delivery::open(&loaded.config, scan.dry_run)? };
    let keeping = match (ServerLink::of(&scan.server)?, scan.database.as_deref()) {
        (Some(link), _) => Some(Keeping::for_server(link, &rules)?),
        (None, Some(at)) => Some(Keeping::begin_at(at, &rules)?),
        (None, None) => None,
    };
    let judged = |snapshot: &Snapshot, findings: &[Finding]| match &keeping {
        Some(keeping) => keeping.judged(snapshot, findings),
        None => Ok(()),
    };
    let scanned = scan_with(&catalog, &rules, &options, settings, &judged, keeping.as_ref());
    let (report, kept) = Keeping::end(keeping, scanned)?;
    output::put_all(&report, &scan.output, &loaded.config.outputs)?;
    let outcome = Outcome::of(&report, scan.output.fail_on)?;
    let is_delivered = delivery::deliver(&sinks, &report) && kept == Kept::Well;
    Ok(if is_delivered { outcome } else { Outcome::Undelivered })
}

/// Scans by those rules as the settings say, until it is done, interrupted, or asked to stop where it is kept.
pub fn scan_with(
    catalog: &Catalog,
    rules: &[&Rule],
    options: &Options,
    settings: ScanSettings,
    judged: &Judged<'_>,
    keeping: Option<&Keeping>,
) -> anyhow::Result<Report<Spool>> {
    let asked = keeping.map(Keeping::asked_to_stop);
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
    asked: Option<watch::Receiver<bool>>,
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

fn stop_on_interrupt(asked: Option<watch::Receiver<bool>>) -> watch::Receiver<bool> {
    let (stop, stopped) = watch::channel(false);
    let is_asked = async move {
        if let Some(mut asked) = asked
            && asked.wait_for(|asked| *asked).await.is_ok()
        {
            return;
        }
        // the sender ends with the run, and then nobody can ask any more
        std::future::pending().await
    };
    tokio::spawn(async move {
        tokio::select! {
            Ok(()) = tokio::signal::ctrl_c() => tracing::warn!("interrupted; telling what was read so far"),
            () = is_asked => tracing::warn!("asked to stop in the console; telling what was read so far"),
        }
        // the receiver lives as long as the scan; after that there is nothing to stop
        let _ = stop.send(true);
    });
    stopped
}
