//! Scans for the server, by the very parts that `stance scan` is made of.

use crate::commands::scan::scan_watched;
use crate::delivery;
use crate::integration::Work;
use crate::keeping::Keeping;
use crate::signals::any_of;
use anyhow::Context;
use stance_catalog::{CatalogError, Plan};
use stance_config::Loaded;
use stance_model::{Finding, ScopeId, Snapshot, UnscannedReason};
use stance_scan::{AccountCheck, ScanObserver};
use stance_server::{AccessReport, AccountAccess, Scanner, Stopping};
use stance_store::{Integration, Store};
use std::sync::{Arc, Mutex, PoisonError};

/// Scans what integrations say, and delivers the results as the server's own configuration says.
pub struct Scans {
    store: Arc<Store>,
    server: Loaded,
    /// One delivery at a time: they share spools.
    delivering: Mutex<()>,
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
        Work::of(configuration, &self.server)
    }
}

impl Scanner for Scans {
    fn check(&self, configuration: &str) -> Result<(), String> {
        let checked = || -> anyhow::Result<()> {
            let work = self.work(configuration)?;
            work.rules(&self.server, Some(&self.store), &self.store.rule_settings()?)?;
            Ok(())
        };
        checked().map_err(|error| told(&error))
    }

    fn try_access(&self, configuration: &str, stopping: &Stopping) -> Result<AccessReport, String> {
        let tried = || -> anyhow::Result<AccessReport> {
            let mut work = self.work(configuration)?;
            work.settings.client.conceal = stance_secrets::conceal_sensitive;
            let (rules, _) = work.rules(&self.server, Some(&self.store), &self.store.rule_settings()?)?;
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
        let (rules, options) = work.rules(&self.server, Some(&self.store), &self.store.rule_settings()?)?;
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
