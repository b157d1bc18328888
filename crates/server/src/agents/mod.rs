//! The server's end of the link to agents: they are let in, given runs, heard, and their runs taken in.

mod attendance;
mod receive;
mod service;

pub(crate) use service::router;

use stance_link::v1;
use stance_store::{AgentDescription, AgentStatus, RunProgress};

/// What an agent says of itself, as the store keeps it.
fn described(said: Option<v1::AgentDescription>) -> AgentDescription {
    let said = said.unwrap_or_default();
    AgentDescription { host: said.host, version: said.version, platform: said.platform }
}

fn status(said: &v1::Status) -> AgentStatus {
    AgentStatus {
        complaints: said.complaints.clone(),
        waiting_runs: said.waiting_runs,
        waiting_bytes: said.waiting_bytes,
    }
}

fn progress(said: &v1::RunStatus) -> RunProgress {
    let tidy = |text: &str| {
        let text: String = text.chars().take(200).collect();
        stance_model::printable(&text).into_owned()
    };
    RunProgress {
        accounts: said.accounts,
        accounts_done: said.accounts_done,
        listings: said.listings,
        listings_done: said.listings_done,
        last: (!said.last_account.is_empty())
            .then(|| (tidy(&said.last_account), tidy(&said.last_resource_type))),
    }
}

#[cfg(test)]
mod tests;
