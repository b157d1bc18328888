//! Trials of an integration's access: begun, and read when they are done.

use super::integrations::{MISSING, number};
use super::operation::{Operation, Topic};
use super::problem::{Answer, Problem};
use crate::integrations::begin_trial;
use crate::scans::{AccessReport, AccountAccess};
use crate::{Console, Level, scans};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stance_store::IntegrationId;

/// How a trial of the access stands.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub(crate) enum Trial {
    /// Every operation is being tried once.
    UnderWay {
        /// Since when.
        began_at: DateTime<Utc>,
    },
    /// Nothing could be tried.
    Failed {
        /// Since when that is known.
        ended_at: DateTime<Utc>,
        /// Why.
        error: String,
    },
    /// It is done.
    Done {
        /// Since when.
        ended_at: DateTime<Utc>,
        /// The organization, where it was asked.
        organization: Option<String>,
        /// Accounts that can be signed in to.
        accounts: Vec<TriedAccount>,
        /// Accounts that would not be scanned.
        unscanned: Vec<UntriedAccount>,
    },
}

/// An account that can be signed in to.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TriedAccount {
    /// Its number.
    account: String,
    /// Its name, if it is known.
    account_name: Option<String>,
    /// Who is signed in, in the provider's words.
    identity: String,
    /// How many regions would be scanned.
    regions: usize,
    /// How many operations answered.
    answered: usize,
    /// Permissions to grant.
    missing: Vec<MissingPermission>,
    /// Operations that failed otherwise.
    failures: Vec<FailedOperation>,
    /// How many operations there was nothing to try on.
    untried: usize,
    /// Calls that a scan takes at least.
    calls_at_least: u64,
    /// Calls that a scan takes at most.
    calls_at_most: u64,
    /// Minutes that a scan takes at most.
    minutes_at_most: i64,
}

/// A permission to grant.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct MissingPermission {
    /// As the provider writes it.
    permission: String,
    /// How many rules will say unknown without it.
    rules: usize,
}

/// An operation that failed.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FailedOperation {
    /// Which.
    operation: String,
    /// What it answered.
    code: String,
}

/// An account that would not be scanned.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct UntriedAccount {
    /// Its number.
    account: String,
    /// Why not.
    reason: String,
}

impl From<AccountAccess> for TriedAccount {
    fn from(told: AccountAccess) -> Self {
        let missing = told.missing.into_iter();
        let failures = told.failures.into_iter();
        Self {
            account: told.account,
            account_name: told.name,
            identity: told.identity,
            regions: told.regions,
            answered: told.answered,
            missing: missing.map(|(permission, rules)| MissingPermission { permission, rules }).collect(),
            failures: failures.map(|(operation, code)| FailedOperation { operation, code }).collect(),
            untried: told.untried,
            calls_at_least: told.calls.0,
            calls_at_most: told.calls.1,
            minutes_at_most: told.minutes,
        }
    }
}

impl From<scans::Trial> for Trial {
    fn from(trial: scans::Trial) -> Self {
        match trial {
            scans::Trial::UnderWay(began_at) => Self::UnderWay { began_at },
            scans::Trial::Done(ended_at, Err(error)) => Self::Failed { ended_at, error },
            scans::Trial::Done(ended_at, Ok(report)) => {
                let AccessReport { organization, accounts, unscanned } = report;
                let unscanned =
                    unscanned.into_iter().map(|(account, reason)| UntriedAccount { account, reason });
                Self::Done {
                    ended_at,
                    organization,
                    accounts: accounts.into_iter().map(TriedAccount::from).collect(),
                    unscanned: unscanned.collect(),
                }
            }
        }
    }
}

pub(crate) fn operations() -> [Operation; 2] {
    let path = "/api/v1/integrations/{number}/trial";
    let begin =
        Operation::post(path, "tryIntegration", Topic::Integrations, "Try what an integration may read", begin)
            .told("Every operation is tried once, which takes a while: read what it told until it is done. Where a trial goes on already, no other is begun.")
            .takes([number()])
            .answers_with::<Trial>(StatusCode::ACCEPTED, "it goes on")
            .refuses(StatusCode::NOT_FOUND, MISSING);
    let show =
        Operation::get(path, "getTrial", Topic::Integrations, "What the last trial of the access told", show)
            .told("The server that was asked keeps it in memory, until it is started anew.")
            .takes([number()])
            .answers::<Trial>("the trial")
            .refuses(StatusCode::NOT_FOUND, "there is no such integration, or its access was not tried");
    [begin.needs_everything(Level::Manage), show.needs_everything(Level::Manage)]
}

async fn begin(State(console): State<Console>, Path(number): Path<i64>) -> Answer<(StatusCode, Json<Trial>)> {
    let id = begin_trial(&console, number.into()).await?.id;
    Ok((StatusCode::ACCEPTED, told(&console, id)?))
}

async fn show(State(console): State<Console>, Path(number): Path<i64>) -> Answer<Json<Trial>> {
    let id = console.look(move |store| store.integration(number.into())).await?.id;
    told(&console, id)
}

fn told(console: &Console, id: IntegrationId) -> Answer<Json<Trial>> {
    let trial = console.trial(id);
    trial
        .map(|trial| Json(trial.into()))
        .ok_or_else(|| Problem::missing("trial of integration", &id.number().to_string()))
}
