//! The scan as a whole.

use crate::account::{AccountError, Context, Ended, assume_all, who_is_unknown};
use crate::keep::Store;
use crate::organization::find_accounts;
use crate::settings::{RegionSettings, Role};
use crate::target::Targets;
use crate::{KeepError, OrganizationError, ScanObserver, ScanSettings, Spool};
use chrono::{DateTime, Utc};
use futures_util::stream::{self, StreamExt};
use stance_aws::{ApiModels, CallError, Client, ConnectError, ModelError};
use stance_catalog::{Catalog, Plan};
use stance_evaluate::{Evaluator, Totals};
use stance_model::{
    Completion, Finding, Provider, Region, RegionChoice, Report, ResourceType, Run, Scan, Snapshot, Traffic,
    UnscannedReason, UnscannedScope,
};
use std::collections::HashSet;
use std::io;
use std::sync::Arc;
use thiserror::Error;
use tokio::sync::watch;

/// A scan cannot be made.
#[derive(Debug, Error)]
pub enum ScanError {
    /// The models of the provider's services cannot be used.
    #[error(transparent)]
    Models(#[from] ModelError),
    /// Nobody could be signed in.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Whoever signed in is not known.
    #[error("{}", who_is_unknown(.0))]
    Identity(#[from] CallError),
    /// The accounts of the organization cannot be found.
    #[error(transparent)]
    Organization(#[from] OrganizationError),
    /// What is read cannot be kept.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// Findings cannot be put aside.
    #[error("findings cannot be put aside: {0}")]
    Spool(io::Error),
    /// No account could be scanned.
    #[error("nothing could be scanned: {0}")]
    Nothing(String),
}

impl From<AccountError> for ScanError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Connect(error) => Self::Connect(error),
            AccountError::Identity(error) => Self::Identity(error),
            AccountError::Keep(error) => Self::Keep(error),
            AccountError::OtherAccount { .. } => Self::Nothing(error.to_string()),
        }
    }
}

/// Is shown each account as soon as it is judged: what was read, and what the rules say.
pub type Judged<'j> = dyn Fn(&Snapshot, &[Finding]) -> io::Result<()> + Sync + 'j;

/// Scans what the settings say and judges it. An account that fails is told in the report and costs only
/// itself; it is an error where it is the only one.
///
/// # Errors
/// If nobody can be signed in, the organization cannot be read, no account can be scanned at all, or what is
/// read cannot be kept.
pub async fn scan(
    catalog: &Catalog,
    plan: &Plan,
    evaluator: &Evaluator<'_>,
    settings: &ScanSettings,
    observer: Arc<dyn ScanObserver>,
    stop: watch::Receiver<bool>,
    judged: &Judged<'_>,
) -> Result<Report<Spool>, ScanError> {
    let started_at = Utc::now();
    let models = models(catalog)?;
    let (targets, organization) = targets(&models, settings).await?;
    let several = targets.scanned.len() + targets.left_out.len() > 1;
    let store = Store::open(&settings.keep, several)?;
    observer.accounts(targets.scanned.len());
    let context = Context { settings, catalog, plan, models, observer, stop: stop.clone() };

    let mut gathered = Gathered::new(evaluator, targets.left_out, judged);
    let mut scans = stream::iter(&targets.scanned)
        .map(|target| context.scan(target, &store))
        .buffer_unordered(settings.accounts_at_once.max(1));
    while let Some(ended) = scans.next().await {
        match ended {
            Ended::Scanned(snapshot) => gathered.judge(&snapshot).map_err(ScanError::Spool)?,
            Ended::NotScanned(scope) => gathered.unscanned.push(scope),
        }
    }
    drop(scans);
    if gathered.runs.is_empty() {
        return Err(ScanError::Nothing(reasons(&gathered.unscanned)));
    }
    let completion = if *stop.borrow() { Completion::Interrupted } else { Completion::Complete };
    // what was cut short or failed is what `--resume` is for
    if gathered.is_whole() && completion == Completion::Complete {
        store.done()?;
    }
    let traffic = settings.client.budget.traffic();
    let scan = Scan {
        provider: Provider::Aws,
        started_at,
        ended_at: Utc::now(),
        as_of: settings.as_of.unwrap_or(started_at),
        completion,
        organization,
        regions: region_choice(settings),
        traffic: Traffic {
            requests: traffic.requests,
            throttled: traffic.throttled,
            repeated: traffic.repeated,
            waited_milliseconds: u64::try_from(traffic.waited.as_millis()).unwrap_or(u64::MAX),
        },
        stance_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    Ok(gathered.report(scan))
}

fn region_choice(settings: &ScanSettings) -> RegionChoice {
    let all = |regions: &RegionSettings| regions.include.is_empty() && regions.exclude.is_empty();
    if all(&settings.regions) && settings.accounts.iter().all(|account| all(&account.regions)) {
        RegionChoice::All
    } else {
        RegionChoice::Some
    }
}

/// The models of the provider's services.
pub(crate) fn models(catalog: &Catalog) -> Result<Arc<ApiModels>, ScanError> {
    let models = catalog.models().clone();
    let endpoints =
        models.endpoints().map_err(|error| ModelError::Endpoints { message: error.to_string() })?;
    Ok(Arc::new(ApiModels::new(move |service| models.service(service), &endpoints)?))
}

/// Judges snapshots of accounts, each read when its turn comes, as one report.
///
/// # Errors
/// The first error that `snapshots` gives, or why findings cannot be put aside. Nothing where there is no
/// snapshot.
pub fn judge_snapshots<E: From<io::Error>>(
    evaluator: &Evaluator<'_>,
    snapshots: impl Iterator<Item = Result<Snapshot, E>>,
    as_of: Option<DateTime<Utc>>,
    judged: &Judged<'_>,
) -> Result<Option<Report<Spool>>, E> {
    let mut gathered = Gathered::new(evaluator, Vec::new(), judged);
    for snapshot in snapshots {
        let mut snapshot = snapshot?;
        snapshot.run.as_of = as_of.unwrap_or(snapshot.run.as_of);
        gathered.judge(&snapshot)?;
    }
    let Some(first) = gathered.runs.first() else { return Ok(None) };
    let runs = || gathered.runs.iter();
    let scan = Scan {
        provider: first.provider,
        started_at: runs().map(|run| run.started_at).min().unwrap_or(first.started_at),
        ended_at: runs().map(|run| run.ended_at).max().unwrap_or(first.ended_at),
        as_of: runs().map(|run| run.as_of).max().unwrap_or(first.as_of),
        completion: Completion::Complete,
        organization: None,
        regions: RegionChoice::Some,
        traffic: Traffic::default(),
        stance_version: first.stance_version.clone(),
    };
    Ok(Some(gathered.report(scan)))
}

/// The accounts to scan, and the organization that was asked for them.
pub(crate) async fn targets(
    models: &Arc<ApiModels>,
    settings: &ScanSettings,
) -> Result<(Targets, Option<String>), ScanError> {
    let mut targets = Targets::default();
    let is_needed = settings.organization.is_some()
        || settings.accounts.is_empty()
        || settings.accounts.iter().any(|account| account.sign_in.is_none());
    let first = if is_needed {
        Some(Client::connect(Arc::clone(models), settings.client.clone()).await?)
    } else {
        None
    };
    for account in &settings.accounts {
        targets.add_named(account, settings, first.as_ref());
    }
    let Some(first) = first else { return Ok((targets, None)) };
    let Some(chosen) = &settings.organization else {
        if settings.accounts.is_empty() {
            targets.add_own(assume_all(first, &settings.roles, None).await?, settings);
        }
        return Ok((targets, None));
    };
    let management = chosen.management_role.clone().map(Role::Named);
    let roles: Vec<Role> = settings.roles.iter().cloned().chain(management).collect();
    let asker = assume_all(first, &roles, None).await?;
    let identity = asker.identity().await?;
    let region = asker.global_region(&identity.partition).to_owned();
    let organization = find_accounts(&asker, &region, !chosen.filter.tags.is_empty()).await?;
    tracing::info!(organization = organization.id, accounts = organization.accounts.len(), "found");
    let own = identity.account.as_str().into();
    targets.add_organization(&organization, settings, &asker, &own, &identity.partition);
    Ok((targets, Some(organization.id)))
}

/// What a scan brings together while accounts come in.
struct Gathered<'e, 'c> {
    evaluator: &'e Evaluator<'c>,
    judged: &'e Judged<'e>,
    findings: Spool,
    totals: Totals,
    runs: Vec<Run>,
    names: Names,
    unscanned: Vec<UnscannedScope>,
}

/// Names of types and regions: each run lists the same ones, thousands of times.
#[derive(Default)]
struct Names {
    types: HashSet<ResourceType>,
    regions: HashSet<Region>,
}

impl Names {
    /// Has the run's listings share their names with those of other runs.
    fn share(&mut self, run: &mut Run) {
        for listing in &mut run.listings {
            match self.types.get(&listing.resource_type) {
                Some(known) => listing.resource_type = known.clone(),
                None => drop(self.types.insert(listing.resource_type.clone())),
            }
            match self.regions.get(&listing.region) {
                Some(known) => listing.region = known.clone(),
                None => drop(self.regions.insert(listing.region.clone())),
            }
        }
    }
}

impl<'e, 'c> Gathered<'e, 'c> {
    fn new(evaluator: &'e Evaluator<'c>, unscanned: Vec<UnscannedScope>, judged: &'e Judged<'e>) -> Self {
        let (findings, totals) = (Spool::default(), Totals::default());
        Self { evaluator, judged, findings, totals, runs: Vec::new(), names: Names::default(), unscanned }
    }

    fn judge(&mut self, snapshot: &Snapshot) -> io::Result<()> {
        let findings = self.evaluator.judge(snapshot);
        (self.judged)(snapshot, &findings)?;
        self.totals.add(&snapshot.run.scope, &findings);
        let mut run = snapshot.run.clone();
        self.names.share(&mut run);
        self.runs.push(run);
        self.findings.add(findings)
    }

    fn is_whole(&self) -> bool {
        self.runs.iter().all(|run| run.completion == Completion::Complete)
            && !self.unscanned.iter().any(UnscannedScope::is_failure)
    }

    fn report(mut self, scan: Scan) -> Report<Spool> {
        self.runs.sort_by(|left, right| left.scope.cmp(&right.scope));
        self.unscanned.sort_by(|left, right| left.scope.cmp(&right.scope));
        self.evaluator.report(scan, self.runs, self.unscanned, self.totals, self.findings)
    }
}

/// Why accounts were not scanned, the first few.
fn reasons(unscanned: &[UnscannedScope]) -> String {
    const TOLD: usize = 5;
    let mut told: Vec<String> = unscanned
        .iter()
        .take(TOLD)
        .map(|scope| match &scope.reason {
            UnscannedReason::Failed { message } if unscanned.len() == 1 => message.clone(),
            UnscannedReason::Failed { message } => format!("{}: {message}", scope.scope),
            UnscannedReason::LeftOut { setting } => format!("{}: left out by {setting}", scope.scope),
            UnscannedReason::NotReached => format!("{}: stopped before its turn", scope.scope),
        })
        .collect();
    if unscanned.len() > TOLD {
        told.push(format!("and {} more", unscanned.len() - TOLD));
    }
    if told.is_empty() { "there is no account".to_owned() } else { told.join("; ") }
}
