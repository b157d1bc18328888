//! Runs that are handed to agents, and come back.

use super::AgentId;
use super::agent::agent;
use crate::bundle::BundleReader;
use crate::import::{Imported, import};
use crate::integrations::{Claim, claimed_by, end};
use crate::lookup::named;
use crate::runs::{RunId, RunState, insert};
use crate::{IntegrationId, Result, RunProgress, Store};
use chrono::{DateTime, Utc};
use std::io::BufRead;

/// A run that an agent was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    /// What is scanned, and the word that it is.
    pub claim: Claim,
    /// Its number.
    pub run: RunId,
    /// Its name.
    pub name: String,
}

/// What became of a run that an agent delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// It is in the store now.
    Taken(RunId, Imported),
    /// It was there before, or had ended without results; nothing was changed.
    Known(RunId),
    /// No such run was given to this agent.
    Unknown,
}

impl Store {
    /// Hands the integration that is due first to an agent, among those of its policy, and begins a run of that name;
    /// nothing where none is due.
    ///
    /// # Errors
    /// If the store fails.
    pub fn hand_due(&self, to: AgentId, name: &str, now: DateTime<Utc>) -> Result<Option<Handed>> {
        let agent = self.agent(to)?;
        if agent.revoked.is_some() {
            return Ok(None);
        }
        let Some(claim) = self.claim_due_of(Some(agent.policy), &to.holder(), now)? else { return Ok(None) };
        let run = self.database().write(|session| {
            // what the integration's run was that nobody has heard of since has ended with its agent
            session.execute(
                "UPDATE run SET state = ?2, ended_at = heartbeat_at WHERE integration = ?1 AND state = ?3",
                &[claim.integration.id.value(), RunState::Abandoned.value(), RunState::UnderWay.value()],
            )?;
            let run = insert(session, name, now)?;
            session.execute(
                "UPDATE run SET integration = ?2, agent = ?3 WHERE id = ?1",
                &[run.value(), claim.integration.id.value(), to.value()],
            )?;
            Ok(run)
        })?;
        Ok(Some(Handed { claim, run, name: name.to_owned() }))
    }

    /// The run of that name, if it was given to that agent and the agent's claim still stands: for an agent that comes
    /// back in the midst of it.
    ///
    /// # Errors
    /// If the store fails.
    pub fn still_handed(&self, to: AgentId, name: &str) -> Result<Option<Handed>> {
        self.database().read(|session| {
            let Some(run) = named(session, name)?.filter(|run| run.state == RunState::UnderWay) else {
                return Ok(None);
            };
            let Some(integration) = run.integration else { return Ok(None) };
            let claim = claimed_by(session, integration, &to.holder(), run.started_at)?;
            Ok(claim.map(|claim| Handed { claim, run: run.id, name: name.to_owned() }))
        })
    }

    /// The runs that agents hold now: of which agent, which run, of which integration.
    ///
    /// # Errors
    /// If the store fails.
    pub fn held_runs(&self) -> Result<Vec<(AgentId, RunId, IntegrationId)>> {
        self.database().read(|session| {
            session.all(
                "SELECT agent, id, integration FROM run WHERE state = ?1 AND agent IS NOT NULL \
                 AND integration IS NOT NULL ORDER BY id",
                &[RunState::UnderWay.value()],
                |row| Ok((AgentId(row.get(0)?), RunId(row.get(1)?), IntegrationId(row.get(2)?))),
            )
        })
    }

    /// Takes in a run that was given to an agent, once. A run that was given up meanwhile is taken in as well; what
    /// later runs have read since stays as they read it.
    ///
    /// # Errors
    /// If the run cannot be read, says something twice, or the store fails.
    pub fn deliver(
        &self,
        by: AgentId,
        name: &str,
        now: DateTime<Utc>,
        bundle: impl BufRead,
    ) -> Result<Delivered> {
        let bundle = BundleReader::open(bundle)?;
        let delivered = self.database().write(|session| {
            let Some(run) = named(session, name)? else { return Ok(Delivered::Unknown) };
            let given = session.number(
                "SELECT count(*) FROM run WHERE id = ?1 AND agent = ?2",
                &[run.id.value(), by.value()],
            )?;
            if given == 0 {
                return Ok(Delivered::Unknown);
            }
            if matches!(run.state, RunState::Done | RunState::Failed) {
                return Ok(Delivered::Known(run.id));
            }
            let imported = import(session, run.id, bundle)?;
            if let Some(integration) = run.integration
                && let Some(claim) = claimed_by(session, integration, &by.holder(), run.started_at)?
            {
                end(session, &claim, now)?;
            }
            Ok(Delivered::Taken(run.id, imported))
        })?;
        if matches!(delivered, Delivered::Taken(..)) {
            self.database().tidy()?;
        }
        Ok(delivered)
    }

    /// Ends a run that came to nothing at the agent that was given it; whether there was such a run.
    ///
    /// # Errors
    /// If the store fails.
    pub fn fail_handed(&self, by: AgentId, name: &str, error: &str, now: DateTime<Utc>) -> Result<bool> {
        let error = stance_model::printable(error).into_owned();
        self.database().write(|session| {
            agent(session, by)?;
            let Some(run) = named(session, name)? else { return Ok(false) };
            let changed = session.execute(
                "UPDATE run SET state = ?3, ended_at = ?4, error = ?5 WHERE id = ?1 AND agent = ?2 AND state <> ?6 \
                 AND state <> ?3",
                &[
                    run.id.value(),
                    by.value(),
                    RunState::Failed.value(),
                    now.timestamp_millis().into(),
                    error.as_str().into(),
                    RunState::Done.value(),
                ],
            )?;
            if changed == 0 {
                return Ok(false);
            }
            crate::alerts::note_failed(session, run.id)?;
            if let Some(integration) = run.integration
                && let Some(claim) = claimed_by(session, integration, &by.holder(), run.started_at)?
            {
                end(session, &claim, now)?;
            }
            Ok(true)
        })
    }
}

impl Handed {
    /// Says that the agent is still at it, and how far; what it is to do.
    ///
    /// # Errors
    /// If the store fails.
    pub fn renew(&self, store: &Store, progress: &RunProgress, now: DateTime<Utc>) -> Result<Instruction> {
        if !store.renew_claim(&self.claim, now)? {
            return Ok(Instruction::GiveUp);
        }
        let is_asked = store.heartbeat(self.run, progress, now)?;
        Ok(if is_asked { Instruction::Stop } else { Instruction::GoOn })
    }
}

/// What an agent is to do with a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instruction {
    /// Nothing has changed.
    GoOn,
    /// Somebody wants the run to end; what was read is kept.
    Stop,
    /// The run is another one's by now, or its integration is gone.
    GiveUp,
}
