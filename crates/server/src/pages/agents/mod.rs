//! Agents: what they are, how they are, how hosts become some.

mod commands;
pub(crate) mod list;
pub(crate) mod one;
pub(crate) mod policy;

use maud::{Markup, html};
use stance_store::AgentHealth;

/// How an agent is.
fn health(health: AgentHealth) -> Markup {
    let (class, word) = match health {
        AgentHealth::Well => ("passed", "well"),
        AgentHealth::Degraded => ("unknown", "degraded"),
        AgentHealth::Away => ("failed", "away"),
        AgentHealth::Revoked => ("none", "shut out"),
    };
    html! { span class={ "state " (class) } { (word) } }
}
