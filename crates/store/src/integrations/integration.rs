//! An integration: what is scanned, and how often.

use super::Schedule;
use crate::database::{Row, Session, Value};
use crate::people::audit::log;
use crate::runs::moment;
use crate::{Act, Actor, AgentPolicyId, Result, Store, StoreError};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

/// The number of an integration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IntegrationId(pub(crate) i64);

impl IntegrationId {
    /// The number.
    pub fn number(self) -> i64 {
        self.0
    }

    pub(crate) fn value(self) -> Value<'static> {
        Value::Integer(self.0)
    }
}

impl From<i64> for IntegrationId {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

/// What an integration, or the namespace of its results, is called: letters, digits, spaces, points, hyphens and
/// underscores, 64 at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntegrationName(String);

impl IntegrationName {
    /// Takes a name.
    ///
    /// # Errors
    /// If it is empty, too long, or holds other signs.
    pub fn of(text: &str) -> Result<Self> {
        let text = text.trim();
        let is_fit = |sign: char| sign.is_alphanumeric() || " .-_".contains(sign);
        if text.is_empty() || text.chars().count() > 64 || !text.chars().all(is_fit) {
            return Err(StoreError::Unfit(format!(
                "`{text}` is not a name; use 1 to 64 letters, digits, spaces, points, hyphens and underscores"
            )));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What somebody wants to be scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewIntegration {
    /// What it is called.
    pub name: IntegrationName,
    /// Under what its results are filed elsewhere.
    pub namespace: IntegrationName,
    /// The configuration, as a file would have it; whoever hands it in has checked it.
    pub configuration: String,
    /// How often.
    pub schedule: Schedule,
    /// Whether it is scanned on its schedule.
    pub enabled: bool,
}

/// What is scanned again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Integration {
    /// Its number.
    pub id: IntegrationId,
    /// What it is called.
    pub name: String,
    /// Under what its results are filed elsewhere.
    pub namespace: String,
    /// The configuration, as a file would have it.
    pub configuration: String,
    /// How often.
    pub schedule: Schedule,
    /// Whether it is scanned on its schedule.
    pub enabled: bool,
    /// When next.
    pub next_at: DateTime<Utc>,
    /// Until when a server has said that it scans it; nothing where none does.
    pub claimed_until: Option<DateTime<Utc>>,
    /// Whose agents scan it; the server where nobody's do.
    pub policy: Option<AgentPolicyId>,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// By whom.
    pub made_by: String,
    /// When it was changed last.
    pub changed_at: DateTime<Utc>,
    /// By whom.
    pub changed_by: String,
}

impl Integration {
    /// Whether a server scans it now.
    pub fn is_under_way(&self, now: DateTime<Utc>) -> bool {
        self.claimed_until.is_some_and(|until| until > now)
    }
}

pub(super) const COLUMNS: &str = "id, name, namespace, configuration, every, at, enabled, next_at, claimed_until, \
    made_at, made_by, changed_at, changed_by, policy";

pub(super) fn read(row: &Row<'_>) -> Result<Integration> {
    let wrong =
        |error: StoreError| StoreError::Content { place: "integration.every", message: error.to_string() };
    let minutes: Option<i64> = row.get(5)?;
    let at = minutes.and_then(|minutes| {
        NaiveTime::from_num_seconds_from_midnight_opt(u32::try_from(minutes * 60).ok()?, 0)
    });
    Ok(Integration {
        id: IntegrationId(row.get(0)?),
        name: row.get(1)?,
        namespace: row.get(2)?,
        configuration: row.get(3)?,
        schedule: Schedule::of(TimeDelta::milliseconds(row.get(4)?), at).map_err(wrong)?,
        enabled: row.get::<i64>(6)? != 0,
        next_at: moment(row.get(7)?),
        claimed_until: row.get::<Option<i64>>(8)?.map(moment),
        made_at: moment(row.get(9)?),
        made_by: row.get(10)?,
        changed_at: moment(row.get(11)?),
        changed_by: row.get(12)?,
        policy: row.get::<Option<i64>>(13)?.map(AgentPolicyId),
    })
}

pub(crate) fn find(session: &mut dyn Session, id: IntegrationId) -> Result<Integration> {
    let sql = format!("SELECT {COLUMNS} FROM integration WHERE id = ?1");
    let missing = || StoreError::Missing { what: "integration", name: id.0.to_string() };
    session.first(&sql, &[id.value()], read)?.ok_or_else(missing)
}

fn minutes(at: Option<NaiveTime>) -> Option<i64> {
    at.map(|at| (at - NaiveTime::MIN).num_minutes())
}

fn refuse_taken(session: &mut dyn Session, name: &IntegrationName, but: i64) -> Result<()> {
    let taken = session.number(
        "SELECT count(*) FROM integration WHERE name = ?1 AND id <> ?2",
        &[name.as_str().into(), but.into()],
    )?;
    if taken > 0 {
        let name = name.as_str();
        return Err(StoreError::Unfit(format!(
            "there is an integration `{name}` already; choose another name"
        )));
    }
    Ok(())
}

impl Store {
    /// Every integration, by name.
    ///
    /// # Errors
    /// If the store fails.
    pub fn integrations(&self) -> Result<Vec<Integration>> {
        let sql = format!("SELECT {COLUMNS} FROM integration ORDER BY name");
        self.database().read(|session| session.all(&sql, &[], read))
    }

    /// An integration.
    ///
    /// # Errors
    /// If the store fails, or there is none of that number.
    pub fn integration(&self, id: IntegrationId) -> Result<Integration> {
        self.database().read(|session| find(session, id))
    }

    /// Adds an integration.
    ///
    /// # Errors
    /// If the name is taken, or the store fails.
    pub fn add_integration(
        &self,
        new: &NewIntegration,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<IntegrationId> {
        self.database().write(|session| {
            refuse_taken(session, &new.name, 0)?;
            let id = crate::import::next_id(session, "integration")?;
            session.execute(
                "INSERT INTO integration (id, name, namespace, configuration, every, at, enabled, next_at, made_at, \
                 made_by, changed_at, changed_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?9, ?10)",
                &[
                    id.into(),
                    new.name.as_str().into(),
                    new.namespace.as_str().into(),
                    (&new.configuration).into(),
                    new.schedule.every().num_milliseconds().into(),
                    minutes(new.schedule.at()).into(),
                    i64::from(new.enabled).into(),
                    new.schedule.first(now).timestamp_millis().into(),
                    now.timestamp_millis().into(),
                    (&by.name).into(),
                ],
            )?;
            log(session, by, Act::MadeIntegration, new.name.as_str(), now)?;
            Ok(IntegrationId(id))
        })
    }

    /// Changes an integration. A new schedule counts from now; a scan that goes on is not touched.
    ///
    /// # Errors
    /// If the name is taken, there is no such integration, or the store fails.
    pub fn change_integration(
        &self,
        id: IntegrationId,
        new: &NewIntegration,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.database().write(|session| {
            let old = find(session, id)?;
            refuse_taken(session, &new.name, id.0)?;
            let next = match (old.schedule == new.schedule, new.schedule.at()) {
                (true, _) => old.next_at,
                (false, Some(_)) => new.schedule.first(now),
                (false, None) => new.schedule.next(now, now),
            };
            session.execute(
                "UPDATE integration SET name = ?2, namespace = ?3, configuration = ?4, every = ?5, at = ?6, \
                 enabled = ?7, next_at = ?8, changed_at = ?9, changed_by = ?10 WHERE id = ?1",
                &[
                    id.value(),
                    new.name.as_str().into(),
                    new.namespace.as_str().into(),
                    (&new.configuration).into(),
                    new.schedule.every().num_milliseconds().into(),
                    minutes(new.schedule.at()).into(),
                    i64::from(new.enabled).into(),
                    next.timestamp_millis().into(),
                    now.timestamp_millis().into(),
                    (&by.name).into(),
                ],
            )?;
            log(session, by, Act::ChangedIntegration, new.name.as_str(), now)
        })
    }

    /// Switches an integration on or off and leaves the rest as it is; a scan that goes on is not touched.
    ///
    /// # Errors
    /// If there is no such integration, or the store fails.
    pub fn switch_integration(
        &self,
        id: IntegrationId,
        enabled: bool,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.database().write(|session| {
            let old = find(session, id)?;
            if old.enabled == enabled {
                return Ok(());
            }
            session.execute(
                "UPDATE integration SET enabled = ?2, changed_at = ?3, changed_by = ?4 WHERE id = ?1",
                &[id.value(), i64::from(enabled).into(), now.timestamp_millis().into(), (&by.name).into()],
            )?;
            log(session, by, Act::ChangedIntegration, &old.name, now)
        })
    }

    /// Takes an integration away. What its runs found stays.
    ///
    /// # Errors
    /// If there is no such integration, or the store fails.
    pub fn remove_integration(&self, id: IntegrationId, by: &Actor, now: DateTime<Utc>) -> Result<()> {
        self.database().write(|session| {
            let old = find(session, id)?;
            session.execute("DELETE FROM integration WHERE id = ?1", &[id.value()])?;
            log(session, by, Act::RemovedIntegration, &old.name, now)
        })
    }
}
