//! A policy: its agents, its integrations, and tokens by which hosts join it.

use super::commands::commands;
use super::list::{held, table};
use crate::Console;
use crate::access::{Entrance, Form, Session};
use crate::error::{PageError, PageResult};
use crate::pages::layout::{Part, form_token, page};
use crate::parts::time;
use crate::viewer::Viewer;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Redirect;
use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use stance_store::{Agent, AgentHealth, EnrollmentInfo, NewEnrollment};
use std::sync::Arc;

/// Hours that a token may wait for its use.
const HOURS: [(i64, &str); 3] = [(1, "an hour"), (24, "a day"), (24 * 7, "a week")];

/// The page.
pub(crate) async fn show(
    State(console): State<Console>,
    Path(number): Path<i64>,
    session: Session,
    viewer: Viewer,
) -> PageResult<Markup> {
    shown(&console, number, &session, &viewer, None).await
}

/// The page, with what to run with a token that was just made.
async fn shown(
    console: &Console,
    number: i64,
    session: &Session,
    viewer: &Viewer,
    notice: Option<&Markup>,
) -> PageResult<Markup> {
    let now = console.now();
    let (policy, agents, integrations, tokens, held) = console
        .look(move |store| {
            let policy = store.agent_policy(number.into())?;
            let integrations = store.integrations()?;
            let held = held(store, &integrations)?;
            let tokens = store.enrollments(policy.id, now)?;
            Ok((policy, store.agents()?, integrations, tokens, held))
        })
        .await?;
    let own: Vec<&Agent> = agents.iter().filter(|agent| agent.policy == policy.id).collect();
    let (out, own): (Vec<_>, Vec<_>) =
        own.into_iter().partition(|agent| agent.health(now) == AgentHealth::Revoked);
    let (given, others): (Vec<_>, Vec<_>) =
        integrations.iter().partition(|integration| integration.policy == Some(policy.id));
    let href = format!("/agents/policies/{number}");
    let content = html! {
        nav.crumbs aria-label="Path" { a href="/agents" { "Agents" } }
        header.title { h1 { (policy.name) } p.soft { "Made by " (policy.made_by) " on " (time::moment(policy.made_at)) "." } }
        @if let Some(notice) = notice { (notice) }
        section {
            h2 { "Agents" }
            @if own.is_empty() { p.soft { "None yet. Make a token below, and run its command on a host." } } @else { (table(&own, &held, now)) }
            @if !out.is_empty() { details.part { summary { span { (out.len()) " shut out" } } (table(&out, &held, now)) } }
        }
        (tokens_part(&tokens, &href, session, now))
        section {
            h2 { "Integrations" }
            p.soft { "The agents of this policy scan these, each one by one agent at a time." }
            @if given.is_empty() { p.soft { "None yet." } }
            ul { @for integration in &given { li { a href={ "/integrations/" (integration.id.number()) } { (integration.name) } } } }
            @if !others.is_empty() {
                form.stack method="post" action={ (href) "/integrations" } {
                    (form_token(&session.form_token))
                    label { span { "Give it" } select name="integration" { @for other in &others { option value=(other.id.number()) { (other.name) } } } }
                    div.buttons { button.small type="submit" { "Give it to these agents" } }
                }
            }
        }
        @if given.is_empty() && own.is_empty() {
            section {
                h2 { "Remove" }
                form method="post" action={ (href) "/remove" } { (form_token(&session.form_token)) button.small type="submit" { "Remove this policy" } }
            }
        }
    };
    Ok(page(Part::Agents, &policy.name, viewer, &content))
}

fn tokens_part(tokens: &[EnrollmentInfo], href: &str, session: &Session, now: DateTime<Utc>) -> Markup {
    html! {
        section {
            h2 { "Enrol hosts" }
            @if !tokens.is_empty() {
                div.scroll { table.people {
                    thead { tr { th { "Token" } th.n { "Hosts left" } th { "Made" } th { "Ends" } th {} } }
                    tbody { @for token in tokens { tr {
                        td { "#" (token.number) }
                        td.n { (token.hosts_left) }
                        td { (time::ago(token.made_at, now)) " by " (token.made_by) }
                        td { (time::moment(token.ends_at)) }
                        td {
                            form method="post" action={ (href) "/tokens/" (token.number) "/end" } {
                                (form_token(&session.form_token))
                                button.small type="submit" aria-label={ "End token " (token.number) } { "End" }
                            }
                        }
                    } } }
                } }
            }
            form.stack method="post" action={ (href) "/tokens" } {
                (form_token(&session.form_token))
                label { span { "For how many hosts" } input type="number" name="hosts" value="1" min="1" max="1000" required; }
                label { span { "Ends after" } select name="hours" { @for (hours, words) in HOURS { option value=(hours) selected[hours == 24] { (words) } } } }
                div.buttons { button type="submit" { "Make a token" } }
            }
        }
    }
}

/// Makes a token, and shows once what to run with it.
pub(crate) async fn make_token(
    State(console): State<Console>,
    Extension(entrance): Extension<Arc<Entrance>>,
    Path(number): Path<i64>,
    session: Session,
    viewer: Viewer,
    headers: HeaderMap,
    Form(form): Form,
) -> PageResult<Markup> {
    let now = console.now();
    let hosts = form.text("hosts").parse();
    let hosts = hosts.map_err(|_| PageError::Bad("say for how many hosts the token is".to_owned()))?;
    let hours = form.text("hours").parse().ok().filter(|hours| HOURS.iter().any(|(known, _)| known == hours));
    let hours = hours.ok_or_else(|| PageError::Bad("choose how long the token waits".to_owned()))?;
    let new = NewEnrollment { policy: number.into(), hosts, ends_at: now + TimeDelta::hours(hours) };
    let actor = session.actor();
    let token = console.look(move |store| store.make_enrollment(&new, &actor, now)).await?;
    let server = entrance.asked_address(&headers);
    let notice = html! {
        div.notice role="status" {
            p { b { "The token is made." } " Copy what you need now: it is not shown again." }
            (commands(&server, &token))
        }
    };
    shown(&console, number, &session, &viewer, Some(&notice)).await
}

/// Ends a token.
pub(crate) async fn end_token(
    State(console): State<Console>,
    Path((number, token)): Path<(i64, i64)>,
    session: Session,
) -> PageResult<Redirect> {
    let (actor, now) = (session.actor(), console.now());
    console.look(move |store| store.end_enrollment(number.into(), token, &actor, now)).await?;
    Ok(back(number))
}

/// Gives an integration to the agents of the policy.
pub(crate) async fn give(
    State(console): State<Console>,
    Path(number): Path<i64>,
    session: Session,
    Form(form): Form,
) -> PageResult<Redirect> {
    let integration: i64 =
        form.text("integration").parse().map_err(|_| PageError::Bad("choose an integration".to_owned()))?;
    let (actor, now) = (session.actor(), console.now());
    console.look(move |store| store.set_runner(integration.into(), Some(number.into()), &actor, now)).await?;
    Ok(back(number))
}

/// Takes the policy away.
pub(crate) async fn remove(
    State(console): State<Console>,
    Path(number): Path<i64>,
    session: Session,
) -> PageResult<Redirect> {
    let (actor, now) = (session.actor(), console.now());
    console.look(move |store| store.remove_agent_policy(number.into(), &actor, now)).await?;
    Ok(Redirect::to("/agents"))
}

fn back(number: i64) -> Redirect {
    Redirect::to(&format!("/agents/policies/{number}"))
}
