//! Tries whether an account can be scanned, at a fraction of a scan's cost: every listing of the plan in one
//! region, and of each the attributes of one resource.

use crate::account::{AccountError, Context, unscanned};
use crate::{ScanError, ScanObserver, ScanSettings, target::Target};
use chrono::TimeDelta;
use serde_json::{Value, json};
use stance_aws::Client;
use stance_catalog::{Catalog, ListKind, Plan, ReadScope, Rule};
use stance_collect::{Collector, ScanRegions};
use stance_model::{
    AttributeState, ListingState, ReadFailure, RuleId, ScopeDetails, ScopeId, Snapshot, UnscannedReason,
    UnscannedScope,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::watch;

/// What was found out about an account.
#[derive(Clone, Debug)]
pub struct AccountCheck {
    /// Its number.
    pub account: ScopeId,
    /// What is known of it beside.
    pub details: ScopeDetails,
    /// Its partition.
    pub partition: String,
    /// Who is signed in.
    pub identity: String,
    /// Regions that would be scanned, and those that would not.
    pub regions: ScanRegions,
    /// Operations that were answered.
    pub allowed: BTreeSet<String>,
    /// Permissions that are missing, with the rules that would say unknown without them.
    pub missing: BTreeMap<String, BTreeSet<RuleId>>,
    /// Operations that failed otherwise, once for each code.
    pub failures: Vec<ReadFailure>,
    /// Operations that nothing was there to try on, and that a simulation did not speak of either.
    pub untried: BTreeSet<String>,
    /// What a scan would cost.
    pub estimate: Estimate,
}

/// What a scan would cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Calls, if the other regions hold nothing.
    pub fewest_calls: u64,
    /// Calls, if each region holds as much as the one that was tried.
    pub most_calls: u64,
    /// How long the most calls would take, at the pace of the trial and within the limit of requests.
    pub longest: TimeDelta,
}

/// What was found out.
#[derive(Debug, Default)]
pub struct AccessCheck {
    /// The organization, where it was asked.
    pub organization: Option<String>,
    /// Accounts that can be signed in to.
    pub accounts: Vec<AccountCheck>,
    /// Accounts that are left out, or cannot be signed in to.
    pub unscanned: Vec<UnscannedScope>,
}

/// Tries whether what the settings say can be scanned by the rules.
///
/// # Errors
/// If nobody can be signed in first, or the organization cannot be read.
pub async fn check_access(
    catalog: &Catalog,
    rules: &[&Rule],
    plan: &Plan,
    settings: &ScanSettings,
    observer: Arc<dyn ScanObserver>,
    stop: watch::Receiver<bool>,
) -> Result<AccessCheck, ScanError> {
    let models = crate::scan::models(catalog)?;
    let (targets, organization) = crate::scan::targets(&models, settings).await?;
    observer.accounts(targets.scanned.len());
    let needs = rules_by_operation(catalog, rules);
    let context = Context { settings, catalog, plan, models, observer, stop };
    let mut check = AccessCheck { organization, unscanned: targets.left_out, ..AccessCheck::default() };
    // one after the other: each tries a few hundred operations at once already
    for target in &targets.scanned {
        match context.check(target, &needs).await {
            Ok(found) => {
                context.observer.ended(&target.label(), None);
                check.accounts.push(found);
            }
            Err(error) => {
                let message = error.to_string();
                context.observer.ended(&target.label(), Some(&message));
                check.unscanned.push(unscanned(target, UnscannedReason::Failed { message }));
            }
        }
    }
    Ok(check)
}

/// The rules that need an operation.
fn rules_by_operation(catalog: &Catalog, rules: &[&Rule]) -> BTreeMap<String, BTreeSet<RuleId>> {
    let mut needs: BTreeMap<String, BTreeSet<RuleId>> = BTreeMap::new();
    for rule in rules {
        // rules that cannot be planned have been told before
        for operation in Plan::of(catalog, [*rule]).unwrap_or_default().operations() {
            needs.entry(operation).or_default().insert(rule.id.clone());
        }
    }
    needs
}

impl Context<'_> {
    async fn check(
        &self,
        target: &Target,
        needs: &BTreeMap<String, BTreeSet<RuleId>>,
    ) -> Result<AccountCheck, AccountError> {
        let entered = self.enter(target).await?;
        let (client, scope, regions) = (entered.client, entered.scope, entered.regions);
        let tried_in = regions
            .scanned
            .iter()
            .find(|region| region.as_str() == scope.global_region)
            .or_else(|| regions.scanned.first())
            .cloned();
        let one = ScanRegions { scanned: tried_in.into_iter().collect(), skipped: Vec::new() };
        let observer = self.observer.begins(&ScopeId::from(scope.account.as_str()));
        let collector = Collector::new(
            Arc::new(client.clone()),
            scope.clone(),
            one,
            self.plan.clone(),
            self.catalog.permissions().clone(),
            observer,
            self.stop.clone(),
        );
        let snapshot = collector.sampling(1).collect(self.settings.as_of).await;
        let mut failures: BTreeMap<(String, String), ReadFailure> = BTreeMap::new();
        let mut missing: BTreeMap<String, BTreeSet<RuleId>> = BTreeMap::new();
        for failure in failures_of(&snapshot) {
            for permission in &failure.permissions {
                let rules = needs.get(&*failure.operation).cloned().unwrap_or_default();
                missing.entry(permission.clone()).or_default().extend(rules);
            }
            if failure.permissions.is_empty() {
                let key = (failure.operation.to_string(), failure.code.clone());
                failures.entry(key).or_insert_with(|| failure.clone());
            }
        }
        let called = |operation: &&String| snapshot.run.calls.contains_key(operation.as_str());
        let planned = self.plan.operations();
        let allowed: BTreeSet<String> = planned
            .iter()
            .filter(|operation| {
                snapshot.run.calls.get(operation.as_str()).is_some_and(|count| count.succeeded > 0)
            })
            .cloned()
            .collect();
        let mut untried: BTreeSet<String> =
            planned.iter().filter(|operation| !called(operation)).cloned().collect();
        self.simulate(&client, &scope.identity, &mut untried, &mut missing, needs).await;
        Ok(AccountCheck {
            account: scope.account.as_str().into(),
            details: target.details.clone(),
            partition: scope.partition,
            identity: scope.identity,
            estimate: self.estimate(&snapshot, regions.scanned.len()),
            regions,
            allowed,
            missing,
            failures: failures.into_values().collect(),
            untried,
        })
    }

    /// Asks the provider itself whether what could not be tried would be allowed; without the permission to
    /// ask, it stays untried.
    async fn simulate(
        &self,
        client: &Client,
        identity: &str,
        untried: &mut BTreeSet<String>,
        missing: &mut BTreeMap<String, BTreeSet<RuleId>>,
        needs: &BTreeMap<String, BTreeSet<RuleId>>,
    ) {
        /// As many as one request may name.
        const AT_ONCE: usize = 100;
        let Some(principal) = principal(identity) else { return };
        let region = client.default_region().to_owned();
        let permissions = self.catalog.permissions();
        let mut by_action: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for operation in untried.iter() {
            for action in permissions.of(operation) {
                by_action.entry(action).or_default().push(operation.clone());
            }
        }
        let actions: Vec<&String> = by_action.keys().collect();
        for actions in actions.chunks(AT_ONCE) {
            let input = json!({ "PolicySourceArn": principal, "ActionNames": actions });
            let answer = match client.call_all("iam", "SimulatePrincipalPolicy", &region, input).await {
                Ok(answer) => answer.value,
                Err(error) => {
                    tracing::debug!(%error, "the policy cannot be simulated");
                    return;
                }
            };
            for result in answer.get("EvaluationResults").and_then(Value::as_array).into_iter().flatten() {
                let text = |name: &str| result.get(name).and_then(Value::as_str).unwrap_or_default();
                let action = text("EvalActionName");
                let operations = by_action.get(action).map(Vec::as_slice).unwrap_or_default();
                for operation in operations {
                    untried.remove(operation);
                    if text("EvalDecision") != "allowed" {
                        let rules = needs.get(operation).cloned().unwrap_or_default();
                        missing.entry(action.to_owned()).or_default().extend(rules);
                    }
                }
            }
        }
    }

    fn estimate(&self, trial: &Snapshot, regions: usize) -> Estimate {
        let regions = u64::try_from(regions).unwrap_or(u64::MAX).max(1);
        let count = |name: &str| -> u64 {
            let listings = trial.run.listings.iter().filter(|listing| listing.resource_type.as_str() == name);
            let counts = listings.map(|listing| match listing.state {
                ListingState::Read { count } => u64::try_from(count).unwrap_or(u64::MAX),
                ListingState::Unreadable { .. } | ListingState::Unsupported => 0,
            });
            counts.sum()
        };
        let (mut fewest, mut most) = (0_u64, 0_u64);
        let mut busiest: BTreeMap<&str, u64> = BTreeMap::new();
        for planned in &self.plan.types {
            let definition = &planned.definition;
            let lists = match &definition.list.kind {
                ListKind::Call { parent: Some(parent), .. } => count(parent.as_str()),
                ListKind::Call { parent: None, .. } => 1,
                ListKind::Account | ListKind::Region => 0,
            };
            let attributes = u64::try_from(definition.attributes.len()).unwrap_or(u64::MAX);
            let here = lists + count(definition.name.as_str()).saturating_mul(attributes);
            let everywhere = if definition.read == ReadScope::Regional { regions } else { 1 };
            fewest += here + lists.min(1) * (everywhere - 1);
            most += here.saturating_mul(everywhere);
            *busiest.entry(definition.service.as_str()).or_default() += here;
        }
        let (made, took) = trial_pace(trial);
        let by_pace = most.saturating_mul(took) / made.max(1);
        let busiest = busiest.values().copied().max().unwrap_or_default();
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "an estimate")]
        let by_limit = (busiest as f64 / self.settings.client.max_rate * 1000.0) as i64;
        let longest = i64::try_from(by_pace).unwrap_or(i64::MAX).max(by_limit);
        Estimate { fewest_calls: fewest, most_calls: most, longest: TimeDelta::milliseconds(longest) }
    }
}

/// How many calls a trial made, and how many milliseconds it took.
fn trial_pace(trial: &Snapshot) -> (u64, u64) {
    let made = trial.run.calls.values().map(|count| count.succeeded + count.failed).sum();
    let took = (trial.run.ended_at - trial.run.started_at).num_milliseconds();
    (made, u64::try_from(took).unwrap_or_default())
}

/// Every failure that a snapshot holds.
fn failures_of(snapshot: &Snapshot) -> impl Iterator<Item = &ReadFailure> {
    let listings = snapshot.run.listings.iter().filter_map(|listing| match &listing.state {
        ListingState::Unreadable { failure } => Some(&**failure),
        ListingState::Read { .. } | ListingState::Unsupported => None,
    });
    let attributes = snapshot.resources.iter().flat_map(|resource| resource.attributes.values());
    listings.chain(attributes.filter_map(|attribute| match &attribute.state {
        AttributeState::Unreadable { failure } => Some(failure),
        AttributeState::Known { .. } | AttributeState::Absent => None,
    }))
}

/// Whose policies a simulation is about: the user, or the role behind a session. A role with a path cannot
/// be told from its session, and is then not found.
fn principal(identity: &str) -> Option<String> {
    let mut parts: Vec<&str> = identity.splitn(6, ':').collect();
    let resource = parts.pop()?;
    if let Some(session) = resource.strip_prefix("assumed-role/") {
        let role = session.split('/').next()?;
        let (partition, account) = (parts.get(1)?, parts.get(4)?);
        return Some(format!("arn:{partition}:iam::{account}:role/{role}"));
    }
    resource.starts_with("user/").then(|| identity.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_stands_for_its_role_and_root_for_nobody() {
        for (identity, expected) in [
            ("arn:aws:sts::1:assumed-role/audit/stance", Some("arn:aws:iam::1:role/audit")),
            ("arn:aws:iam::1:user/path/ada", Some("arn:aws:iam::1:user/path/ada")),
            ("arn:aws:iam::1:root", None),
            ("nonsense", None),
        ] {
            assert_eq!(principal(identity).as_deref(), expected, "{identity}");
        }
    }
}
