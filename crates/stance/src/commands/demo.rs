//! `stance demo`: scan a recorded estate.

use crate::cli::{Demo, Output};
use crate::commands::scan::scan_with;
use crate::exit::Outcome;
use crate::output;
use stance_aws::{AccessKeys, ClientOptions, SignIn};
use stance_catalog::{Catalog, Part, Rule};
use stance_demo::{DemoServer, Recording};
use stance_evaluate::Options;
use stance_report::Format;
use stance_scan::{RegionSettings, ScanSettings};

/// Serves the recording, scans it as any estate, writes both reports.
pub fn run(demo: &Demo) -> anyhow::Result<Outcome> {
    let catalog = Catalog::built_in_with(&[Part::Benchmarks])?;
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
    let report = scan_with(&catalog, &rules, &Options { as_of, ..Options::default() }, settings)?;
    runtime.shutdown_background();
    let to_terminal = Output { format: vec![Format::Terminal], path: None, fail_on: None };
    output::put(&report, &to_terminal)?;
    let to_file = Output { format: vec![Format::Html], path: Some(demo.output.clone()), fail_on: None };
    output::put(&report, &to_file)?;
    println!(
        "\nThe estate was recorded from a mock AWS that lacks some services and calls; what could not be read there is unknown, as it would be in an account that denies it."
    );
    println!("The whole report, to open in a browser: {}", demo.output.display());
    // the demo's estate is meant to fail; the demo itself went well
    Ok(Outcome::Clean)
}
