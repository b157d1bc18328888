//! An agent: how it is, what it says, and its end.

use super::health;
use super::list::held;
use crate::Console;
use crate::access::{Form, Session};
use crate::error::{PageError, PageResult};
use crate::pages::layout::{Part, form_token, page};
use crate::parts::score::counted;
use crate::parts::time;
use crate::viewer::Viewer;
use axum::extract::{Path, State};
use axum::response::Redirect;
use maud::{Markup, html};
use stance_store::{Agent, AgentPolicy};

/// The page.
pub(crate) async fn show(
    State(console): State<Console>,
    Path(number): Path<i64>,
    session: Session,
    viewer: Viewer,
) -> PageResult<Markup> {
    let now = console.now();
    let (agent, policies, held) = console
        .look(move |store| {
            let held = held(store, &store.integrations()?)?;
            Ok((store.agent(number.into())?, store.agent_policies()?, held))
        })
        .await?;
    let policy = policies.iter().find(|policy| policy.id == agent.policy);
    let content = html! {
        nav.crumbs aria-label="Path" {
            a href="/agents" { "Agents" }
            @if let Some(policy) = policy { a href={ "/agents/policies/" (policy.id.number()) } { (policy.name) } }
        }
        header.title { h1 { (agent.name) } p { (health(agent.health(now))) } }
        @if !agent.status.complaints.is_empty() {
            div.notice { p { "The agent says:" } ul { @for complaint in &agent.status.complaints { li { (complaint) } } } }
        }
        dl.facts {
            dt { "Seen" } dd { (time::ago(agent.seen_at, now)) " from " (agent.address) }
            dt { "Host" } dd { (agent.description.host) ", " (agent.description.platform) }
            dt { "Version" } dd { (agent.description.version) }
            dt { "Scans now" } dd { @match held.get(&agent.id) {
                Some((run, integration)) => { a href={ "/runs/" (run.number()) } { "#" (run.number()) } " " (integration) },
                None => "nothing",
            } }
            dt { "Waits to be delivered" } dd {
                @if agent.status.waiting_runs == 0 { "nothing" }
                @else { (counted(agent.status.waiting_runs, "run", "runs")) " of " (agent.status.waiting_bytes) " bytes" }
            }
            dt { "Enrolled" } dd { (time::moment(agent.enrolled_at)) ", by a token of " (agent.enrolled_by) }
            @if let Some((at, by)) = &agent.revoked { dt { "Shut out" } dd { (time::moment(*at)) " by " (by) } }
        }
        @if agent.revoked.is_none() { (acts(&agent, &policies, &session)) }
    };
    Ok(page(Part::Agents, &agent.name, &viewer, &content))
}

fn acts(agent: &Agent, policies: &[AgentPolicy], session: &Session) -> Markup {
    let href = format!("/agents/{}", agent.id.number());
    html! {
        @if policies.len() > 1 {
            section {
                h2 { "Policy" }
                form.stack method="post" action={ (href) "/move" } {
                    (form_token(&session.form_token))
                    label { span { "It belongs to" } select name="policy" { @for policy in policies { option value=(policy.id.number()) selected[policy.id == agent.policy] { (policy.name) } } } }
                    div.buttons { button.small type="submit" { "Move it" } }
                }
            }
        }
        section {
            h2 { "Shut out" }
            p.soft { "Its credential is worth nothing from then on; what it scans goes to another agent of the policy. To let the host in again, enrol it anew." }
            form method="post" action={ (href) "/revoke" } { (form_token(&session.form_token)) button.small type="submit" { "Shut this agent out" } }
        }
    }
}

/// Shuts it out.
pub(crate) async fn revoke(
    State(console): State<Console>,
    Path(number): Path<i64>,
    session: Session,
) -> PageResult<Redirect> {
    let (actor, now) = (session.actor(), console.now());
    console.look(move |store| store.revoke_agent(number.into(), &actor, now)).await?;
    Ok(back(number))
}

/// Moves it to another policy.
pub(crate) async fn change_policy(
    State(console): State<Console>,
    Path(number): Path<i64>,
    session: Session,
    Form(form): Form,
) -> PageResult<Redirect> {
    let policy: i64 =
        form.text("policy").parse().map_err(|_| PageError::Bad("choose a policy".to_owned()))?;
    let (actor, now) = (session.actor(), console.now());
    console.look(move |store| store.move_agent(number.into(), policy.into(), &actor, now)).await?;
    Ok(back(number))
}

fn back(number: i64) -> Redirect {
    Redirect::to(&format!("/agents/{number}"))
}
