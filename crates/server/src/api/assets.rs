//! The inventory.

use super::cursor::Cursor;
use super::findings::{Finding, number};
use super::operation::{Operation, Topic};
use super::parameter::{Kind, Parameter, cursor, limit};
use super::problem::{Answer, Problem};
use crate::filter::Sort;
use crate::query::Query;
use crate::{Console, Viewer};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use stance_model::{Region, ResourceType};
use stance_store::{self as store, Census, Constraints, Position};
use std::collections::BTreeMap;

/// As many resources as a page may have.
const MOST: u64 = 1_000;
/// As many as it has unless told.
const USUAL: u64 = 100;
/// Findings that are told of a resource.
const FINDINGS: u64 = 1_000;

/// A resource.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Asset {
    /// Its number in this store.
    number: i64,
    /// Its canonical id, such as an ARN.
    id: String,
    /// Its type.
    #[serde(rename = "type")]
    resource_type: String,
    /// Its name.
    name: String,
    /// The account's id.
    account: String,
    /// The account's name, where it has one.
    account_name: Option<String>,
    /// Where it lives.
    region: String,
    /// Its tags by key.
    tags: BTreeMap<String, String>,
    /// When a run met it first.
    first_seen: DateTime<Utc>,
    /// When a run no longer met it; null where it is there.
    gone: Option<DateTime<Utc>>,
}

impl Asset {
    fn of(asset: store::Asset, census: &Census) -> Self {
        let scope = census.scope(asset.scope);
        Self {
            number: asset.number,
            id: asset.id,
            resource_type: asset.resource_type.to_string(),
            name: asset.name,
            account: scope.map(|scope| scope.id.to_string()).unwrap_or_default(),
            account_name: scope.and_then(|scope| scope.details.name.clone()),
            region: asset.region.to_string(),
            tags: asset.tags,
            first_seen: asset.first_seen,
            gone: asset.gone,
        }
    }
}

/// A page of resources.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AssetPage {
    /// Those of the page.
    assets: Vec<Asset>,
    /// How many there are in all; null where a search meets more than it tells.
    total: Option<u64>,
    /// The `cursor` of the next page, if more may follow.
    next: Option<String>,
}

/// A resource with all that is known of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AssetInFull {
    /// As in lists.
    #[serde(flatten)]
    asset: Asset,
    /// What was read of it, the latest first.
    configurations: Vec<Version>,
    /// What the rules say of it, a thousand at most.
    findings: Vec<Finding>,
}

/// A configuration, and how long it was so.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Version {
    /// In the provider's words.
    configuration: Value,
    /// When a run met it so first.
    from: DateTime<Utc>,
    /// When a run met it otherwise, or no longer; null where it is so now.
    to: Option<DateTime<Utc>>,
}

pub(crate) fn operations() -> [Operation; 2] {
    let list = Operation::get("/api/v1/assets", "listAssets", Topic::Estate, "Resources, page by page", list)
        .told("A search by words tells 2000 resources at most; with more, use more words.")
        .takes([
            Parameter::query("q", Kind::Text, "words of the name or id; each must begin a word of it"),
            Parameter::query("type", Kind::Text, "the type, as `AWS::S3::Bucket`"),
            Parameter::query("account", Kind::Text, "the account's id"),
            Parameter::query("region", Kind::Text, "where it lives"),
            limit(MOST, "resources on a page; 100 unless given"),
            cursor(),
        ])
        .answers::<AssetPage>("a page of resources");
    let show =
        Operation::get("/api/v1/assets/{number}", "getAsset", Topic::Estate, "A resource in full", show)
            .takes([Parameter::path("number", Kind::Whole(0, i64::MAX as u64), "its number in this store")])
            .answers::<AssetInFull>("the resource: configurations, tags, findings")
            .refuses(StatusCode::NOT_FOUND, "there is no such resource");
    [list, show]
}

async fn list(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    viewer: Viewer,
) -> Answer<Json<AssetPage>> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let offset = match Cursor::position(query.first("cursor"))? {
        Position::Offset(offset) => offset,
        Position::Start => 0,
        Position::After { .. } => return Err(Problem::bad("the `cursor` is of another list")),
    };
    let limit = number(&query, "limit").unwrap_or(USUAL);
    let page = console
        .ask(move |store, _, census| {
            let is_wanted = |name: &str, value: &str| query.first(name).is_none_or(|wanted| wanted == value);
            let choose = |scope: i64, kind: &ResourceType, region: &Region| {
                let scope = census.scope(scope).filter(|scope| viewer.visible.holds(&scope.id));
                scope.is_some_and(|scope| is_wanted("account", scope.id.as_str()))
                    && is_wanted("type", kind.as_str())
                    && is_wanted("region", region.as_str())
            };
            let found = store.assets(census, choose, query.first("q").unwrap_or_default(), offset, limit)?;
            let end = offset.saturating_add(found.assets.len() as u64);
            let is_full = found.assets.len() as u64 == limit;
            let has_more = is_full && found.total.is_none_or(|total| end < total);
            Ok(AssetPage {
                assets: found.assets.into_iter().map(|asset| Asset::of(asset, census)).collect(),
                total: found.total,
                next: has_more.then(|| Cursor::At(Position::Offset(end)).text()),
            })
        })
        .await?;
    Ok(Json(page))
}

async fn show(
    State(console): State<Console>,
    Path(number): Path<i64>,
    viewer: Viewer,
) -> Answer<Json<AssetInFull>> {
    let found = console
        .ask(move |store, facts, census| {
            let (asset, versions) = store.asset(census, number)?;
            let scope = census.scope(asset.scope).filter(|scope| viewer.visible.holds(&scope.id));
            let Some(scope) = scope else { return Ok(None) };
            let mut cells: Vec<_> = census.cells.iter().filter(|cell| cell.scope == scope.number).collect();
            Sort::Severity.apply(&mut cells, census);
            let of_it = Constraints { resource: Some(number), ..Constraints::default() };
            let findings = store.findings(census, &cells, &of_it, Position::Start, FINDINGS)?.findings;
            let version = |version: store::ConfigurationVersion| Version {
                configuration: serde_json::to_value(&version.configuration).unwrap_or_default(),
                from: version.from,
                to: version.to,
            };
            Ok(Some(AssetInFull {
                asset: Asset::of(asset, census),
                configurations: versions.into_iter().map(version).collect(),
                findings: findings.into_iter().map(|row| Finding::of(row, census, facts)).collect(),
            }))
        })
        .await?;
    found.map(Json).ok_or_else(|| Problem::missing("resource", &number.to_string()))
}
