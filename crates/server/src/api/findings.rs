//! Findings in lists.

use super::cursor::Cursor;
use super::operation::{Operation, Topic};
use super::parameter::{cursor, filters, limit, sort};
use super::problem::{Answer, Problem};
use super::words::{SeverityWord, Status};
use crate::facts::Facts;
use crate::filter::{Filter, Sort};
use crate::query::Query;
use crate::{Console, Viewer};
use axum::Json;
use axum::extract::{RawQuery, State};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stance_store::{Census, FindingRow};

/// As many findings as a page may have.
const MOST: u64 = 1_000;
/// As many as it has unless told.
const USUAL: u64 = 100;

/// A finding in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Finding {
    /// Its stable id, the same in every run.
    pub(crate) id: String,
    /// How it counts.
    pub(crate) status: Status,
    /// How bad it is where it fails.
    pub(crate) severity: SeverityWord,
    /// The rule that speaks.
    pub(crate) rule: String,
    /// What must hold.
    pub(crate) title: String,
    /// The service; null where the catalog no longer has the rule.
    pub(crate) service: Option<String>,
    /// The account's id.
    pub(crate) account: String,
    /// The account's name, where it has one.
    pub(crate) account_name: Option<String>,
    /// Where the resource lives.
    pub(crate) region: String,
    /// Of what it speaks.
    pub(crate) resource: ResourceName,
    /// The item in the resource, where the rule judges items.
    pub(crate) item: Option<String>,
    /// When a run met it first.
    pub(crate) first_seen: DateTime<Utc>,
    /// Since when the status is what it is.
    pub(crate) since: DateTime<Utc>,
    /// When a run saw it last.
    pub(crate) last_seen: DateTime<Utc>,
    /// How often it failed again after it had been mended.
    pub(crate) reopened: u64,
}

/// What a resource is known by.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ResourceName {
    /// Its number in this store.
    pub(crate) number: i64,
    /// Its canonical id, such as an ARN.
    pub(crate) id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub(crate) resource_type: String,
    /// Its name.
    pub(crate) name: String,
}

impl Finding {
    pub(crate) fn of(row: FindingRow, census: &Census, facts: &Facts) -> Self {
        let scope = census.scope(row.scope);
        Self {
            id: row.id,
            status: if row.status.is_none() { Status::Gone } else { row.standing.into() },
            severity: row.severity.into(),
            title: facts.title(row.rule.as_str()).to_owned(),
            service: facts.rule(row.rule.as_str()).map(|rule| rule.service.clone()),
            rule: row.rule.to_string(),
            account: scope.map(|scope| scope.id.to_string()).unwrap_or_default(),
            account_name: scope.and_then(|scope| scope.details.name.clone()),
            region: row.region.to_string(),
            resource: ResourceName {
                number: row.resource,
                id: row.resource_id,
                resource_type: row.resource_type.to_string(),
                name: row.resource_name,
            },
            item: row.sub_key,
            first_seen: row.first_seen,
            since: row.since,
            last_seen: row.last_seen,
            reopened: row.reopened,
        }
    }
}

/// A page of findings.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FindingPage {
    /// Those of the page; a page of a search may hold none and yet have a next one.
    pub(crate) findings: Vec<Finding>,
    /// How many there are in all; null where counting them would take too long.
    pub(crate) total: Option<u64>,
    /// The `cursor` of the next page, if more may follow.
    pub(crate) next: Option<String>,
}

pub(crate) fn operation() -> Operation {
    Operation::get("/api/v1/findings", "listFindings", Topic::Findings, "Findings, page by page", list)
        .told("The same filters as the page of findings. Several values of a filter mean any of them; several filters mean all of them. While runs come in, findings may move between pages.")
        .takes(filters())
        .takes([sort(), limit(MOST, "findings on a page; 100 unless given"), cursor()])
        .answers::<FindingPage>("a page of findings")
}

async fn list(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    viewer: Viewer,
) -> Answer<Json<FindingPage>> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let filter = Filter::of(&query, &viewer, console.now()).map_err(Problem::bad)?;
    let from = Cursor::position(query.first("cursor"))?;
    let limit = number(&query, "limit").unwrap_or(USUAL);
    let page = console
        .ask(move |store, facts, census| {
            let mut cells = filter.cells(census, facts, &viewer.visible);
            Sort::of(&query).apply(&mut cells, census);
            let page = store.findings(census, &cells, &filter.constraints, from, limit)?;
            Ok(FindingPage {
                findings: page.findings.into_iter().map(|row| Finding::of(row, census, facts)).collect(),
                total: page.total,
                next: page.next.map(|next| Cursor::At(next).text()),
            })
        })
        .await?;
    Ok(Json(page))
}

/// A whole number that was asked for; that it is one was looked at before.
pub(crate) fn number(query: &Query, name: &str) -> Option<u64> {
    query.first(name).and_then(|text| text.parse().ok())
}
