//! Messages that wait to be sent: written in the transaction of what they are about, taken by one sender at a time.

use super::alert::{ALERT, AlertId, COLUMNS, Watches, alert};
use super::message::{AlertMessage, Cause, DueMessage, MessageId, MessageState};
use super::roster::find;
use crate::database::{Row, Session, Value};
use crate::people::{Act, Actor, log};
use crate::runs::{RunId, moment};
use crate::{Result, Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};

/// So long what became of a message is kept.
const KEPT: TimeDelta = TimeDelta::days(90);
/// An alert is tried again after so long at the earliest.
const BETWEEN_TESTS: TimeDelta = TimeDelta::seconds(10);

const MESSAGE: &str = "alert_message.id, alert_message.cause, alert_message.state, alert_message.due_at, \
    alert_message.attempts, alert_message.first_tried_at, alert_message.ended_at, alert_message.findings, \
    alert_message.reason";

fn message(row: &Row<'_>, from: usize) -> Result<AlertMessage> {
    Ok(AlertMessage {
        id: MessageId(row.get(from)?),
        cause: Cause::kept(&row.get::<String>(from + 1)?)?,
        state: MessageState::kept(row.get(from + 2)?)?,
        due_at: moment(row.get(from + 3)?),
        attempts: row.get::<i64>(from + 4)?.unsigned_abs(),
        first_tried_at: row.get::<Option<i64>>(from + 5)?.map(moment),
        ended_at: row.get::<Option<i64>>(from + 6)?.map(moment),
        findings: row.get::<Option<i64>>(from + 7)?.map(i64::unsigned_abs),
        reason: row.get(from + 8)?,
    })
}

/// Leaves a message for each alert on findings, in the transaction that takes a run in.
pub(crate) fn note_done(session: &mut dyn Session, run: RunId) -> Result<()> {
    note(session, Watches::Findings, &Cause::Done(run))
}

/// Leaves a message for each alert on failed runs, in the transaction that says that a run failed.
pub(crate) fn note_failed(session: &mut dyn Session, run: RunId) -> Result<()> {
    note(session, Watches::FailedRuns, &Cause::Failed(run))
}

fn note(session: &mut dyn Session, watches: Watches, cause: &Cause) -> Result<()> {
    let sql = "SELECT id FROM alert WHERE watches = ?1 AND active = 1 ORDER BY id";
    let alerts = session.all(sql, &[watches.value()], |row| row.get::<i64>(0))?;
    for alert in alerts {
        put(session, AlertId(alert), cause)?;
    }
    Ok(())
}

/// Leaves a message, unless there is one for that cause.
fn put(session: &mut dyn Session, alert: AlertId, cause: &Cause) -> Result<()> {
    let cause = cause.text();
    let there = session.number(
        "SELECT count(*) FROM alert_message WHERE alert = ?1 AND cause = ?2",
        &[alert.0.into(), (&cause).into()],
    )?;
    if there > 0 {
        return Ok(());
    }
    let id = crate::import::next_id(session, "alert_message")?;
    session.execute(
        "INSERT INTO alert_message (id, alert, cause, state, due_at, attempts) VALUES (?1, ?2, ?3, ?4, 0, 0)",
        &[id.into(), alert.0.into(), (&cause).into(), MessageState::Waiting.value()],
    )?;
    Ok(())
}

impl Store {
    /// Leaves a message for each of those alerts that an integration is overdue; one for each time it was due.
    ///
    /// # Errors
    /// If the store fails.
    pub fn note_overdue(&self, alerts: &[AlertId], integration: &str, due_at: DateTime<Utc>) -> Result<()> {
        let cause = Cause::Overdue { integration: integration.to_owned(), due_at };
        self.database().write(|session| alerts.iter().try_for_each(|alert| put(session, *alert, &cause)))
    }

    /// Leaves a message by which somebody tries an alert.
    ///
    /// # Errors
    /// If it was tried a moment ago, there is no such alert, or the store fails.
    pub fn note_test(&self, id: AlertId, by: &Actor, now: DateTime<Utc>) -> Result<MessageId> {
        self.database().write(|session| {
            let alert = find(session, id)?;
            let sql = "SELECT cause FROM alert_message WHERE alert = ?1 ORDER BY id DESC LIMIT 10";
            let causes = session.all(sql, &[id.0.into()], |row| Cause::kept(&row.get::<String>(0)?))?;
            let is_recent = |cause: &Cause| matches!(cause, Cause::Test(at) if now - *at < BETWEEN_TESTS);
            if causes.iter().any(is_recent) {
                let message = "a test message was sent a moment ago; wait ten seconds, and try again";
                return Err(StoreError::Unfit(message.to_owned()));
            }
            let cause = Cause::Test(now);
            put(session, id, &cause)?;
            log(session, by, Act::TestedAlert, &alert.chosen.name, now)?;
            let sql = "SELECT id FROM alert_message WHERE alert = ?1 AND cause = ?2";
            Ok(MessageId(session.number(sql, &[id.0.into(), (&cause.text()).into()])?))
        })
    }

    /// Messages that are to be sent now, the oldest first.
    ///
    /// # Errors
    /// If the store fails.
    pub fn due_messages(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<DueMessage>> {
        let which =
            "alert_message.state = ?1 AND alert_message.due_at <= ?2 ORDER BY alert_message.id LIMIT ?3";
        let values = [MessageState::Waiting.value(), now.timestamp_millis().into(), i64::from(limit).into()];
        self.database().read(|session| due(session, which, &values))
    }

    /// A message that is to be sent, whenever it is due; nothing where it is not to be sent.
    ///
    /// # Errors
    /// If the store fails.
    pub fn due_message(&self, id: MessageId) -> Result<Option<DueMessage>> {
        let which = "alert_message.state = ?1 AND alert_message.id = ?2";
        let values = [MessageState::Waiting.value(), id.0.into()];
        Ok(self.database().read(|session| due(session, which, &values))?.into_iter().next())
    }

    /// Takes a message for sending: until `until` nobody else does. Whether it was still to be had.
    ///
    /// # Errors
    /// If the store fails.
    pub fn claim_message(
        &self,
        message: &AlertMessage,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool> {
        self.database().write(|session| {
            let claimed = session.execute(
                "UPDATE alert_message SET due_at = ?2, attempts = attempts + 1, \
                 first_tried_at = COALESCE(first_tried_at, ?3) WHERE id = ?1 AND state = ?4 AND attempts = ?5",
                &[
                    message.id.0.into(),
                    until.timestamp_millis().into(),
                    now.timestamp_millis().into(),
                    MessageState::Waiting.value(),
                    i64::try_from(message.attempts).unwrap_or(i64::MAX).into(),
                ],
            )?;
            Ok(claimed == 1)
        })
    }

    /// Keeps what a message says, so that it says the same when it is tried again.
    ///
    /// # Errors
    /// If the store fails.
    pub fn keep_body(&self, id: MessageId, body: &[u8], findings: Option<u64>) -> Result<()> {
        let findings = findings.map(|count| i64::try_from(count).unwrap_or(i64::MAX));
        self.database().write(|session| {
            let sql = "UPDATE alert_message SET body = ?2, findings = ?3 WHERE id = ?1";
            session.execute(sql, &[id.0.into(), body.into(), findings.into()])?;
            Ok(())
        })
    }

    /// Has a message tried again later.
    ///
    /// # Errors
    /// If the store fails.
    pub fn postpone_message(&self, id: MessageId, due_at: DateTime<Utc>, reason: &str) -> Result<()> {
        self.database().write(|session| {
            let sql = "UPDATE alert_message SET due_at = ?2, reason = ?3 WHERE id = ?1 AND state = ?4";
            let waiting = MessageState::Waiting.value();
            session.execute(sql, &[id.0.into(), due_at.timestamp_millis().into(), reason.into(), waiting])?;
            Ok(())
        })
    }

    /// Says what became of a message for good. What it said is no longer kept.
    ///
    /// # Errors
    /// If the store fails.
    pub fn settle_message(
        &self,
        id: MessageId,
        state: MessageState,
        reason: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.database().write(|session| {
            session.execute(
                "UPDATE alert_message SET state = ?2, reason = ?3, ended_at = ?4, body = NULL WHERE id = ?1",
                &[id.0.into(), state.value(), reason.into(), now.timestamp_millis().into()],
            )?;
            let long_ago = (now - KEPT).timestamp_millis();
            let sql =
                "DELETE FROM alert_message WHERE ended_at < ?1 AND id <> (SELECT max(id) FROM alert_message)";
            session.execute(sql, &[long_ago.into()])?;
            Ok(())
        })
    }

    /// What became of an alert's messages, the latest first.
    ///
    /// # Errors
    /// If the store fails.
    pub fn alert_messages(&self, alert: AlertId, limit: u32) -> Result<Vec<AlertMessage>> {
        let sql = format!("SELECT {MESSAGE} FROM alert_message WHERE alert = ?1 ORDER BY id DESC LIMIT ?2");
        self.database().read(|session| {
            session.all(&sql, &[alert.0.into(), i64::from(limit).into()], |row| message(row, 0))
        })
    }
}

fn due(session: &mut dyn Session, which: &str, values: &[Value<'_>]) -> Result<Vec<DueMessage>> {
    let sql = format!(
        "SELECT {ALERT}, {MESSAGE}, alert_message.body FROM alert_message \
         JOIN alert ON alert.id = alert_message.alert JOIN person ON person.id = alert.maker WHERE {which}"
    );
    session.all(&sql, values, |row| {
        Ok(DueMessage { alert: alert(row)?, message: message(row, COLUMNS)?, body: row.get(COLUMNS + 9)? })
    })
}
