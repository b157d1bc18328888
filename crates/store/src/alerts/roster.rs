//! The alerts that there are: made, changed, ended, each with its entry in the audit log.

use super::alert::{ALERT, Alert, AlertChange, AlertId, alert};
use crate::database::Session;
use crate::people::{Accounts, Act, Actor, PersonId, log};
use crate::{Result, Store, StoreError};
use chrono::{DateTime, Utc};

impl Store {
    /// Makes an alert, which tells of what comes from now on.
    ///
    /// # Errors
    /// If what was chosen cannot be kept, or the store fails.
    pub fn make_alert(
        &self,
        chosen: &AlertChange,
        maker: PersonId,
        accounts: &Accounts,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<AlertId> {
        let chosen = chosen.checked()?;
        self.database().write(|session| {
            let id = crate::import::next_id(session, "alert")?;
            session.execute(
                "INSERT INTO alert (id, name, watches, filter, channel, maker, accounts, active, made_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                &[
                    id.into(),
                    (&chosen.name).into(),
                    chosen.watches.value(),
                    (&chosen.filter).into(),
                    (&chosen.channel_text()?).into(),
                    maker.0.into(),
                    (&accounts.text()?).into(),
                    i64::from(chosen.active).into(),
                    now.timestamp_millis().into(),
                ],
            )?;
            log(session, by, Act::MadeAlert, &chosen.name, now)?;
            Ok(AlertId(id))
        })
    }

    /// Changes an alert; whose it is stays.
    ///
    /// # Errors
    /// If what was chosen cannot be kept, there is no such alert, or the store fails.
    pub fn change_alert(
        &self,
        id: AlertId,
        chosen: &AlertChange,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let chosen = chosen.checked()?;
        self.database().write(|session| {
            let before = find(session, id)?.chosen;
            session.execute(
                "UPDATE alert SET name = ?2, watches = ?3, filter = ?4, channel = ?5, active = ?6 WHERE id = ?1",
                &[
                    id.0.into(),
                    (&chosen.name).into(),
                    chosen.watches.value(),
                    (&chosen.filter).into(),
                    (&chosen.channel_text()?).into(),
                    i64::from(chosen.active).into(),
                ],
            )?;
            let act = match (before.active, chosen.active) {
                (true, false) => Act::SwitchedAlertOff,
                (false, true) => Act::SwitchedAlertOn,
                _ => Act::ChangedAlert,
            };
            log(session, by, act, &chosen.name, now)
        })
    }

    /// Ends an alert; what it had still to send is not sent.
    ///
    /// # Errors
    /// If there is no such alert, or the store fails.
    pub fn end_alert(&self, id: AlertId, by: &Actor, now: DateTime<Utc>) -> Result<()> {
        self.database().write(|session| {
            let name = find(session, id)?.chosen.name;
            session.execute("DELETE FROM alert_message WHERE alert = ?1", &[id.0.into()])?;
            session.execute("DELETE FROM alert WHERE id = ?1", &[id.0.into()])?;
            log(session, by, Act::EndedAlert, &name, now)
        })
    }

    /// Every alert, by name.
    ///
    /// # Errors
    /// If the store fails.
    pub fn alerts(&self) -> Result<Vec<Alert>> {
        let sql = format!(
            "SELECT {ALERT} FROM alert JOIN person ON person.id = alert.maker ORDER BY alert.name, alert.id"
        );
        self.database().read(|session| session.all(&sql, &[], alert))
    }

    /// An alert.
    ///
    /// # Errors
    /// If there is none of that number, or the store fails.
    pub fn alert(&self, id: AlertId) -> Result<Alert> {
        self.database().read(|session| find(session, id))
    }
}

pub(super) fn find(session: &mut dyn Session, id: AlertId) -> Result<Alert> {
    let sql = format!("SELECT {ALERT} FROM alert JOIN person ON person.id = alert.maker WHERE alert.id = ?1");
    session
        .first(&sql, &[id.0.into()], alert)?
        .ok_or_else(|| StoreError::Missing { what: "alert", name: id.0.to_string() })
}
