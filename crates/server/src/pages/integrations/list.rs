//! Every integration, with how its last run went and when the next one is due.

use super::{button, schedule_words};
use crate::Console;
use crate::access::Session;
use crate::error::PageResult;
use crate::pages::layout::{Part, empty, page};
use crate::pages::runs::state;
use crate::parts::time;
use crate::viewer::Viewer;
use axum::extract::State;
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use stance_store::{Integration, RunSummary};

pub(crate) async fn show(
    State(console): State<Console>,
    session: Session,
    viewer: Viewer,
) -> PageResult<Markup> {
    let now = console.now();
    let told = console
        .look(|store| {
            let mut told = Vec::new();
            for integration in store.integrations()? {
                let run = store.runs_of_integration(integration.id, 1)?.into_iter().next();
                told.push((integration, run));
            }
            Ok(told)
        })
        .await?;
    let content = html! {
        header.title {
            h1 { "Integrations" }
            p.soft { "What this server scans by itself, and how often." }
        }
        @if console.scanner().is_none() { p.notice { "This server does not scan." } }
        p { a.button href="/integrations/new" { "Add an integration" } " " a.button href="/integrations/onboarding" { "Prepare AWS" } }
        @if told.is_empty() {
            (empty("Nothing is scanned yet", &html! { "First " a href="/integrations/onboarding" { "prepare AWS" } " so that Stance may read, then " a href="/integrations/new" { "add an integration" } "." }))
        } @else {
            div.scroll { table.people {
                thead { tr { th { "Name" } th { "How often" } th { "Last run" } th { "Next" } th {} } }
                tbody { @for (integration, run) in &told { (line(integration, run.as_ref(), &session, now)) } }
            } }
        }
    };
    Ok(page(Part::Integrations, "Integrations", &viewer, &content))
}

fn line(
    integration: &Integration,
    run: Option<&RunSummary>,
    session: &Session,
    now: DateTime<Utc>,
) -> Markup {
    let href = format!("/integrations/{}", integration.id.number());
    html! {
        tr data-href=(href) {
            td.name { a href=(href) { (integration.name) } @if integration.namespace != "default" { " " span.soft { (integration.namespace) } } }
            td { (schedule_words(&integration.schedule)) }
            td { @match run {
                Some(run) => { a href={ "/runs/" (run.id.number()) } { "#" (run.id.number()) } " " (state(run)) " " (time::ago(run.started_at, now)) },
                None => span.soft { "none yet" },
            } }
            td { (next(integration, now)) }
            td { @if integration.enabled && !integration.is_under_way(now) { (button(&format!("{href}/scan"), "Scan now", session)) } }
        }
    }
}

/// When the next run is due.
pub(super) fn next(integration: &Integration, now: DateTime<Utc>) -> Markup {
    html! {
        @if integration.is_under_way(now) { span.state.none { "being scanned" } }
        @else if !integration.enabled { span.soft { "switched off" } }
        @else if integration.next_at <= now { "as soon as possible" }
        @else { (time::moment(integration.next_at)) }
    }
}
