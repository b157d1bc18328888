//! `stance demo`: scan a recorded estate, tell its story, show it in the console.

use crate::cli::{Demo, Output};
use crate::commands::scan::scan_with;
use crate::exit::Outcome;
use crate::output;
use anyhow::Context;
use chrono::Utc;
use stance_aws::{AccessKeys, ClientOptions, SignIn};
use stance_catalog::{Catalog, CatalogError, Rule};
use stance_demo::{DemoServer, Recording, days_before};
use stance_evaluate::{Evaluator, Options};
use stance_model::{Finding, Report, Snapshot};
use stance_report::Format;
use stance_scan::{RegionSettings, ScanSettings, Spool};
use stance_server::{Access, Console, ListenOptions, ServeOptions, Server};
use stance_store::{Address, BundleWriter, Store};
use std::io::Seek;
use std::sync::{Mutex, PoisonError};

/// Days that the story is long.
const DAYS: u8 = 14;

/// Serves the recording, scans it as any estate, writes both reports, serves the console.
pub fn run(demo: &Demo) -> anyhow::Result<Outcome> {
    let catalog = Catalog::built_in()?;
    let (report, snapshot) = scan(&catalog)?;
    let to_terminal = Output { format: vec![Format::Terminal], path: None, fail_on: None };
    output::put(&report, &to_terminal)?;
    let format = Format::of_file(&demo.output).unwrap_or(Format::Html);
    let to_file = Output { format: vec![format], path: Some(demo.output.clone()), fail_on: None };
    output::put(&report, &to_file)?;
    println!(
        "\nThe estate was recorded from a mock AWS that lacks some services and calls; what could not be read there is unknown, as it would be in an account that denies it."
    );
    println!("The whole report, {}: {}", opened_in(format), demo.output.display());
    if !demo.no_console {
        show(demo, catalog, &snapshot, &report)?;
    }
    // the demo's estate is meant to fail; the demo itself went well
    Ok(Outcome::Clean)
}

fn scan(catalog: &Catalog) -> anyhow::Result<(Report<Spool>, Snapshot)> {
    let rules: Vec<&Rule> = catalog.rules().collect();
    let recording = Recording::built_in()?;
    let as_of = Some(recording.recorded_at.parse()?);
    let regions = recording.regions.clone();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let server = runtime.block_on(DemoServer::start(recording))?;
    // the demo must neither need nor use anybody's real credentials
    let keys = AccessKeys::new("demo", "demo");
    let settings = ScanSettings {
        client: ClientOptions {
            region: regions.first().cloned(),
            endpoint_url: Some(server.url()),
            sign_in: SignIn { keys: Some(keys), ..SignIn::default() },
            max_rate: 1000.0,
            ..ClientOptions::default()
        },
        regions: RegionSettings { include: regions, exclude: Vec::new() },
        as_of,
        ..ScanSettings::default()
    };
    let read = Mutex::new(None);
    let options = Options { as_of, ..Options::default() };
    let judged = |snapshot: &Snapshot, _: &[Finding]| {
        *read.lock().unwrap_or_else(PoisonError::into_inner) = Some(snapshot.clone());
        Ok(())
    };
    let report = scan_with(catalog, &rules, &options, settings, &judged, None, Vec::new())?;
    runtime.shutdown_background();
    let snapshot = read.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok((report, snapshot.context("nothing was read")?))
}

/// Keeps the estate and its past in a store that is gone afterwards, and serves the console over it.
fn show(demo: &Demo, catalog: Catalog, snapshot: &Snapshot, report: &Report<Spool>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let store = Store::open(&Address::File(folder.path().join("demo.db")))?;
    tell_story(&store, &catalog, snapshot, report)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listen =
            ListenOptions { address: demo.listen, tls: None, allow_plain: false, public_names: Vec::new() };
        let options = ServeOptions { listen, access: Access::Open };
        let server = Server::bind(Console::new(store, catalog, Utc::now), &options)
            .await
            .context("cannot serve the console; name another address with `--listen`")?;
        println!("\nThe console: {}  (Ctrl-C ends it)", server.url());
        let stop = async {
            // without a signal to wait for, the demo goes on until it is killed
            let _ = tokio::signal::ctrl_c().await;
        };
        server.run(stop).await?;
        Ok(())
    })
}

/// Takes in a run for each day of the story; the last one is what was read, as of today.
fn tell_story(
    store: &Store,
    catalog: &Catalog,
    snapshot: &Snapshot,
    report: &Report<Spool>,
) -> anyhow::Result<()> {
    let rules: Vec<&Rule> = catalog.rules().collect();
    // the story ends now, whenever the estate was recorded; rules judge it by the day of its recording
    let to_now = Utc::now() - snapshot.run.ended_at;
    for days in (0..DAYS).rev() {
        let mut day = days_before(snapshot, days, DAYS);
        let options = Options { as_of: Some(day.run.as_of), ..Options::default() };
        let evaluator = Evaluator::new(catalog, &rules, &options).map_err(CatalogError::Problems)?;
        let findings = evaluator.judge(&day);
        for moment in [&mut day.run.started_at, &mut day.run.ended_at, &mut day.run.as_of] {
            *moment += to_now;
        }
        let mut scan = report.scan.clone();
        (scan.started_at, scan.ended_at, scan.as_of) =
            (day.run.started_at, day.run.ended_at, day.run.ended_at);
        let run = store.begin_run(&format!("day-{days}"), scan.started_at)?;
        let mut writer =
            BundleWriter::begin(tempfile::tempfile()?, rules.iter().map(|rule| rule.id.clone()))?;
        writer.scope(&day, &findings)?;
        let mut aside = writer.end(scan, Vec::new())?;
        aside.rewind()?;
        store.import(run, std::io::BufReader::new(aside))?;
    }
    Ok(())
}

/// With what people open a format.
fn opened_in(format: Format) -> &'static str {
    match format {
        Format::Html => "to open in a browser",
        Format::Pdf => "to read or to print",
        Format::Xlsx | Format::Csv => "to open in a spreadsheet",
        _ => "for programs",
    }
}
