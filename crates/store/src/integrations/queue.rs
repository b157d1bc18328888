//! Which integration is scanned next, and by which server.

use super::integration::{COLUMNS, find, read};
use super::{Integration, IntegrationId};
use crate::database::Session;
use crate::people::audit::log;
use crate::runs::RunState;
use crate::{Act, Actor, AgentPolicyId, Result, Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};

/// How long a claim holds unless it is renewed: long enough for a server that is slow, short enough for nobody to
/// wait long when one dies.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);

/// A server's word that it scans an integration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What is scanned.
    pub integration: Integration,
    /// When it began.
    pub began: DateTime<Utc>,
    server: String,
}

impl Store {
    /// The integration that is due first, for that server to scan; nothing where none is due. No other server gets it
    /// until the claim is given back or is not renewed in time.
    ///
    /// # Errors
    /// If the store fails.
    pub fn claim_due(&self, server: &str, now: DateTime<Utc>) -> Result<Option<Claim>> {
        self.claim_due_of(None, server, now)
    }

    /// The integration that is due first among those that the agents of a policy scan, or the server where none is
    /// named.
    pub(crate) fn claim_due_of(
        &self,
        policy: Option<AgentPolicyId>,
        server: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Claim>> {
        let due = format!(
            "SELECT {COLUMNS} FROM integration WHERE enabled = 1 AND next_at <= ?1 AND coalesce(policy, 0) = ?2 \
             AND (claimed_until IS NULL OR claimed_until <= ?1) ORDER BY next_at, id LIMIT 1"
        );
        // policies are numbered from 1
        let values = [now.timestamp_millis().into(), policy.map_or(0, AgentPolicyId::number).into()];
        // asked for every few seconds, and nearly always in vain: no need to lock for that
        if self.database().read(|session| session.first(&due, &values, read))?.is_none() {
            return Ok(None);
        }
        self.database().write(|session| {
            let found = session.first(&due, &values, read)?;
            let Some(integration) = found else { return Ok(None) };
            let until = now + LEASE;
            session.execute(
                "UPDATE integration SET claimed_by = ?2, claimed_until = ?3 WHERE id = ?1",
                &[integration.id.value(), server.into(), until.timestamp_millis().into()],
            )?;
            Ok(Some(Claim { integration, began: now, server: server.to_owned() }))
        })
    }

    /// Says that a claim still holds; whether it does. It does not where it was not renewed in time and another server
    /// has taken over, or the integration is gone.
    ///
    /// # Errors
    /// If the store fails.
    pub fn renew_claim(&self, claim: &Claim, now: DateTime<Utc>) -> Result<bool> {
        self.database().write(|session| {
            let changed = session.execute(
                "UPDATE integration SET claimed_until = ?3 WHERE id = ?1 AND claimed_by = ?2",
                &[
                    claim.integration.id.value(),
                    (&claim.server).into(),
                    (now + LEASE).timestamp_millis().into(),
                ],
            )?;
            Ok(changed > 0)
        })
    }

    /// Gives a claim back when the scan is over, and says when the next one is due.
    ///
    /// # Errors
    /// If the store fails.
    pub fn end_claim(&self, claim: &Claim, now: DateTime<Utc>) -> Result<()> {
        self.database().write(|session| end(session, claim, now))
    }

    /// Gives a claim back without an end: the integration stays due.
    ///
    /// # Errors
    /// If the store fails.
    pub fn leave_claim(&self, claim: &Claim) -> Result<()> {
        self.database().write(|session| {
            session.execute(
                "UPDATE integration SET claimed_by = NULL, claimed_until = NULL WHERE id = ?1 AND claimed_by = ?2",
                &[claim.integration.id.value(), (&claim.server).into()],
            )?;
            Ok(())
        })
    }

    /// Has an integration scanned as soon as a server is free.
    ///
    /// # Errors
    /// If it is being scanned already or switched off, there is no such integration, or the store fails.
    pub fn scan_now(&self, id: IntegrationId, by: &Actor, now: DateTime<Utc>) -> Result<()> {
        self.database().write(|session| {
            let integration = find(session, id)?;
            let name = &integration.name;
            if integration.is_under_way(now) {
                return Err(StoreError::Unfit(format!(
                    "`{name}` is being scanned already; wait for its end"
                )));
            }
            if !integration.enabled {
                return Err(StoreError::Unfit(format!("`{name}` is switched off; switch it on first")));
            }
            session.execute(
                "UPDATE integration SET next_at = ?2 WHERE id = ?1",
                &[id.value(), now.timestamp_millis().into()],
            )?;
            log(session, by, Act::AskedForScan, name, now)
        })
    }

    /// Asks a run that goes on to end; it keeps what it has read. Whether there is such a run.
    ///
    /// # Errors
    /// If the store fails.
    pub fn ask_to_stop(&self, run: crate::RunId, by: &Actor, now: DateTime<Utc>) -> Result<bool> {
        self.database().write(|session| {
            let changed = session.execute(
                "UPDATE run SET stop_asked_by = ?3 WHERE id = ?1 AND state = ?2 AND stop_asked_by IS NULL",
                &[run.value(), RunState::UnderWay.value(), (&by.name).into()],
            )?;
            if changed > 0 {
                log(session, by, Act::AskedToStop, &format!("run {}", run.number()), now)?;
            }
            Ok(changed > 0)
        })
    }
}

/// The claim that somebody has of an integration since that moment, if it is theirs.
pub(crate) fn claimed_by(
    session: &mut dyn Session,
    integration: IntegrationId,
    holder: &str,
    began: DateTime<Utc>,
) -> Result<Option<Claim>> {
    let sql = format!("SELECT {COLUMNS} FROM integration WHERE id = ?1 AND claimed_by = ?2");
    let held = session.first(&sql, &[integration.value(), holder.into()], read)?;
    Ok(held.map(|integration| Claim { integration, began, server: holder.to_owned() }))
}

/// Gives a claim back, and says when the next scan is due.
pub(crate) fn end(session: &mut dyn Session, claim: &Claim, now: DateTime<Utc>) -> Result<()> {
    let Some(held) = claimed_by(session, claim.integration.id, &claim.server, claim.began)? else {
        return Ok(());
    };
    let held = held.integration;
    // it may have been changed meanwhile, or asked for again
    let due = claim.integration.next_at;
    let next = if held.next_at == due { held.schedule.next(due, claim.began).max(now) } else { held.next_at };
    session.execute(
        "UPDATE integration SET claimed_by = NULL, claimed_until = NULL, next_at = ?2 WHERE id = ?1",
        &[held.id.value(), next.timestamp_millis().into()],
    )?;
    Ok(())
}
