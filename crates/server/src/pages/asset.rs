//! A resource: configuration, tags, findings, and how it changed.

use super::finding::fields;
use super::findings::line;
use super::layout::{Part, page};
use crate::Console;
use crate::error::{PageError, PageResult};
use crate::parts::time;
use crate::query::Query;
use crate::viewer::Viewer;
use axum::extract::{Path, State};
use maud::{Markup, html};
use stance_store::{
    Asset, Census, ConfigurationVersion, Constraints, FindingRow, Position, Scope, StoreError,
};
use std::sync::Arc;

/// Findings that are shown.
const FINDINGS: u64 = 100;

struct Told {
    census: Arc<Census>,
    asset: Asset,
    scope: Scope,
    versions: Vec<ConfigurationVersion>,
    findings: Vec<FindingRow>,
}

pub(crate) async fn show(
    State(console): State<Console>,
    Path(number): Path<i64>,
    viewer: Viewer,
) -> PageResult<Markup> {
    let visible = viewer.visible.clone();
    let told = console
        .ask(move |store, _, census| {
            let (asset, versions) = store.asset(census, number)?;
            let scope = census.scope(asset.scope).filter(|scope| visible.holds(&scope.id)).cloned();
            let Some(scope) = scope else { return Ok(None) };
            let mut cells: Vec<_> = census.cells.iter().filter(|cell| cell.scope == scope.number).collect();
            crate::filter::Sort::Severity.apply(&mut cells, census);
            let of_it = Constraints { resource: Some(number), ..Constraints::default() };
            let findings = store.findings(census, &cells, &of_it, Position::Start, FINDINGS)?.findings;
            Ok(Some(Told { census: Arc::clone(census), asset, scope, versions, findings }))
        })
        .await?
        .ok_or_else(|| PageError::from(StoreError::Missing { what: "resource", name: number.to_string() }))?;
    let (asset, facts, now) = (&told.asset, console.facts(), console.now());
    let content = html! {
        nav.crumbs aria-label="Path" {
            a href="/assets" { "Assets" } " › "
            a href=(Query::default().set("type", asset.resource_type.as_str()).address("/assets")) { (asset.resource_type) }
        }
        header.title {
            h1.name { (asset.name) }
            @if let Some(gone) = asset.gone { p.notice { "It was no longer there on " (time::moment(gone)) "." } }
        }
        dl.facts {
            dt { "Id" } dd.name { (asset.id) }
            dt { "Account" } dd { (told.scope.name()) @if told.scope.details.name.is_some() { " " span.soft { (told.scope.id) } } }
            dt { "Region" } dd { (asset.region) }
            dt { "First seen" } dd { (time::ago(asset.first_seen, now)) }
        }
        @if !asset.tags.is_empty() {
            section { h2 { "Tags" } ul.chips { @for (key, value) in &asset.tags {
                li { a href=(Query::default().set("tag", format!("{key}={value}")).address("/findings")) { (key) ": " b { (value) } } }
            } } }
        }
        section {
            h2 { "Findings" }
            @if told.findings.is_empty() { p.soft { "No rule says anything of it." } } @else {
                div.scroll { table.findings {
                    thead { tr { th { "Status" } th { "Severity" } th { "Finding" } th { "Resource" } th { "Account" } th { "Region" } th { "Since" } } }
                    tbody { @for finding in &told.findings { (line(finding, &told.census, facts, now)) } }
                } }
            }
        }
        @if let Some(latest) = told.versions.first() {
            section { h2 { "Configuration" } p.soft { "As read since " (time::moment(latest.from)) } (fields(&latest.configuration, &[])) }
        }
        @if told.versions.len() > 1 {
            section {
                h2 { "Earlier configurations" }
                @for version in told.versions.iter().skip(1) {
                    details.part {
                        summary { span { "From " (time::moment(version.from)) @if let Some(to) = version.to { " until " (time::moment(to)) } } }
                        (fields(&version.configuration, &[]))
                    }
                }
            }
        }
    };
    Ok(page(Part::Assets, &asset.name, &viewer, &content))
}
