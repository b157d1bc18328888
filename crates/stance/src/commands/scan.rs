//! `stance scan`: read an estate and judge it.

use crate::cli::Scan;
use crate::exit::Outcome;
use crate::progress::Progress;
use crate::{knowledge, output};
use anyhow::Context;
use chrono::{DateTime, Utc};
use stance_aws::{ApiModels, Client, ClientOptions};
use stance_catalog::{Catalog, Part, Plan};
use stance_collect::{Collector, Scope, find_regions, write_snapshot};
use stance_model::Snapshot;
use std::sync::Arc;
use tokio::sync::watch;

/// Reads the estate, judges it, writes the report.
pub fn run(scan: &Scan) -> anyhow::Result<Outcome> {
    output::check(&scan.output)?;
    let (catalog, choice) = knowledge::chosen(&scan.choice, &[Part::Benchmarks])?;
    let rules = knowledge::rules(&catalog, &choice)?;
    let options = knowledge::options(&rules, &choice)?;
    let plan = Plan::of(&catalog, rules.iter().copied()).map_err(stance_catalog::CatalogError::Problems)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let snapshot = runtime.block_on(collect(scan, plan, &catalog, options.as_of))?;
    // calls that hang must not keep an interrupted scan from telling what it has
    runtime.shutdown_background();
    if let Some(path) = &scan.snapshot {
        write_snapshot(&snapshot, path)?;
    }
    let report = stance_evaluate::evaluate(&catalog, &rules, &snapshot, &options)
        .map_err(stance_catalog::CatalogError::Problems)?;
    output::put(&report, &scan.output)?;
    Ok(Outcome::of(&report, scan.output.fail_on))
}

async fn collect(
    scan: &Scan,
    plan: Plan,
    catalog: &Catalog,
    as_of: Option<DateTime<Utc>>,
) -> anyhow::Result<Snapshot> {
    let options = ClientOptions {
        region: scan.region.first().cloned(),
        endpoint_url: scan.endpoint_url.clone(),
        profile: scan.profile.clone(),
        max_rate: scan.max_rate,
        conceal: stance_secrets::conceal_sensitive,
        ..ClientOptions::default()
    };
    collect_with(options, &scan.region, plan, catalog, as_of).await
}

/// Reads what is planned, as the client's options say, in those regions or all that are enabled.
pub async fn collect_with(
    options: ClientOptions,
    regions: &[String],
    plan: Plan,
    catalog: &Catalog,
    as_of: Option<DateTime<Utc>>,
) -> anyhow::Result<Snapshot> {
    let models = catalog.models().clone();
    let endpoints = models.endpoints().context("the table of endpoints is not well-formed")?;
    let models = ApiModels::new(move |service| models.service(service), &endpoints)?;
    let options = ClientOptions { conceal: stance_secrets::conceal_sensitive, ..options };
    let client = Client::connect(models, options).await?;
    let identity = client.identity().await.context("cannot find out who is signed in")?;
    let home = client.global_region(&identity.partition).to_owned();
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            tracing::warn!("interrupted; telling what was read so far");
            // the receiver lives as long as the scan; after that there is nothing to stop
            let _ = stop.send(true);
        }
    });
    let regions = find_regions(&client, &home, regions).await;
    let progress = Arc::new(Progress::new());
    let scope = Scope {
        account: identity.account,
        partition: identity.partition,
        identity: identity.arn,
        global_region: home,
    };
    let collector = Collector::new(
        Arc::new(client),
        scope,
        regions,
        plan,
        catalog.permissions().clone(),
        Arc::clone(&progress) as Arc<dyn stance_collect::Observer>,
        stopped,
    );
    let snapshot = collector.collect(as_of).await;
    progress.finish();
    Ok(snapshot)
}
