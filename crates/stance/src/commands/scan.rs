//! `stance scan`: read an estate and judge it.

use crate::cli::Scan;
use crate::configuration::Flags;
use crate::exit::Outcome;
use crate::keeping::Keeping;
use crate::progress::Progress;
use crate::{access, configuration, delivery, knowledge, output};
use stance_catalog::{Catalog, CatalogError, Part, Plan, Rule};
use stance_evaluate::{Evaluator, Options};
use stance_model::{Finding, Report, Snapshot};
use stance_scan::{Judged, Keep, ScanError, ScanObserver, ScanSettings, Spool};
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
    let keeping = scan.database.as_deref().map(|at| Keeping::begin(at, &rules)).transpose()?;
    let judged = |snapshot: &Snapshot, findings: &[Finding]| match &keeping {
        Some(keeping) => keeping.judged(snapshot, findings),
        None => Ok(()),
    };
    let scanned = scan_with(&catalog, &rules, &options, settings, &judged);
    let report = Keeping::end(keeping, scanned)?;
    output::put_all(&report, &scan.output, &loaded.config.outputs)?;
    let outcome = Outcome::of(&report, scan.output.fail_on)?;
    Ok(if delivery::deliver(&sinks, &report) { outcome } else { Outcome::Undelivered })
}

/// Scans by those rules as the settings say, until it is done or interrupted.
pub fn scan_with(
    catalog: &Catalog,
    rules: &[&Rule],
    options: &Options,
    mut settings: ScanSettings,
    judged: &Judged<'_>,
) -> anyhow::Result<Report<Spool>> {
    settings.client.conceal = stance_secrets::conceal_sensitive;
    let plan = Plan::of(catalog, rules.iter().copied()).map_err(CatalogError::Problems)?;
    let evaluator = Evaluator::new(catalog, rules, options).map_err(CatalogError::Problems)?;
    with_runtime(|observer, stopped| {
        let (plan, evaluator, settings) = (&plan, &evaluator, &settings);
        async move { stance_scan::scan(catalog, plan, evaluator, settings, observer, stopped, judged).await }
    })
}

/// Runs what asks a provider, with progress shown and interruption heard.
pub fn with_runtime<F: Future<Output = Result<T, ScanError>>, T>(
    work: impl FnOnce(Arc<dyn ScanObserver>, watch::Receiver<bool>) -> F,
) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let progress = Arc::new(Progress::new());
    let observer = Arc::clone(&progress) as Arc<dyn ScanObserver>;
    let outcome = runtime.block_on(async { work(observer, stop_on_interrupt()).await });
    progress.finish();
    // calls that hang must not keep an interrupted scan from telling what it has
    runtime.shutdown_background();
    Ok(outcome?)
}

fn stop_on_interrupt() -> watch::Receiver<bool> {
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            tracing::warn!("interrupted; telling what was read so far");
            // the receiver lives as long as the scan; after that there is nothing to stop
            let _ = stop.send(true);
        }
    });
    stopped
}
