//! How a host becomes an agent: by a token that is made in the console and ends with its use.

use super::policy::{AgentPolicyId, policy};
use super::{AgentId, AgentStatus};
use crate::people::audit::log;
use crate::runs::moment;
use crate::{Act, Actor, Result, Secret, Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};

/// What enrolment tokens begin with, so that people and scanners know one when they see it.
const TOKEN: &str = "stance_enroll_";
/// What credentials of agents begin with.
pub(super) const CREDENTIAL: &str = "stance_agent_";
/// The longest that a token can wait for its use.
const LONGEST: TimeDelta = TimeDelta::days(30);
/// Hosts that one token may enrol.
const MOST_HOSTS: u32 = 1_000;
/// Characters that are kept of what a host says of itself.
const LONGEST_TEXT: usize = 200;

/// A token that is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewEnrollment {
    /// Which policy its agents belong to.
    pub policy: AgentPolicyId,
    /// How many hosts it may enrol.
    pub hosts: u32,
    /// When it ends, used or not.
    pub ends_at: DateTime<Utc>,
}

/// A token that can still be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrollmentInfo {
    /// Its number; it enrols nothing.
    pub number: i64,
    /// Hosts that it can still enrol.
    pub hosts_left: u32,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// By whom.
    pub made_by: String,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
}

/// What an agent says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentDescription {
    /// The name of its host.
    pub host: String,
    /// The version of Stance.
    pub version: String,
    /// Operating system and processor.
    pub platform: String,
}

impl AgentDescription {
    /// The same without what could harm a terminal or fill a store.
    pub(super) fn tidy(&self) -> Self {
        let tidy = |text: &str| {
            let text: String = text.chars().take(LONGEST_TEXT).collect();
            stance_model::printable(text.trim()).into_owned()
        };
        Self { host: tidy(&self.host), version: tidy(&self.version), platform: tidy(&self.platform) }
    }
}

/// A host that has become an agent.
#[derive(Clone, PartialEq, Eq)]
pub struct Enrolled {
    /// Its number.
    pub agent: AgentId,
    /// What it is called.
    pub name: String,
    /// The policy's name.
    pub policy: String,
    /// What it proves by that it is the one; told now and never again.
    pub credential: String,
}

/// A log must not tell the credential.
impl std::fmt::Debug for Enrolled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Enrolled({}, {})", self.agent.number(), self.name)
    }
}

impl Store {
    /// Makes a token by which hosts become agents; its text is told now and never again.
    ///
    /// # Errors
    /// If it is for no host or too many, has no sensible end, there is no such policy, or the store fails.
    pub fn make_enrollment(&self, new: &NewEnrollment, by: &Actor, now: DateTime<Utc>) -> Result<String> {
        if new.hosts == 0 || new.hosts > MOST_HOSTS {
            let message = format!("a token is for 1 to {MOST_HOSTS} hosts; `{}` is not", new.hosts);
            return Err(StoreError::Unfit(message));
        }
        if new.ends_at <= now || new.ends_at > now + LONGEST {
            let message = format!("a token ends within {} days", LONGEST.num_days());
            return Err(StoreError::Unfit(message));
        }
        let secret = Secret::random()?;
        self.database().write(|session| {
            let policy = policy(session, new.policy)?;
            session.execute(
                "DELETE FROM enrollment WHERE uses_left <= 0 OR ends_at <= ?1",
                &[now.timestamp_millis().into()],
            )?;
            let id = crate::import::next_id(session, "enrollment")?;
            session.execute(
                "INSERT INTO enrollment (id, policy, digest, uses_left, made_at, made_by, ends_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                &[
                    id.into(),
                    policy.id.value(),
                    (&secret.digest()).into(),
                    i64::from(new.hosts).into(),
                    now.timestamp_millis().into(),
                    (&by.name).into(),
                    new.ends_at.timestamp_millis().into(),
                ],
            )?;
            log(session, by, Act::MadeEnrollment, &policy.name, now)
        })?;
        Ok(format!("{TOKEN}{}", secret.reveal()))
    }

    /// The tokens of a policy that can still be used, the latest first.
    ///
    /// # Errors
    /// If the store fails.
    pub fn enrollments(&self, policy: AgentPolicyId, now: DateTime<Utc>) -> Result<Vec<EnrollmentInfo>> {
        self.database().read(|session| {
            session.all(
                "SELECT id, uses_left, made_at, made_by, ends_at FROM enrollment \
                 WHERE policy = ?1 AND uses_left > 0 AND ends_at > ?2 ORDER BY id DESC",
                &[policy.value(), now.timestamp_millis().into()],
                |row| {
                    Ok(EnrollmentInfo {
                        number: row.get(0)?,
                        hosts_left: u32::try_from(row.get::<i64>(1)?).unwrap_or_default(),
                        made_at: moment(row.get(2)?),
                        made_by: row.get(3)?,
                        ends_at: moment(row.get(4)?),
                    })
                },
            )
        })
    }

    /// Ends a token of a policy before its time.
    ///
    /// # Errors
    /// If there is no such policy, or the store fails.
    pub fn end_enrollment(
        &self,
        id: AgentPolicyId,
        number: i64,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.database().write(|session| {
            let policy = policy(session, id)?;
            let which = [number.into(), id.value()];
            if session.execute("DELETE FROM enrollment WHERE id = ?1 AND policy = ?2", &which)? > 0 {
                log(session, by, Act::EndedEnrollment, &policy.name, now)?;
            }
            Ok(())
        })
    }

    /// Makes an agent of whoever shows a token; nothing where the token is unknown, used or ended.
    ///
    /// # Errors
    /// If the store fails.
    pub fn enroll(
        &self,
        token: &str,
        description: &AgentDescription,
        address: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Enrolled>> {
        let Some(token) = token.strip_prefix(TOKEN).and_then(Secret::shown) else { return Ok(None) };
        let credential = Secret::random()?;
        let described = description.tidy();
        self.database().write(|session| {
            let found = session.first(
                "SELECT id, policy, made_by FROM enrollment WHERE digest = ?1 AND uses_left > 0 AND ends_at > ?2",
                &[(&token.digest()).into(), now.timestamp_millis().into()],
                |row| Ok((row.get::<i64>(0)?, AgentPolicyId(row.get(1)?), row.get::<String>(2)?)),
            )?;
            let Some((enrollment, policy_id, made_by)) = found else { return Ok(None) };
            let policy = policy(session, policy_id)?;
            session
                .execute("UPDATE enrollment SET uses_left = uses_left - 1 WHERE id = ?1", &[enrollment.into()])?;
            let id = crate::import::next_id(session, "agent")?;
            // hosts may bear the same name, as containers do
            let name = match described.host.as_str() {
                "" => format!("agent-{id}"),
                host => format!("{host}-{id}"),
            };
            let status = AgentStatus::default().text()?;
            session.execute(
                "INSERT INTO agent (id, policy, name, digest, host, version, platform, enrolled_at, enrolled_by, \
                 seen_at, address, status) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?8, ?10, ?11)",
                &[
                    id.into(),
                    policy.id.value(),
                    (&name).into(),
                    (&credential.digest()).into(),
                    (&described.host).into(),
                    (&described.version).into(),
                    (&described.platform).into(),
                    now.timestamp_millis().into(),
                    (&made_by).into(),
                    address.into(),
                    (&status).into(),
                ],
            )?;
            // whoever made the token let it in
            let by = Actor { name: made_by, address: address.to_owned() };
            log(session, &by, Act::EnrolledAgent, &name, now)?;
            Ok(Some(Enrolled {
                agent: AgentId(id),
                name,
                policy: policy.name,
                credential: format!("{CREDENTIAL}{}", credential.reveal()),
            }))
        })
    }
}
