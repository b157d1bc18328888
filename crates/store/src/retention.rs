//! How long history is kept. What is so now is always kept: the estate, its findings, since when each is as it is.

use crate::database::Session;
use crate::people::audit::log;
use crate::runs::{RunId, RunState};
use crate::{Act, Actor, Result, Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};

/// The setting that says for how many days.
const KEPT_DAYS: &str = "kept_days";
/// The setting that says up to which run history is gone.
const FORGOTTEN: &str = "forgotten_run";

/// For how long history is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// For good.
    Forever,
    /// For so many days.
    Days(u32),
}

impl Retention {
    /// The fewest days: a week of daily runs must be there to compare.
    pub const FEWEST: u32 = 7;
    /// The most days, some hundred years.
    pub const MOST: u32 = 36_500;

    /// Understands what people write: a number of days, or nothing for ever.
    ///
    /// # Errors
    /// If it is no number, or too few or too many days.
    pub fn of(text: &str) -> Result<Self> {
        if text.trim().is_empty() {
            return Ok(Self::Forever);
        }
        let days = text.trim().parse().ok().filter(|days| (Self::FEWEST..=Self::MOST).contains(days));
        days.map(Self::Days).ok_or_else(|| {
            let (fewest, most) = (Self::FEWEST, Self::MOST);
            StoreError::Unfit(format!(
                "`{text}` is no number of days; write {fewest} to {most}, or nothing to keep everything"
            ))
        })
    }
}

/// What was forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Runs of which only the numbers are left.
    pub runs: u64,
    /// Resources that were gone already.
    pub resources: u64,
    /// Earlier verdicts.
    pub verdicts: u64,
    /// Earlier configurations.
    pub configurations: u64,
}

impl Store {
    /// For how long history is kept.
    ///
    /// # Errors
    /// If the store fails.
    pub fn retention(&self) -> Result<Retention> {
        self.database().read(|session| {
            let text = setting(session, KEPT_DAYS)?;
            text.map_or(Ok(Retention::Forever), |text| Retention::of(&text))
        })
    }

    /// Sets for how long history is kept. What is older goes with the next [`Store::forget_old`].
    ///
    /// # Errors
    /// If the store fails.
    pub fn set_retention(&self, retention: Retention, by: &Actor, now: DateTime<Utc>) -> Result<()> {
        self.database().write(|session| {
            let subject = match retention {
                Retention::Forever => {
                    session.execute("DELETE FROM setting WHERE name = ?1", &[KEPT_DAYS.into()])?;
                    "everything".to_owned()
                }
                Retention::Days(days) => {
                    set(session, KEPT_DAYS, &days.to_string())?;
                    format!("{days} days")
                }
            };
            log(session, by, Act::SetRetention, &subject, now)
        })
    }

    /// Forgets the history that is older than is to be kept: verdicts and configurations that were followed by others,
    /// what is gone, and what runs read. Each run's numbers stay.
    ///
    /// # Errors
    /// If the store fails.
    pub fn forget_old(&self, now: DateTime<Utc>) -> Result<Forgotten> {
        let Retention::Days(days) = self.retention()? else { return Ok(Forgotten::default()) };
        let before = (now - TimeDelta::days(i64::from(days))).timestamp_millis();
        let horizon = self.database().read(|session| {
            session.number(
                "SELECT max(id) FROM run WHERE state <> ?1 AND started_at < ?2",
                &[RunState::UnderWay.value(), before.into()],
            )
        })?;
        let known = self.database().read(forgotten)?;
        if horizon <= known {
            return Ok(Forgotten::default());
        }
        self.database().write(|session| forget(session, RunId::from(horizon)))
    }
}

/// Resources that were gone by then.
const GONE: &str = "SELECT id FROM resource WHERE gone_run <= ?1";
/// Findings that were gone by then, and those of such resources.
const GONE_FINDINGS: &str = "SELECT id FROM finding WHERE (cell IS NULL AND since_run <= ?1) \
    OR resource IN (SELECT id FROM resource WHERE gone_run <= ?1)";
/// Runs that tell what is so now.
const LAST: &str = "SELECT last_run FROM scope WHERE last_run IS NOT NULL";

fn forget(session: &mut dyn Session, horizon: RunId) -> Result<Forgotten> {
    let values = [horizon.value()];
    let mut change = |sql: &str| session.execute(sql, &values);
    // the findings of what is gone, before that itself
    let mut verdicts = change(&format!("DELETE FROM period WHERE finding IN ({GONE_FINDINGS})"))?;
    verdicts += change("DELETE FROM period WHERE to_run <= ?1")?;
    change(&format!("DELETE FROM finding WHERE id IN ({GONE_FINDINGS})"))?;
    let mut configurations = change(&format!("DELETE FROM configuration WHERE resource IN ({GONE})"))?;
    configurations += change("DELETE FROM configuration WHERE to_run <= ?1")?;
    change(&format!("DELETE FROM evidence WHERE resource IN ({GONE})"))?;
    change(&format!("DELETE FROM resource_text WHERE rowid IN ({GONE})"))?;
    let resources = change("DELETE FROM resource WHERE gone_run <= ?1")?;
    change("DELETE FROM tally WHERE to_run <= ?1")?;
    // what the last run about a scope told is what is so now
    let runs = change(&format!(
        "UPDATE run SET detail = NULL WHERE id <= ?1 AND detail IS NOT NULL AND id NOT IN ({LAST})"
    ))?;
    session.execute(
        &format!("UPDATE run_scope SET detail = ?2 WHERE run <= ?1 AND run NOT IN ({LAST})"),
        &[horizon.value(), (&Vec::new()).into()],
    )?;
    set(session, FORGOTTEN, &horizon.number().to_string())?;
    session.execute("UPDATE generation SET number = number + 1", &[])?;
    Ok(Forgotten { runs, resources, verdicts, configurations })
}

/// The last run whose history is no longer kept; 0 where all of it is.
pub(crate) fn forgotten(session: &mut dyn Session) -> Result<i64> {
    Ok(setting(session, FORGOTTEN)?.and_then(|text| text.parse().ok()).unwrap_or_default())
}

fn setting(session: &mut dyn Session, name: &str) -> Result<Option<String>> {
    session.first("SELECT value FROM setting WHERE name = ?1", &[name.into()], |row| row.get(0))
}

fn set(session: &mut dyn Session, name: &str, value: &str) -> Result<()> {
    session.execute("DELETE FROM setting WHERE name = ?1", &[name.into()])?;
    session.execute("INSERT INTO setting (name, value) VALUES (?1, ?2)", &[name.into(), value.into()])?;
    Ok(())
}
