//! The accounts that were ever read.

use super::operation::{Operation, Topic};
use super::problem::Answer;
use super::words::Posture;
use crate::filter::Filter;
use crate::pages::overview::accounts;
use crate::{Console, Viewer};
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// An account.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Account {
    /// Its id.
    id: String,
    /// Its name, where it has one.
    name: Option<String>,
    /// Whose estate it is in, as `aws`.
    provider: String,
    /// What holds it, from the root down to the nearest.
    units: Vec<Unit>,
    /// Its tags by key.
    tags: BTreeMap<String, String>,
    /// When a run saw it last.
    last_read: Option<DateTime<Utc>>,
    /// How many resources it has.
    resources: u64,
    /// How it stands.
    posture: Posture,
}

/// An organizational unit.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Unit {
    /// Its id, as `ou-abcd-12345678`.
    id: String,
    /// Its name.
    name: String,
}

/// Accounts.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Accounts {
    /// Those that may be seen, the one with the worst failures first.
    accounts: Vec<Account>,
}

pub(crate) fn operation() -> Operation {
    Operation::get(
        "/api/v1/accounts",
        "listAccounts",
        Topic::Estate,
        "Every account, and how it stands",
        list,
    )
    .answers::<Accounts>("the accounts")
}

async fn list(State(console): State<Console>, viewer: Viewer) -> Answer<Json<Accounts>> {
    let told = console
        .ask(move |_, facts, census| {
            let cells = Filter::default().cells(census, facts, &viewer.visible);
            let mut resources: HashMap<i64, u64> = HashMap::new();
            for held in &census.inventory {
                *resources.entry(held.scope).or_default() += held.resources;
            }
            let account = |account: crate::pages::overview::Account| {
                let scope = account.scope;
                let unit = |unit: stance_model::ScopeUnit| Unit { id: unit.id, name: unit.name };
                Account {
                    id: scope.id.to_string(),
                    name: scope.details.name,
                    provider: scope.provider.to_string(),
                    units: scope.details.path.into_iter().map(unit).collect(),
                    tags: scope.details.tags,
                    last_read: account.seen,
                    resources: resources.get(&scope.number).copied().unwrap_or_default(),
                    posture: account.score.into(),
                }
            };
            let accounts = accounts(census, &cells, &viewer.visible);
            Ok(Accounts { accounts: accounts.into_iter().map(account).collect() })
        })
        .await?;
    Ok(Json(told))
}
