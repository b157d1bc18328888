//! Every policy with its agents.

use super::health;
use crate::Console;
use crate::access::{Form, Session};
use crate::error::PageResult;
use crate::pages::layout::{Part, empty, form_token, page};
use crate::parts::score::counted;
use crate::parts::time;
use crate::viewer::Viewer;
use axum::extract::State;
use axum::response::Redirect;
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use stance_store::{Agent, AgentHealth, AgentId, AgentPolicy, Integration, IntegrationName, RunId};
use std::collections::HashMap;

/// What agents are at: which run of which integration.
pub(super) type Held = HashMap<AgentId, (RunId, String)>;

pub(super) fn held(store: &stance_store::Store, integrations: &[Integration]) -> stance_store::Result<Held> {
    let named = |id| integrations.iter().find(|it| it.id == id).map(|it| it.name.clone()).unwrap_or_default();
    let held = store.held_runs()?;
    Ok(held.into_iter().map(|(agent, run, id)| (agent, (run, named(id)))).collect())
}

pub(crate) async fn show(
    State(console): State<Console>,
    session: Session,
    viewer: Viewer,
) -> PageResult<Markup> {
    let now = console.now();
    let (policies, agents, integrations, held) = console
        .look(|store| {
            let integrations = store.integrations()?;
            let held = held(store, &integrations)?;
            Ok((store.agent_policies()?, store.agents()?, integrations, held))
        })
        .await?;
    let content = html! {
        header.title {
            h1 { "Agents" }
            p.soft { "Scan where this server cannot or should not: in a network of its own, with credentials that never leave it. Agents open the connection themselves." }
        }
        @if policies.is_empty() {
            (empty("There are no agents", &html! { "An agent belongs to a policy, and scans the integrations that are given to it. Make a policy first." }))
        }
        @for policy in &policies { (policy_part(policy, &agents, &integrations, &held, now)) }
        details.part.act open[policies.is_empty()] {
            summary { span { "Make a policy" } }
            form.stack method="post" action="/agents/policies" {
                (form_token(&session.form_token))
                label { span { "Name, such as a network or a part of the company" } input name="name" maxlength="64" required; }
                div.buttons { button type="submit" { "Make the policy" } }
            }
        }
    };
    Ok(page(Part::Agents, "Agents", &viewer, &content))
}

fn policy_part(
    policy: &AgentPolicy,
    agents: &[Agent],
    integrations: &[Integration],
    held: &Held,
    now: DateTime<Utc>,
) -> Markup {
    let href = format!("/agents/policies/{}", policy.id.number());
    let mut own: Vec<&Agent> = agents.iter().filter(|agent| agent.policy == policy.id).collect();
    own.retain(|agent| agent.health(now) != AgentHealth::Revoked);
    let given = integrations.iter().filter(|integration| integration.policy == Some(policy.id)).count();
    html! {
        section {
            h2 { a href=(href) { (policy.name) } }
            p.soft { (counted(own.len() as u64, "agent", "agents")) ", " (counted(given as u64, "integration", "integrations")) }
            @if !own.is_empty() { (table(&own, held, now)) }
            p { a.button.small href=(href) { "Enrol hosts, give integrations" } }
        }
    }
}

/// Agents with how they are and what they do.
pub(super) fn table(agents: &[&Agent], held: &Held, now: DateTime<Utc>) -> Markup {
    html! {
        div.scroll { table.people {
            thead { tr { th { "Agent" } th { "How it is" } th { "Scans now" } th { "Version" } th { "Seen" } } }
            tbody { @for agent in agents {
                @let href = format!("/agents/{}", agent.id.number());
                tr data-href=(href) {
                    td.name { a href=(href) { (agent.name) } }
                    td {
                        (health(agent.health(now)))
                        @if agent.health(now) == AgentHealth::Degraded {
                            @if let Some(first) = agent.status.complaints.first() { p.soft { (first) } }
                        }
                    }
                    td { @match held.get(&agent.id) {
                        Some((run, integration)) => { a href={ "/runs/" (run.number()) } { "#" (run.number()) } " " (integration) },
                        None => span.soft { "nothing" },
                    } }
                    td { (agent.description.version) }
                    td { (time::ago(agent.seen_at, now)) }
                }
            } }
        } }
    }
}

/// Makes a policy.
pub(crate) async fn make(
    State(console): State<Console>,
    session: Session,
    Form(form): Form,
) -> PageResult<Redirect> {
    let name = IntegrationName::of(form.text("name"))?;
    let (actor, now) = (session.actor(), console.now());
    let id = console.look(move |store| store.add_agent_policy(&name, &actor, now)).await?;
    Ok(Redirect::to(&format!("/agents/policies/{}", id.number())))
}
