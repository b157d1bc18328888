//! The inventory.

use super::layout::{Part, empty, page};
use crate::Console;
use crate::error::{PageError, PageResult};
use crate::parts::pager::{PAGE, pager, position};
use crate::parts::score::{count, counted};
use crate::parts::time;
use crate::query::Query;
use crate::viewer::{Viewer, Visible};
use axum::extract::{RawQuery, State};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use stance_store::{AssetPage, Census, Position};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) async fn show(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    viewer: Viewer,
) -> PageResult<Markup> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let from = position(&query).map_err(PageError::Bad)?;
    let offset = match from {
        Position::Offset(offset) => offset,
        Position::Start | Position::After { .. } => 0,
    };
    let visible = viewer.visible.clone();
    let asked = query.clone();
    let (census, found) = console
        .ask(move |store, _, census| {
            let is_wanted = |name: &str, value: &str| asked.first(name).is_none_or(|wanted| wanted == value);
            let choose = |scope: i64, kind: &stance_model::ResourceType, region: &stance_model::Region| {
                census
                    .scope(scope)
                    .is_some_and(|scope| visible.holds(&scope.id) && is_wanted("account", scope.id.as_str()))
                    && is_wanted("type", kind.as_str())
                    && is_wanted("region", region.as_str())
            };
            let text = asked.first("q").unwrap_or_default();
            let is_list = asked.pairs().any(|(name, value)| name != "from" && !value.is_empty());
            let found = if is_list { Some(store.assets(census, choose, text, offset, PAGE)?) } else { None };
            Ok((Arc::clone(census), found))
        })
        .await?;
    let content = html! {
        header.title {
            h1 { "Assets" }
            p.soft { (counted(total(&census, &viewer.visible), "resource", "resources")) }
        }
        form.filters method="get" action="/assets" role="search" {
            label.wide { span { "Search" } input type="search" name="q" value=[query.first("q")] placeholder="words of a name or id"; }
            @for name in ["type", "account", "region"] {
                @if let Some(value) = query.first(name) { input type="hidden" name=(name) value=(value); }
            }
            div.buttons { button type="submit" { "Show" } a href="/assets" { "Clear" } }
        }
        @match &found {
            Some(found) => (list(found, &census, &query, from, console.now())),
            None => (inventory(&census, &viewer.visible)),
        }
    };
    Ok(page(Part::Assets, "Assets", &viewer, &content))
}

fn total(census: &Census, visible: &Visible) -> u64 {
    held(census, visible).map(|(_, resources)| resources).sum()
}

fn held<'c>(census: &'c Census, visible: &'c Visible) -> impl Iterator<Item = (&'c str, u64)> {
    let seen = census
        .inventory
        .iter()
        .filter(|held| census.scope(held.scope).is_some_and(|scope| visible.holds(&scope.id)));
    seen.map(|held| (held.resource_type.as_str(), held.resources))
}

/// Resources by type.
fn inventory(census: &Census, visible: &Visible) -> Markup {
    let mut types: BTreeMap<&str, u64> = BTreeMap::new();
    for (kind, resources) in held(census, visible) {
        *types.entry(kind).or_default() += resources;
    }
    let mut types: Vec<(&str, u64)> = types.into_iter().collect();
    types.sort_by_key(|(kind, resources)| (std::cmp::Reverse(*resources), *kind));
    if types.is_empty() {
        return empty("Nothing has been read yet", &html! { "The first run fills the inventory." });
    }
    html! {
        div.scroll { table {
            thead { tr { th { "Type" } th.n { "Resources" } } }
            tbody { @for (kind, resources) in types {
                @let href = Query::default().set("type", kind).address("/assets");
                tr data-href=(href) { td { a href=(href) { (kind) } } td.n { (count(resources)) } }
            } }
        } }
    }
}

fn list(found: &AssetPage, census: &Census, query: &Query, from: Position, now: DateTime<Utc>) -> Markup {
    if found.assets.is_empty() {
        return empty("No resource is like that", &html! { a href="/assets" { "Look at all types" } "." });
    }
    let shown = found.assets.len() as u64;
    let offset = match from {
        Position::Offset(offset) => offset,
        Position::Start | Position::After { .. } => 0,
    };
    let has_more = found.total.is_none_or(|total| offset + shown < total) && shown == PAGE;
    let next = has_more.then_some(Position::Offset(offset + shown));
    html! {
        div.scroll { table {
            thead { tr { th { "Name" } th { "Type" } th { "Account" } th { "Region" } th { "First seen" } } }
            tbody { @for asset in &found.assets {
                @let href = format!("/assets/{}", asset.number);
                tr data-href=(href) {
                    td.name { a href=(href) { (asset.name) } }
                    td { (asset.resource_type) }
                    td { @if let Some(scope) = census.scope(asset.scope) { (scope.name()) } }
                    td.short { (asset.region) }
                    td { (time::ago(asset.first_seen, now)) }
                }
            } }
        } }
        (pager("/assets", query, from, shown, found.total, next))
    }
}
