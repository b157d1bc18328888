//! One account: signing in, finding its regions, collecting.

use crate::keep::{KeepError, Store};
use crate::settings::Role;
use crate::target::{Access, SignedIn, Target, left_out_by_setting};
use crate::{ScanObserver, ScanSettings};
use stance_aws::{ApiModels, CallError, Client, ClientOptions, ConnectError, SignedInUntil};
use stance_catalog::{Catalog, Plan};
use stance_collect::{Collector, ScanRegions, Scope, find_regions};
use stance_model::{ScopeId, Snapshot, UnscannedReason, UnscannedScope};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use thiserror::Error;
use tokio::sync::watch;

/// Credentials that last so long are told of, not warned of: most accounts are scanned by then.
const LONG_ENOUGH: Duration = Duration::from_hours(2);

/// What every account of a scan is scanned with.
pub(crate) struct Context<'s> {
    pub settings: &'s ScanSettings,
    pub catalog: &'s Catalog,
    pub plan: &'s Plan,
    pub models: Arc<ApiModels>,
    pub observer: Arc<dyn ScanObserver>,
    pub stop: watch::Receiver<bool>,
}

/// An account that was signed in to.
pub(crate) struct Entered {
    pub client: Client,
    pub scope: Scope,
    pub regions: ScanRegions,
}

/// How an account came out.
pub(crate) enum Ended {
    Scanned(Box<Snapshot>),
    NotScanned(UnscannedScope),
}

/// An account cannot be scanned.
#[derive(Debug, Error)]
pub(crate) enum AccountError {
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("{}", who_is_unknown(.0))]
    Identity(#[from] CallError),
    #[error(transparent)]
    Keep(#[from] KeepError),
    #[error("the credentials are of account `{found}`, not of `{wanted}`")]
    OtherAccount { found: String, wanted: ScopeId },
}

/// Why nobody knows who is signed in; a failed sign-in says all itself.
pub(crate) fn who_is_unknown(error: &CallError) -> String {
    match error {
        CallError::SignIn { .. } => error.to_string(),
        _ => format!("cannot find out who is signed in: {error}"),
    }
}

impl Context<'_> {
    /// Scans an account; whatever goes wrong is told of it alone.
    pub async fn scan(&self, target: &Target, store: &Store) -> Ended {
        let label = target.label();
        if *self.stop.borrow() {
            return not_scanned(target, UnscannedReason::NotReached);
        }
        if let Some(mut snapshot) = target.id.as_ref().and_then(|id| store.finished(id)) {
            tracing::info!(account = label, "already read by the scan that is taken up again");
            snapshot.run.scope_details = Arc::new(target.details.clone());
            self.observer.ended(&label, None);
            return Ended::Scanned(Box::new(snapshot));
        }
        match self.try_to_scan(target, store).await {
            Ok(ended) => {
                self.observer.ended(&label, None);
                ended
            }
            Err(error) => {
                let message = error.to_string();
                self.observer.ended(&label, Some(&message));
                not_scanned(target, UnscannedReason::Failed { message })
            }
        }
    }

    async fn try_to_scan(&self, target: &Target, store: &Store) -> Result<Ended, AccountError> {
        let Entered { client, scope, regions } = self.enter(target).await?;
        let account = ScopeId::from(scope.account.as_str());
        if self.settings.left_out_account.as_ref() == Some(&account) {
            return Ok(not_scanned(&Target { id: Some(account), ..target.clone() }, left_out_by_setting()));
        }
        warn_of_end(&client, account.as_str());
        let journal = store.journal(&account)?;
        let mut collector = Collector::new(
            Arc::new(client),
            scope,
            regions,
            self.plan.clone(),
            self.catalog.permissions().clone(),
            self.observer.begins(&account),
            self.stop.clone(),
        );
        if let Some(journal) = &journal {
            collector = collector.with_journal(Arc::clone(journal));
        }
        let snapshot = collector.collect(self.settings.as_of).await;
        store.keep(&snapshot, journal.as_deref())?;
        Ok(Ended::Scanned(Box::new(snapshot)))
    }

    /// Signs in to an account and finds its regions.
    pub async fn enter(&self, target: &Target) -> Result<Entered, AccountError> {
        let client = self.client(target).await?;
        let identity = client.identity().await?;
        if let Some(wanted) = target.id.as_ref().filter(|wanted| wanted.as_str() != identity.account) {
            return Err(AccountError::OtherAccount { found: identity.account, wanted: wanted.clone() });
        }
        let home = client.global_region(&identity.partition).to_owned();
        let regions = &target.regions;
        let regions = find_regions(&client, &home, &regions.include, &regions.exclude).await;
        let scope = Scope {
            account: identity.account,
            details: Arc::new(target.details.clone()),
            partition: identity.partition,
            identity: identity.arn,
            global_region: home,
        };
        Ok(Entered { client, scope, regions })
    }

    async fn client(&self, target: &Target) -> Result<Client, AccountError> {
        match &target.access {
            Access::Client(client) => Ok(client.clone()),
            Access::Role(client, role) => Ok(client.assume(role).await?),
            Access::RoleOrClient(client, role) => match client.assume(role).await {
                Ok(client) => Ok(client),
                Err(error) => {
                    tracing::info!(%error, "scanning this account as whoever asked the organization");
                    Ok(client.clone())
                }
            },
            Access::Roles(signed_in, roles) => {
                let client = match signed_in {
                    SignedIn::First(client) => client.clone(),
                    SignedIn::Own(sign_in) => {
                        let sign_in = (**sign_in).clone();
                        let options = ClientOptions { sign_in, ..self.settings.client.clone() };
                        Client::connect(Arc::clone(&self.models), options).await?
                    }
                };
                match (assume_all(client.clone(), roles, target.id.as_ref()).await, roles.as_slice()) {
                    // an account that is named by its number may be the one that signs in
                    (Err(error), [Role::Named(_)]) if is_own(&client, target.id.as_ref()).await => {
                        tracing::info!(%error, "scanning this account as whoever signed in");
                        Ok(client)
                    }
                    (outcome, _) => outcome,
                }
            }
        }
    }
}

/// Whether a client is of that account already.
async fn is_own(client: &Client, account: Option<&ScopeId>) -> bool {
    match (client.identity().await, account) {
        (Ok(identity), Some(account)) => identity.account == account.as_str(),
        _ => false,
    }
}

/// Assumes roles one after the other; those that are known by name, in that account or in the client's own.
pub(crate) async fn assume_all(
    mut client: Client,
    roles: &[Role],
    account: Option<&ScopeId>,
) -> Result<Client, AccountError> {
    for role in roles {
        let role = match role {
            Role::Arn(role) => role.clone(),
            Role::Named(_) => {
                let identity = client.identity().await?;
                let account = account.map_or(identity.account.as_str(), ScopeId::as_str);
                role.in_account(&identity.partition, account)
            }
        };
        client = client.assume(&role).await?;
    }
    Ok(client)
}

fn not_scanned(target: &Target, reason: UnscannedReason) -> Ended {
    Ended::NotScanned(unscanned(target, reason))
}

/// An account that was not scanned, as it is told.
pub(crate) fn unscanned(target: &Target, reason: UnscannedReason) -> UnscannedScope {
    let scope = target.id.clone().unwrap_or_else(|| target.label().into());
    UnscannedScope { scope, scope_details: target.details.clone(), reason }
}

/// Warns of credentials that may end before the scan does.
fn warn_of_end(client: &Client, account: &str) {
    match client.signed_in_until() {
        SignedInUntil::Always => {}
        SignedInUntil::Time(end) => {
            let left = end.duration_since(SystemTime::now()).unwrap_or_default();
            let minutes = left.as_secs() / 60;
            let told = "and cannot be renewed; what is not read by then will be unknown";
            if left < LONG_ENOUGH {
                tracing::warn!(account, "the credentials end in {minutes} minutes {told}");
            } else {
                tracing::info!(account, "the credentials end in {} hours {told}", minutes / 60);
            }
        }
        SignedInUntil::NotKnown => tracing::info!(
            account,
            "the credentials are temporary and cannot be renewed; what is not read when they end will be unknown"
        ),
    }
}
