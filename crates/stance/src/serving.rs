//! Scans for the server, by the very parts that `stance scan` is made of.

use crate::cli::Choice;
use crate::commands::scan::scan_watched;
use crate::judging::judging;
use crate::keeping::Keeping;
use crate::signals::any_of;
use crate::{access, configuration, delivery, knowledge};
use anyhow::{Context, bail};
use stance_catalog::{Catalog, CatalogError, Part, Plan, Rule};
use stance_config::{AwsAccount, FileLayer, Layers, Loaded, Secret, SecretSource};
use stance_evaluate::Options;
use stance_model::{Finding, ScopeId, Snapshot, UnscannedReason};
use stance_scan::{AccountCheck, ScanObserver, ScanSettings};
use stance_server::{AccessReport, AccountAccess, Scanner, Stopping};
use stance_store::{Integration, Store};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// What messages call the configuration of an integration.
const NAME: &str = "configuration";

/// Scans what integrations say, and delivers the results as the server's own configuration says.
pub struct Scans {
    store: Arc<Store>,
    server: Loaded,
    /// One delivery at a time: they share spools.
    delivering: Mutex<()>,
}

/// What is scanned by which rules.
struct Work {
    catalog: Catalog,
    settings: ScanSettings,
    loaded: Loaded,
}

impl Scans {
    /// Scans into that store, with the sinks, exceptions and catalog of the server's configuration.
    ///
    /// # Errors
    /// What is wrong with a sink: better told now than when something was scanned for it.
    pub fn new(store: Store, server: Loaded) -> anyhow::Result<Self> {
        delivery::open(&server.config, false)?;
        Ok(Self { store: Arc::new(store), server, delivering: Mutex::new(()) })
    }

    fn work(&self, configuration: &str) -> anyhow::Result<Work> {
        let loaded = read(configuration)?;
        let folder = self.server.config.scan.catalog.as_ref().map(stance_config::InputPath::as_path);
        let catalog = knowledge::catalog(folder, &[Part::Benchmarks])?;
        let settings = access::settings(&loaded.config.aws, None)?;
        Ok(Work { catalog, settings, loaded })
    }
}

impl Work {
    /// The rules that judge, and how.
    fn rules(&self, server: &Loaded, store: &Store) -> anyhow::Result<(Vec<&Rule>, Options)> {
        let choice = configuration::choice(&self.loaded, &Choice::default());
        judging(&self.catalog, &choice, server, Some(store))
    }
}

/// Reads the configuration of an integration, and refuses what only the operator of the server may say.
fn read(configuration: &str) -> anyhow::Result<Loaded> {
    let layers = Layers {
        file: Some(FileLayer { path: PathBuf::from(NAME), text: configuration.to_owned() }),
        // references to secrets lead there; keys of the server's own configuration do not count here
        environment: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| !name.starts_with("STANCE_"))
            .collect(),
        ..Layers::default()
    };
    let loaded = stance_config::load(&layers)?;
    let config = &loaded.config;
    let refused = [
        // credentials would go there
        ("aws.endpoint_url", config.aws.endpoint_url.is_some()),
        // what stands in it would be told in messages
        ("aws.accounts_file", config.aws.accounts_file.is_some()),
        ("aws.mfa_serial", config.aws.mfa_serial.is_some()),
        ("scan.catalog", config.scan.catalog.is_some()),
        ("exceptions", !config.exceptions.0.is_empty()),
        ("exceptions_file", config.exceptions_file.is_some()),
        ("outputs", !config.outputs.is_empty()),
        ("sinks", !config.sinks.is_empty()),
        ("coralogix", config.coralogix.is_some()),
        ("schedule", config.schedule.is_some()),
    ];
    if let Some((key, _)) = refused.iter().find(|(_, is_there)| *is_there) {
        bail!(
            "`{key}` has no place in an integration; leave it out, or say it in the server's own configuration"
        );
    }
    let aws = &config.aws;
    let secrets = [&aws.access_key_id, &aws.secret_access_key, &aws.session_token].into_iter();
    let of_accounts = aws.accounts.iter().flat_map(account_secrets);
    if secrets.chain(of_accounts).flatten().any(|secret| *secret.source() == SecretSource::Plain) {
        bail!(
            "a secret would be kept in the store; write `{{ env: VARIABLE }}` or `{{ file: PATH }}` in its place"
        );
    }
    Ok(loaded)
}

fn account_secrets(account: &AwsAccount) -> [&Option<Secret>; 3] {
    [&account.access_key_id, &account.secret_access_key, &account.session_token]
}

impl Scanner for Scans {
    fn check(&self, configuration: &str) -> Result<(), String> {
        let checked = || -> anyhow::Result<()> {
            let work = self.work(configuration)?;
            work.rules(&self.server, &self.store)?;
            Ok(())
        };
        checked().map_err(|error| told(&error))
    }

    fn try_access(&self, configuration: &str, stopping: &Stopping) -> Result<AccessReport, String> {
        let tried = || -> anyhow::Result<AccessReport> {
            let mut work = self.work(configuration)?;
            work.settings.client.conceal = stance_secrets::conceal_sensitive;
            let (rules, _) = work.rules(&self.server, &self.store)?;
            let plan = Plan::of(&work.catalog, rules.iter().copied()).map_err(CatalogError::Problems)?;
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            let found = runtime.block_on(stance_scan::check_access(
                &work.catalog,
                &rules,
                &plan,
                &work.settings,
                Arc::new(Nobody),
                stopping.clone(),
            ));
            runtime.shutdown_background();
            let found = found?;
            let unscanned = found.unscanned.into_iter().map(|scope| {
                let reason = match scope.reason {
                    UnscannedReason::LeftOut { setting } => format!("left out by {setting}"),
                    UnscannedReason::Failed { message } => message,
                    UnscannedReason::NotReached => "not reached".to_owned(),
                };
                (scope.scope.to_string(), reason)
            });
            Ok(AccessReport {
                organization: found.organization,
                accounts: found.accounts.iter().map(account_access).collect(),
                unscanned: unscanned.collect(),
            })
        };
        tried().map_err(|error| told(&error))
    }

    fn scan(&self, integration: &Integration, stopping: &Stopping) -> Result<(), String> {
        self.carry_out(integration, stopping).map_err(|error| told(&error))
    }
}

impl Scans {
    fn carry_out(&self, integration: &Integration, stopping: &Stopping) -> anyhow::Result<()> {
        let work = self.work(&integration.configuration).context("the integration's configuration")?;
        let (rules, options) = work.rules(&self.server, &self.store)?;
        let keeping = Keeping::begin(Arc::clone(&self.store), &rules, Some(integration.id))?;
        let (observer, asked) = (keeping.observer(), keeping.asked_to_stop());
        let judged = |snapshot: &Snapshot, findings: &[Finding]| keeping.judged(snapshot, findings);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let scanned = runtime.block_on(async {
            let stop = any_of(vec![stopping.clone(), asked]);
            let settings = work.settings.clone();
            Box::pin(scan_watched(&work.catalog, &rules, &options, settings, &judged, observer, stop)).await
        });
        // calls that hang must not keep a scan that was stopped from telling what it has
        runtime.shutdown_background();
        let (report, _) = Keeping::end(Some(keeping), scanned)?;
        let _alone = self.delivering.lock().unwrap_or_else(PoisonError::into_inner);
        let sinks = delivery::open(&self.server.config, false)?;
        delivery::deliver_each(&sinks, &report, |line| tracing::info!("{line}"));
        Ok(())
    }
}

fn account_access(account: &AccountCheck) -> AccountAccess {
    AccountAccess {
        account: account.account.to_string(),
        name: account.details.name.clone(),
        identity: account.identity.clone(),
        regions: account.regions.scanned.len(),
        answered: account.allowed.len(),
        missing: account.missing.iter().map(|(name, rules)| (name.clone(), rules.len())).collect(),
        failures: account
            .failures
            .iter()
            .map(|failure| (failure.operation.to_string(), failure.code.clone()))
            .collect(),
        untried: account.untried.len(),
        calls: (account.estimate.fewest_calls, account.estimate.most_calls),
        minutes: (account.estimate.longest.num_seconds() + 59) / 60,
    }
}

/// What is shown of an error: every cause, in one text.
fn told(error: &anyhow::Error) -> String {
    stance_model::printable(&format!("{error:#}")).replace("\\u{a}", "\n")
}

/// Nobody watches a trial.
struct Nobody;

impl ScanObserver for Nobody {
    fn accounts(&self, _count: usize) {}

    fn begins(&self, _account: &ScopeId) -> Arc<dyn stance_collect::Observer> {
        Arc::new(stance_collect::NoObserver)
    }

    fn ended(&self, _account: &str, _failure: Option<&str>) {}
}
