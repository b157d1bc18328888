//! `stance demo`: scan a recorded estate.

use crate::cli::{Demo, Output};
use crate::commands::scan::collect_with;
use crate::exit::Outcome;
use crate::output;
use stance_aws::{ClientOptions, StaticCredentials};
use stance_catalog::{Catalog, CatalogError, Part, Plan, Rule};
use stance_demo::{DemoServer, Recording};
use stance_report::Format;

/// Serves the recording, scans it as any estate, writes both reports.
pub fn run(demo: &Demo) -> anyhow::Result<Outcome> {
    let catalog = Catalog::built_in_with(&[Part::Benchmarks])?;
    let rules: Vec<&Rule> = catalog.rules().collect();
    let plan = Plan::of(&catalog, rules.iter().copied()).map_err(CatalogError::Problems)?;
    let recording = Recording::built_in()?;
    let as_of = Some(recording.recorded_at.parse()?);
    let regions = recording.regions.clone();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let snapshot = runtime.block_on(async {
        let server = DemoServer::start(recording).await?;
        let options = ClientOptions {
            region: regions.first().cloned(),
            endpoint_url: Some(server.url()),
            // the demo must neither need nor use anybody's real credentials
            credentials: Some(StaticCredentials::new("demo", "demo")),
            max_rate: 1000.0,
            ..ClientOptions::default()
        };
        collect_with(options, &regions, plan, &catalog, as_of).await
    })?;
    runtime.shutdown_background();
    let report = stance_evaluate::evaluate(&catalog, &rules, &snapshot, &stance_evaluate::Options::default())
        .map_err(CatalogError::Problems)?;
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
