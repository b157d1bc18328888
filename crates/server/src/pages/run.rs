//! A run: what was scanned, what could not be read, and the permission to grant.

use super::integrations::show::reload;
use super::layout::{Part, form_token, page};
use super::runs::state;
use crate::Console;
use crate::access::Session;
use crate::error::PageResult;
use crate::integrations::stop_run;
use crate::parts::score::{bar, count, counted};
use crate::parts::time;
use crate::viewer::{Viewer, Visible};
use axum::extract::{Path, State};
use axum::response::Redirect;
use maud::{Markup, html};
use stance_model::{ListingState, Run, UnscannedReason};
use stance_store::{RunReport, RunState, RunSummary};
use std::collections::{BTreeMap, BTreeSet};

/// Failures that are shown.
const FAILURES: usize = 100;

pub(crate) async fn show(
    State(console): State<Console>,
    Path(number): Path<i64>,
    viewer: Viewer,
) -> PageResult<Markup> {
    let visible = viewer.visible.clone();
    let (summary, report) = console
        .ask(move |store, _, census| store.run_among(visible.numbers(census).as_ref(), number.into()))
        .await?;
    let content = html! {
        @if summary.state == RunState::UnderWay { (reload()) }
        nav.crumbs aria-label="Path" { a href="/runs" { "Runs" } }
        header.title { h1 { "Run #" (number) } p { (state(&summary)) } }
        // why a run failed may name other accounts
        @if let (Some(error), Visible::All) = (&summary.error, &viewer.visible) { p.notice { (error) } }
        @if summary.state == RunState::UnderWay { (under_way(&summary, &viewer)) }
        (facts(&summary, report.as_ref(), &viewer.visible))
        @if let Some(report) = &report { (read(report, &viewer.visible)) }
    };
    Ok(page(Part::Runs, &format!("Run #{number}"), &viewer, &content))
}

/// How far a run is that goes on, and a way to end it.
fn under_way(summary: &RunSummary, viewer: &Viewer) -> Markup {
    let progress = summary.progress.clone().unwrap_or_default();
    html! {
        section role="status" {
            p {
                @if progress.accounts > 1 { (count(progress.accounts_done)) " of " (counted(progress.accounts, "account", "accounts")) " done, " }
                @if progress.listings == 0 { "signing in" } @else { (count(progress.listings_done)) " of " (count(progress.listings)) " listings read" }
                // of which account it is, not everybody may know
                @if let (Some((account, what)), Visible::All) = (&progress.last, &viewer.visible) { ", last " (what) " of " (account) }
                "."
            }
            progress max=(progress.listings.max(1)) value=(progress.listings_done) { (progress.listings_done) }
            @match (&summary.stop_asked_by, &viewer.form_token) {
                (Some(by), _) => p.soft { (by) " has asked it to stop; it ends with what it has read." },
                (None, Some(token)) if viewer.is_administrator() => {
                    form method="post" action={ "/runs/" (summary.id.number()) "/stop" } { (form_token(token)) button.small type="submit" { "Stop it" } }
                },
                (None, _) => {},
            }
        }
    }
}

/// Asks a run to end before its time.
pub(crate) async fn stop(
    State(console): State<Console>,
    Path(number): Path<i64>,
    session: Session,
) -> PageResult<Redirect> {
    stop_run(&console, number.into(), session.actor()).await?;
    Ok(Redirect::to(&format!("/runs/{number}")))
}

fn facts(summary: &RunSummary, report: Option<&RunReport>, visible: &Visible) -> Markup {
    html! {
        dl.facts {
            dt { "Began" } dd { (time::moment(summary.started_at)) }
            @if let Some(ended) = summary.ended_at { dt { "Took" } dd { (time::length(ended - summary.started_at)) } }
            dt { "Accounts" } dd { (count(summary.scopes)) }
            dt { "Resources" } dd { (count(summary.resources)) }
            dt { "Findings" } dd { (count(summary.opened)) " opened, " (count(summary.resolved)) " resolved" (bar(&summary.score)) }
            @if let Some(report) = report {
                dt { "Rules" } dd { (count(report.rules.len() as u64)) }
                @if *visible == Visible::All && !report.scan.traffic.is_none() {
                    dt { "Requests" } dd { (count(report.scan.traffic.requests)) ", " (count(report.scan.traffic.throttled)) " throttled, " (count(report.scan.traffic.repeated)) " repeated" }
                }
                dt { "Stance" } dd { (report.scan.stance_version) }
            }
        }
    }
}

/// What could not be read: operation and code, with the permissions that are missing and the accounts it concerns.
pub(crate) type Failures = BTreeMap<(String, String), (BTreeSet<String>, BTreeSet<String>)>;

pub(crate) fn failures<'r>(runs: impl Iterator<Item = &'r Run>) -> Failures {
    let mut failures = Failures::new();
    for run in runs {
        for listing in &run.listings {
            if let ListingState::Unreadable { failure } = &listing.state {
                let key = (failure.operation.to_string(), failure.code.clone());
                let (permissions, accounts) = failures.entry(key).or_default();
                permissions.extend(failure.permissions.iter().cloned());
                accounts.insert(run.scope.to_string());
            }
        }
    }
    failures
}

/// Why an account was not scanned, for people.
pub(crate) fn why_not_scanned(reason: &UnscannedReason) -> String {
    match reason {
        UnscannedReason::LeftOut { setting } => format!("left out by {setting}"),
        UnscannedReason::Failed { message } => message.clone(),
        UnscannedReason::NotReached => "the run was stopped before its turn".to_owned(),
    }
}

fn read(report: &RunReport, visible: &Visible) -> Markup {
    let runs: Vec<&Run> = report.runs.iter().filter(|run| visible.holds(&run.scope)).collect();
    let unscanned: Vec<_> = report.unscanned.iter().filter(|scope| visible.holds(&scope.scope)).collect();
    let failures = failures(runs.iter().copied());
    html! {
        @if !failures.is_empty() {
            section {
                h2 { "What could not be read" }
                div.scroll { table {
                    thead { tr { th { "Operation" } th { "Answer" } th { "Permission to grant" } th.n { "Accounts" } } }
                    tbody { @for ((operation, code), (permissions, accounts)) in failures.iter().take(FAILURES) {
                        tr {
                            td { code { (operation) } }
                            td { (code) }
                            td { @for permission in permissions { code { (permission) } " " } }
                            td.n { (count(accounts.len() as u64)) }
                        }
                    } }
                } }
                @if failures.len() > FAILURES { p.soft { "and " (failures.len() - FAILURES) " more" } }
            }
        }
        @if !unscanned.is_empty() {
            section {
                h2 { "Accounts that were not scanned" }
                div.scroll { table {
                    thead { tr { th { "Account" } th { "Why" } } }
                    tbody { @for scope in &unscanned {
                        tr {
                            td { (scope.scope_details.name.as_deref().unwrap_or_default()) " " span.soft { (scope.scope) } }
                            td { (why_not_scanned(&scope.reason)) }
                        }
                    } }
                } }
            }
        }
        section {
            h2 { "Accounts" }
            div.scroll { table {
                thead { tr { th { "Account" } th { "Identity" } th { "Regions" } th.n { "Calls" } th { "Took" } } }
                tbody { @for run in &runs {
                    tr {
                        td { (run.scope_details.name.as_deref().unwrap_or_default()) " " span.soft { (run.scope) } }
                        td.name { (run.identity) }
                        td { (counted(run.regions.len() as u64, "region", "regions"))
                            @if !run.skipped_regions.is_empty() { ", " (run.skipped_regions.len()) " left out" } }
                        td.n { (count(run.calls.values().map(|calls| calls.succeeded + calls.failed).sum())) }
                        td { (time::length(run.ended_at - run.started_at)) }
                    }
                } }
            } }
        }
    }
}
