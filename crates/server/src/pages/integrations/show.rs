//! An integration: its runs, a trial of its access, its settings.

use super::list::next;
use super::trial::told;
use super::{button, schedule_fields, schedule_words, wanted};
use crate::Console;
use crate::access::{Form, Session};
use crate::error::{PageError, PageResult};
use crate::integrations::{begin_trial, check};
use crate::pages::layout::{Part, form_token, page};
use crate::pages::runs::state;
use crate::parts::score::count;
use crate::parts::time;
use crate::scans::Trial;
use crate::viewer::Viewer;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use stance_store::{AgentPolicy, Integration, IntegrationId, RunSummary};

/// Runs that are shown.
const RUNS: u32 = 20;

pub(crate) async fn show(
    State(console): State<Console>,
    Path(number): Path<i64>,
    session: Session,
    viewer: Viewer,
) -> PageResult<Markup> {
    shown(&console, number.into(), None, &session, &viewer).await
}

async fn shown(
    console: &Console,
    id: IntegrationId,
    problem: Option<(&str, &str)>,
    session: &Session,
    viewer: &Viewer,
) -> PageResult<Markup> {
    let now = console.now();
    let (integration, runs, policies) = console
        .look(move |store| {
            Ok((store.integration(id)?, store.runs_of_integration(id, RUNS)?, store.agent_policies()?))
        })
        .await?;
    let href = format!("/integrations/{}", id.number());
    let trial = console.trial(id);
    let is_moving = integration.is_under_way(now) || matches!(trial, Some(Trial::UnderWay(_)));
    let content = html! {
        @if is_moving { (reload()) }
        nav.crumbs aria-label="Path" { a href="/integrations" { "Integrations" } }
        header.title {
            h1 { (integration.name) }
            p.soft { (schedule_words(&integration.schedule)) ", next: " (next(&integration, now)) }
        }
        div.buttons {
            @if integration.enabled && !integration.is_under_way(now) { (button(&format!("{href}/scan"), "Scan now", session)) }
            @if console.scanner().is_some() { (button(&format!("{href}/trial"), "Try the access", session)) }
            a.button.small href={ "/integrations/new?like=" (id.number()) } { "Add another like this" }
        }
        @if let Some(trial) = &trial { (told(trial, now)) }
        (runs_part(&runs, now))
        (settings(&integration, problem, &href, session))
        @if !policies.is_empty() { (runner(&integration, &policies, &href, session)) }
        section {
            h2 { "Remove" }
            p.soft { "What its runs have found stays in the store. Nothing in AWS is changed: remove there what the onboarding made." }
            (button(&format!("{href}/remove"), "Remove this integration", session))
        }
    };
    Ok(page(Part::Integrations, &integration.name, viewer, &content))
}

/// Has the browser load the page again after a while, without a script.
pub(crate) fn reload() -> Markup {
    html! { meta http-equiv="refresh" content="4"; }
}

fn runs_part(runs: &[RunSummary], now: DateTime<Utc>) -> Markup {
    html! {
        section {
            h2 { "Runs" }
            @if runs.is_empty() { p.soft { "There was none yet." } } @else {
                div.scroll { table.people {
                    thead { tr { th { "Run" } th { "Began" } th { "Took" } th.n { "Accounts" } th.n { "Resources" } th.n { "Opened" } } }
                    tbody { @for run in runs {
                        @let href = format!("/runs/{}", run.id.number());
                        tr data-href=(href) {
                            td { a href=(href) { "#" (run.id.number()) } " " (state(run)) @if let Some(error) = &run.error { p.soft { (error) } } }
                            td { (time::ago(run.started_at, now)) }
                            td { @if let Some(ended) = run.ended_at { (time::length(ended - run.started_at)) } }
                            td.n { (count(run.scopes)) }
                            td.n { (count(run.resources)) }
                            td.n { (count(run.opened)) }
                        }
                    } }
                } }
            }
        }
    }
}

fn settings(
    integration: &Integration,
    problem: Option<(&str, &str)>,
    href: &str,
    session: &Session,
) -> Markup {
    let configuration = problem.map_or(integration.configuration.as_str(), |(_, text)| text);
    html! {
        section {
            h2 { "Settings" }
            @if let Some((problem, _)) = problem { div.notice role="alert" { p { "It was not saved:" } pre { (problem) } } }
            form.stack.long method="post" action=(href) {
                (form_token(&session.form_token))
                label { span { "Name" } input name="name" value=(integration.name) maxlength="64" required; }
                label { span { "Namespace" } input name="namespace" value=(integration.namespace) maxlength="64" required; }
                (schedule_fields(&integration.schedule))
                label.choice { input type="checkbox" name="enabled" value="yes" checked[integration.enabled]; " scanned on its schedule" }
                label { span { "Configuration" } textarea.code name="configuration" rows="12" spellcheck="false" required { (configuration) } }
                div.buttons { button type="submit" { "Save" } }
            }
            p.soft { "Made by " (integration.made_by) " on " (time::moment(integration.made_at)) ", changed last by " (integration.changed_by) " on " (time::moment(integration.changed_at)) "." }
        }
    }
}

/// Who scans it.
fn runner(integration: &Integration, policies: &[AgentPolicy], href: &str, session: &Session) -> Markup {
    html! {
        section {
            h2 { "Who scans it" }
            form.stack method="post" action={ (href) "/runner" } {
                (form_token(&session.form_token))
                label { span { "From the next scan on" } select name="policy" {
                    option value="" selected[integration.policy.is_none()] { "this server" }
                    @for policy in policies { option value=(policy.id.number()) selected[integration.policy == Some(policy.id)] { "the agents of " (policy.name) } }
                } }
                div.buttons { button.small type="submit" { "Save" } }
            }
        }
    }
}

/// Says who scans it.
pub(crate) async fn set_runner(
    State(console): State<Console>,
    Path(number): Path<i64>,
    session: Session,
    Form(form): Form,
) -> PageResult<Response> {
    let policy = match form.text("policy") {
        "" => None,
        text => {
            let number: i64 = text.parse().map_err(|_| PageError::Bad("choose who scans it".to_owned()))?;
            Some(number.into())
        }
    };
    let (actor, now) = (session.actor(), console.now());
    console.look(move |store| store.set_runner(number.into(), policy, &actor, now)).await?;
    Ok(back(number))
}

/// Changes it.
pub(crate) async fn change(
    State(console): State<Console>,
    Path(number): Path<i64>,
    session: Session,
    viewer: Viewer,
    Form(form): Form,
) -> PageResult<Response> {
    let id = IntegrationId::from(number);
    let configuration = form.text("configuration").replace("\r\n", "\n");
    let checked = check(&console, configuration.clone()).await;
    let changed =
        checked.and_then(|()| wanted(&form, configuration.clone(), form.first("enabled").is_some()));
    match changed {
        Ok(new) => {
            let (actor, now) = (session.actor(), console.now());
            console.look(move |store| store.change_integration(id, &new, &actor, now)).await?;
            Ok(back(number))
        }
        Err(error) => {
            let (status, _, message) = error.told();
            let again = shown(&console, id, Some((&message, &configuration)), &session, &viewer).await?;
            Ok((status, again).into_response())
        }
    }
}

/// Has it scanned as soon as possible.
pub(crate) async fn scan(
    State(console): State<Console>,
    Path(number): Path<i64>,
    session: Session,
) -> PageResult<Response> {
    let (actor, now) = (session.actor(), console.now());
    console.look(move |store| store.scan_now(number.into(), &actor, now)).await?;
    Ok(back(number))
}

/// Tries its access.
pub(crate) async fn try_access(
    State(console): State<Console>,
    Path(number): Path<i64>,
    _: Session,
) -> PageResult<Response> {
    begin_trial(&console, number.into()).await?;
    Ok(back(number))
}

/// Takes it away.
pub(crate) async fn remove(
    State(console): State<Console>,
    Path(number): Path<i64>,
    session: Session,
) -> PageResult<Response> {
    let (actor, now) = (session.actor(), console.now());
    console.look(move |store| store.remove_integration(number.into(), &actor, now)).await?;
    Ok(Redirect::to("/integrations").into_response())
}

fn back(number: i64) -> Response {
    Redirect::to(&format!("/integrations/{number}")).into_response()
}
