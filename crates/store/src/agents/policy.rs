//! Policies of agents: which agents scan an integration.

use crate::database::{Row, Session, Value};
use crate::integrations::find;
use crate::people::audit::log;
use crate::runs::moment;
use crate::{Act, Actor, IntegrationId, IntegrationName, Result, Store, StoreError};
use chrono::{DateTime, Utc};

/// The number of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AgentPolicyId(pub(crate) i64);

impl AgentPolicyId {
    /// The number.
    pub fn number(self) -> i64 {
        self.0
    }

    pub(crate) fn value(self) -> Value<'static> {
        Value::Integer(self.0)
    }
}

impl From<i64> for AgentPolicyId {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

/// A group of agents that scan the same integrations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentPolicy {
    /// Its number.
    pub id: AgentPolicyId,
    /// What it is called.
    pub name: String,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// By whom.
    pub made_by: String,
}

const COLUMNS: &str = "id, name, made_at, made_by";

fn read(row: &Row<'_>) -> Result<AgentPolicy> {
    Ok(AgentPolicy {
        id: AgentPolicyId(row.get(0)?),
        name: row.get(1)?,
        made_at: moment(row.get(2)?),
        made_by: row.get(3)?,
    })
}

pub(super) fn policy(session: &mut dyn Session, id: AgentPolicyId) -> Result<AgentPolicy> {
    let sql = format!("SELECT {COLUMNS} FROM agent_policy WHERE id = ?1");
    let missing = || StoreError::Missing { what: "policy of agents", name: id.0.to_string() };
    session.first(&sql, &[id.value()], read)?.ok_or_else(missing)
}

impl Store {
    /// Every policy of agents, by name.
    ///
    /// # Errors
    /// If the store fails.
    pub fn agent_policies(&self) -> Result<Vec<AgentPolicy>> {
        let sql = format!("SELECT {COLUMNS} FROM agent_policy ORDER BY name");
        self.database().read(|session| session.all(&sql, &[], read))
    }

    /// A policy of agents.
    ///
    /// # Errors
    /// If the store fails, or there is none of that number.
    pub fn agent_policy(&self, id: AgentPolicyId) -> Result<AgentPolicy> {
        self.database().read(|session| policy(session, id))
    }

    /// Makes a policy of agents.
    ///
    /// # Errors
    /// If the name is taken, or the store fails.
    pub fn add_agent_policy(
        &self,
        name: &IntegrationName,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<AgentPolicyId> {
        self.database().write(|session| {
            let name = name.as_str();
            let taken =
                session.number("SELECT count(*) FROM agent_policy WHERE name = ?1", &[name.into()])?;
            if taken > 0 {
                let message = format!("there is a policy `{name}` already; choose another name");
                return Err(StoreError::Unfit(message));
            }
            let id = crate::import::next_id(session, "agent_policy")?;
            session.execute(
                "INSERT INTO agent_policy (id, name, made_at, made_by) VALUES (?1, ?2, ?3, ?4)",
                &[id.into(), name.into(), now.timestamp_millis().into(), (&by.name).into()],
            )?;
            log(session, by, Act::MadeAgentPolicy, name, now)?;
            Ok(AgentPolicyId(id))
        })
    }

    /// Takes a policy away that nothing belongs to any more; the agents of it that were shut out are forgotten.
    ///
    /// # Errors
    /// If an integration or an agent belongs to it, there is no such policy, or the store fails.
    pub fn remove_agent_policy(&self, id: AgentPolicyId, by: &Actor, now: DateTime<Utc>) -> Result<()> {
        self.database().write(|session| {
            let policy = policy(session, id)?;
            let held = [
                ("integration", "SELECT count(*) FROM integration WHERE policy = ?1"),
                ("agent", "SELECT count(*) FROM agent WHERE policy = ?1 AND revoked_at IS NULL"),
            ];
            for (what, sql) in held {
                if session.number(sql, &[id.value()])? > 0 {
                    let name = &policy.name;
                    let message = format!("an {what} belongs to `{name}`; move it or take it away first");
                    return Err(StoreError::Unfit(message));
                }
            }
            session.execute("DELETE FROM enrollment WHERE policy = ?1", &[id.value()])?;
            session.execute("DELETE FROM agent WHERE policy = ?1", &[id.value()])?;
            session.execute("DELETE FROM agent_policy WHERE id = ?1", &[id.value()])?;
            log(session, by, Act::RemovedAgentPolicy, &policy.name, now)
        })
    }

    /// Says who scans an integration: the agents of a policy, or the server where none is named. A scan that goes on
    /// is not touched.
    ///
    /// # Errors
    /// If there is no such integration or policy, or the store fails.
    pub fn set_runner(
        &self,
        integration: IntegrationId,
        runner: Option<AgentPolicyId>,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.database().write(|session| {
            let integration = find(session, integration)?;
            let who = match runner {
                Some(id) => format!("the agents of {}", policy(session, id)?.name),
                None => "the server".to_owned(),
            };
            session.execute(
                "UPDATE integration SET policy = ?2 WHERE id = ?1",
                &[integration.id.value(), runner.map(|id| id.0).into()],
            )?;
            let told = format!("{} to {who}", integration.name);
            log(session, by, Act::AssignedIntegration, &told, now)
        })
    }
}
