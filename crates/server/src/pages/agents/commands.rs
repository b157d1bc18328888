//! What somebody runs to make a host an agent.

use maud::{Markup, html};

/// The commands for a token, for this server's address.
pub(super) fn commands(server: &str, token: &str) -> Markup {
    html! {
        h3 { "On a host" }
        (command(&format!("STANCE_ENROLLMENT_TOKEN={token} stance agent --enroll {server}")))
        p.soft { "What the agent gets in exchange lies in its state folder (" code { "--state" } "): from then on it starts without the token." }
        h3 { "As a container" }
        (command(&format!(
            "docker run -d --restart unless-stopped -v stance-agent:/var/lib/stance -e STANCE_ENROLLMENT_TOKEN={token} stance agent --enroll {server} --state /var/lib/stance"
        )))
        h3 { "On Kubernetes" }
        (command(&format!("kubectl create secret generic stance-enrollment --from-literal=token={token}")))
        p.soft { "and give the agent's container the variable " code { "STANCE_ENROLLMENT_TOKEN" } " from it, with " code { "--enroll " (server) } " among its arguments." }
    }
}

fn command(text: &str) -> Markup {
    html! { pre.command { code { (text) } } }
}
