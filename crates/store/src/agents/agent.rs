//! An agent, as the server knows it.

use super::AgentDescription;
use super::enrollment::CREDENTIAL;
use super::policy::{AgentPolicyId, policy};
use crate::database::{Row, Session, Value};
use crate::people::audit::log;
use crate::runs::moment;
use crate::{Act, Actor, Result, Secret, Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// An agent that has said nothing for so long is away.
const SILENCE: TimeDelta = TimeDelta::minutes(3);

/// The number of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AgentId(pub(crate) i64);

impl AgentId {
    /// The number.
    pub fn number(self) -> i64 {
        self.0
    }

    pub(crate) fn value(self) -> Value<'static> {
        Value::Integer(self.0)
    }

    /// How claims of integrations name it.
    pub(super) fn holder(self) -> String {
        format!("agent:{}", self.0)
    }
}

impl From<i64> for AgentId {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

/// What an agent says of how it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentStatus {
    /// What is not as it should be, each in a line for people; empty where nothing is.
    pub complaints: Vec<String>,
    /// Runs that it could not deliver yet.
    pub waiting_runs: u64,
    /// Their size in bytes.
    pub waiting_bytes: u64,
}

impl AgentStatus {
    /// Lines that are kept, and characters of each.
    const MOST: (usize, usize) = (20, 500);

    pub(super) fn text(&self) -> Result<String> {
        let told = |error: serde_json::Error| StoreError::Content {
            place: "agent.status",
            message: error.to_string(),
        };
        let (lines, characters) = Self::MOST;
        let tidy = |text: &String| {
            let text: String = text.chars().take(characters).collect();
            stance_model::printable(&text).into_owned()
        };
        let complaints = self.complaints.iter().take(lines).map(tidy).collect();
        serde_json::to_string(&Self { complaints, ..self.clone() }).map_err(told)
    }
}

/// How an agent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentHealth {
    /// It is there, and nothing is wrong.
    Well,
    /// It is there, and says itself that something is not as it should be.
    Degraded,
    /// It has said nothing for minutes.
    Away,
    /// It was shut out.
    Revoked,
}

/// An agent, as the server knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Its number.
    pub id: AgentId,
    /// The policy that it belongs to.
    pub policy: AgentPolicyId,
    /// What it is called.
    pub name: String,
    /// What it said of itself last.
    pub description: AgentDescription,
    /// When it was enrolled.
    pub enrolled_at: DateTime<Utc>,
    /// Who made the token by which it was.
    pub enrolled_by: String,
    /// When it was heard of last, about a half minute exact.
    pub seen_at: DateTime<Utc>,
    /// From which network address.
    pub address: String,
    /// How it said last that it is.
    pub status: AgentStatus,
    /// When it was shut out, and by whom.
    pub revoked: Option<(DateTime<Utc>, String)>,
}

impl Agent {
    /// How it is.
    pub fn health(&self, now: DateTime<Utc>) -> AgentHealth {
        if self.revoked.is_some() {
            AgentHealth::Revoked
        } else if now - self.seen_at > SILENCE {
            AgentHealth::Away
        } else if self.status.complaints.is_empty() {
            AgentHealth::Well
        } else {
            AgentHealth::Degraded
        }
    }
}

const COLUMNS: &str = "id, policy, name, host, version, platform, enrolled_at, enrolled_by, seen_at, address, status, \
    revoked_at, revoked_by";

fn read(row: &Row<'_>) -> Result<Agent> {
    let status: String = row.get(10)?;
    let revoked_at = row.get::<Option<i64>>(11)?.map(moment);
    let revoked_by = row.get::<Option<String>>(12)?.unwrap_or_default();
    Ok(Agent {
        id: AgentId(row.get(0)?),
        policy: AgentPolicyId(row.get(1)?),
        name: row.get(2)?,
        description: AgentDescription { host: row.get(3)?, version: row.get(4)?, platform: row.get(5)? },
        enrolled_at: moment(row.get(6)?),
        enrolled_by: row.get(7)?,
        seen_at: moment(row.get(8)?),
        address: row.get(9)?,
        status: serde_json::from_str(&status)
            .map_err(|error| StoreError::Content { place: "agent.status", message: error.to_string() })?,
        revoked: revoked_at.map(|at| (at, revoked_by)),
    })
}

pub(super) fn agent(session: &mut dyn Session, id: AgentId) -> Result<Agent> {
    let sql = format!("SELECT {COLUMNS} FROM agent WHERE id = ?1");
    let missing = || StoreError::Missing { what: "agent", name: id.0.to_string() };
    session.first(&sql, &[id.value()], read)?.ok_or_else(missing)
}

impl Store {
    /// Every agent, by name; those too that were shut out.
    ///
    /// # Errors
    /// If the store fails.
    pub fn agents(&self) -> Result<Vec<Agent>> {
        let sql = format!("SELECT {COLUMNS} FROM agent ORDER BY name");
        self.database().read(|session| session.all(&sql, &[], read))
    }

    /// An agent.
    ///
    /// # Errors
    /// If the store fails, or there is none of that number.
    pub fn agent(&self, id: AgentId) -> Result<Agent> {
        self.database().read(|session| agent(session, id))
    }

    /// The agent that shows a credential; nothing where it is unknown or was shut out.
    ///
    /// # Errors
    /// If the store fails.
    pub fn agent_of_credential(&self, credential: &str) -> Result<Option<Agent>> {
        let Some(secret) = credential.strip_prefix(CREDENTIAL).and_then(Secret::shown) else {
            return Ok(None);
        };
        let sql = format!("SELECT {COLUMNS} FROM agent WHERE digest = ?1 AND revoked_at IS NULL");
        self.database().read(|session| session.first(&sql, &[(&secret.digest()).into()], read))
    }

    /// Keeps what an agent says of itself, and that it is there. Whether it may still come.
    ///
    /// # Errors
    /// If the store fails.
    pub fn hear_agent(
        &self,
        id: AgentId,
        description: &AgentDescription,
        status: &AgentStatus,
        address: &str,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let (described, status) = (description.tidy(), status.text()?);
        self.database().write(|session| {
            let changed = session.execute(
                "UPDATE agent SET host = ?2, version = ?3, platform = ?4, status = ?5, address = ?6, seen_at = ?7 \
                 WHERE id = ?1 AND revoked_at IS NULL",
                &[
                    id.value(),
                    (&described.host).into(),
                    (&described.version).into(),
                    (&described.platform).into(),
                    (&status).into(),
                    address.into(),
                    now.timestamp_millis().into(),
                ],
            )?;
            Ok(changed > 0)
        })
    }

    /// Shuts an agent out; what it scans is given to another one.
    ///
    /// # Errors
    /// If there is no such agent, or the store fails.
    pub fn revoke_agent(&self, id: AgentId, by: &Actor, now: DateTime<Utc>) -> Result<()> {
        self.database().write(|session| {
            let agent = agent(session, id)?;
            if agent.revoked.is_some() {
                return Ok(());
            }
            session.execute(
                "UPDATE agent SET revoked_at = ?2, revoked_by = ?3 WHERE id = ?1",
                &[id.value(), now.timestamp_millis().into(), (&by.name).into()],
            )?;
            session.execute(
                "UPDATE integration SET claimed_by = NULL, claimed_until = NULL WHERE claimed_by = ?1",
                &[(&id.holder()).into()],
            )?;
            log(session, by, Act::RevokedAgent, &agent.name, now)
        })
    }

    /// Has an agent belong to another policy.
    ///
    /// # Errors
    /// If there is no such agent or policy, or the store fails.
    pub fn move_agent(&self, id: AgentId, to: AgentPolicyId, by: &Actor, now: DateTime<Utc>) -> Result<()> {
        self.database().write(|session| {
            let agent = agent(session, id)?;
            let policy = policy(session, to)?;
            session.execute("UPDATE agent SET policy = ?2 WHERE id = ?1", &[id.value(), to.value()])?;
            log(session, by, Act::MovedAgent, &format!("{} to {}", agent.name, policy.name), now)
        })
    }
}
