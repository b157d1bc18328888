//! Runs: under way, done, failed.

use crate::database::{Row, Session, Value};
use crate::import::RunDetail;
use crate::{IntegrationId, Result, Store, StoreError, uncompressed};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use stance_model::{RuleId, Run, Scan, ScoreBreakdown, UnscannedScope};
use std::collections::BTreeSet;
use std::time::Duration;

/// The number of a run; later runs have greater ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(pub(crate) i64);

impl RunId {
    pub(crate) fn value(self) -> Value<'static> {
        Value::Integer(self.0)
    }

    /// The number.
    pub fn number(self) -> i64 {
        self.0
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// It goes on.
    UnderWay,
    /// Its results are in the store.
    Done,
    /// It came to nothing.
    Failed,
    /// Its process ended before it did.
    Abandoned,
}

impl RunState {
    const ALL: [Self; 4] = [Self::UnderWay, Self::Done, Self::Failed, Self::Abandoned];

    pub(crate) fn value(self) -> Value<'static> {
        Value::Integer(match self {
            Self::UnderWay => 0,
            Self::Done => 1,
            Self::Failed => 2,
            Self::Abandoned => 3,
        })
    }

    fn of(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.value() == Value::Integer(number))
    }
}

/// A run in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunSummary {
    /// Its number.
    pub id: RunId,
    /// A name that whoever sends it chose, so that sending it twice is noticed.
    pub uid: String,
    /// How far it is.
    pub state: RunState,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it failed.
    pub error: Option<String>,
    /// How many scopes it read.
    pub scopes: u64,
    /// How many resources it read.
    pub resources: u64,
    /// How its findings count.
    pub score: ScoreBreakdown,
    /// Findings that fail and did not before.
    pub opened: u64,
    /// Findings that failed before and no longer do.
    pub resolved: u64,
    /// The integration that it is a run of; nothing where somebody scanned by hand.
    pub integration: Option<IntegrationId>,
    /// How far it said last that it is.
    pub progress: Option<RunProgress>,
    /// Who asked it to end before its time.
    pub stop_asked_by: Option<String>,
}

/// How far a run is that goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunProgress {
    /// Accounts to scan, as far as they are known.
    pub accounts: u64,
    /// Of these, the ones that are done or have failed.
    pub accounts_done: u64,
    /// Listings to read, as far as they are known: a type of resource in a region of an account each.
    pub listings: u64,
    /// Of these, the ones that are read or could not be.
    pub listings_done: u64,
    /// What was read last: the account and the type of resource.
    pub last: Option<(String, String)>,
}

/// All that a run tells.
#[derive(Clone, Debug, PartialEq)]
pub struct RunReport {
    /// In short.
    pub summary: RunSummary,
    /// The scan as a whole.
    pub scan: Scan,
    /// Scopes that were not scanned.
    pub unscanned: Vec<UnscannedScope>,
    /// The rules that judged.
    pub rules: Vec<RuleId>,
    /// The run of each scope.
    pub runs: Vec<Run>,
}

pub(crate) const SUMMARY: &str = "SELECT run.id, run.uid, run.state, run.started_at, run.ended_at, run.error, \
    count(run_scope.scope), CAST(sum(run_scope.resources) AS BIGINT), CAST(sum(run_scope.passed) AS BIGINT), \
    CAST(sum(run_scope.failed) AS BIGINT), CAST(sum(run_scope.unknown) AS BIGINT), \
    CAST(sum(run_scope.excepted) AS BIGINT), CAST(sum(run_scope.opened) AS BIGINT), \
    CAST(sum(run_scope.resolved) AS BIGINT), run.integration, run.progress, \
    run.stop_asked_by FROM run LEFT JOIN run_scope ON run_scope.run = run.id";

/// The question for summaries. Where only some scopes are meant, runs without any of them are left out, and the
/// numbers are about these alone.
fn summaries(scopes: Option<&BTreeSet<i64>>, which: &str) -> String {
    let Some(scopes) = scopes else { return format!("{SUMMARY} WHERE {which} GROUP BY run.id") };
    let list: Vec<String> = scopes.iter().map(ToString::to_string).collect();
    // an empty list is no SQL
    let list = if list.is_empty() { "NULL".to_owned() } else { list.join(", ") };
    format!(
        "{SUMMARY} AND run_scope.scope IN ({list}) WHERE {which} GROUP BY run.id HAVING count(run_scope.scope) > 0"
    )
}

pub(crate) fn summary(row: &Row<'_>) -> Result<RunSummary> {
    let count = |column: usize| -> Result<u64> { number(row, column) };
    let state: i64 = row.get(2)?;
    Ok(RunSummary {
        id: RunId(row.get(0)?),
        uid: row.get(1)?,
        state: RunState::of(state).ok_or_else(|| StoreError::Content {
            place: "run.state",
            message: format!("`{state}` is no state"),
        })?,
        started_at: moment(row.get(3)?),
        ended_at: row.get::<Option<i64>>(4)?.map(moment),
        error: row.get(5)?,
        scopes: count(6)?,
        resources: count(7)?,
        score: ScoreBreakdown {
            passed: count(8)?,
            failed: count(9)?,
            unknown: count(10)?,
            excepted: count(11)?,
        },
        opened: count(12)?,
        resolved: count(13)?,
        integration: row.get::<Option<i64>>(14)?.map(IntegrationId),
        progress: row.get::<Option<String>>(15)?.and_then(|text| serde_json::from_str(&text).ok()),
        stop_asked_by: row.get(16)?,
    })
}

/// A count. Sums are of a wider type in PostgreSQL, so statements cast them.
fn number(row: &Row<'_>, column: usize) -> Result<u64> {
    Ok(row.get::<Option<i64>>(column)?.unwrap_or_default().unsigned_abs())
}

/// A moment of the store.
pub(crate) fn moment(milliseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(milliseconds).unwrap_or(DateTime::UNIX_EPOCH)
}

impl Store {
    /// Begins a run. Nothing of it is to be seen but that it goes on, until it is imported.
    ///
    /// # Errors
    /// If the store fails, or there is a run of that name.
    pub fn begin_run(&self, uid: &str, started_at: DateTime<Utc>) -> Result<RunId> {
        self.database().write(|session| insert(session, uid, started_at))
    }

    /// Says of which integration a run is.
    ///
    /// # Errors
    /// If the store fails.
    pub fn note_integration(&self, run: RunId, integration: IntegrationId) -> Result<()> {
        self.database().write(|session| {
            session.execute(
                "UPDATE run SET integration = ?2 WHERE id = ?1",
                &[run.value(), integration.value()],
            )?;
            Ok(())
        })
    }

    /// Says that a run is still going on, and how far it is; whether somebody wants it to end.
    ///
    /// # Errors
    /// If the store fails.
    pub fn heartbeat(&self, run: RunId, progress: &RunProgress, now: DateTime<Utc>) -> Result<bool> {
        let progress = serde_json::to_string(progress)
            .map_err(|error| StoreError::Content { place: "run.progress", message: error.to_string() })?;
        self.database().write(|session| {
            session.execute(
                "UPDATE run SET heartbeat_at = ?2, progress = ?3 WHERE id = ?1",
                &[run.value(), now.timestamp_millis().into(), (&progress).into()],
            )?;
            let asked = session.number(
                "SELECT count(*) FROM run WHERE id = ?1 AND stop_asked_by IS NOT NULL",
                &[run.value()],
            )?;
            Ok(asked > 0)
        })
    }

    /// Ends a run that came to nothing.
    ///
    /// # Errors
    /// If the store fails.
    pub fn fail_run(&self, run: RunId, error: &str, now: DateTime<Utc>) -> Result<()> {
        self.database().write(|session| {
            session.execute(
                "UPDATE run SET state = ?2, ended_at = ?3, error = ?4 WHERE id = ?1",
                &[run.value(), RunState::Failed.value(), now.timestamp_millis().into(), error.into()],
            )?;
            crate::alerts::note_failed(session, run)
        })
    }

    /// Ends the runs of processes that have said nothing for so long; how many there were.
    ///
    /// # Errors
    /// If the store fails.
    pub fn abandon_silent_runs(&self, now: DateTime<Utc>, silence: Duration) -> Result<u64> {
        let silence = i64::try_from(silence.as_millis()).unwrap_or(i64::MAX);
        let now = now.timestamp_millis();
        self.database().write(|session| {
            let silent = session.all(
                "SELECT id FROM run WHERE state = ?2 AND heartbeat_at < ?1 ORDER BY id",
                &[now.saturating_sub(silence).into(), RunState::UnderWay.value()],
                |row| row.get::<i64>(0),
            )?;
            for run in silent.iter().copied().map(RunId) {
                session.execute(
                    "UPDATE run SET state = ?2, ended_at = heartbeat_at WHERE id = ?1",
                    &[run.value(), RunState::Abandoned.value()],
                )?;
                crate::alerts::note_failed(session, run)?;
            }
            Ok(silent.len() as u64)
        })
    }

    /// The last runs, the latest first; those before `before` if it is given.
    ///
    /// # Errors
    /// If the store fails.
    pub fn runs(&self, before: Option<RunId>, limit: u32) -> Result<Vec<RunSummary>> {
        self.runs_among(None, before, limit)
    }

    /// The last runs of some scopes, by the scopes' numbers, as if there were no others; of all where none are given.
    ///
    /// # Errors
    /// If the store fails.
    pub fn runs_among(
        &self,
        scopes: Option<&BTreeSet<i64>>,
        before: Option<RunId>,
        limit: u32,
    ) -> Result<Vec<RunSummary>> {
        let before = before.map_or(i64::MAX, |run| run.0);
        let sql = format!("{} ORDER BY run.id DESC LIMIT ?2", summaries(scopes, "run.id < ?1"));
        self.database().read(|session| session.all(&sql, &[before.into(), i64::from(limit).into()], summary))
    }

    /// The last runs of an integration, the latest first.
    ///
    /// # Errors
    /// If the store fails.
    pub fn runs_of_integration(&self, integration: IntegrationId, limit: u32) -> Result<Vec<RunSummary>> {
        let sql = format!("{} ORDER BY run.id DESC LIMIT ?2", summaries(None, "run.integration = ?1"));
        let values = [integration.value(), i64::from(limit).into()];
        self.database().read(|session| session.all(&sql, &values, summary))
    }

    /// All that a run tells, if it is done.
    ///
    /// # Errors
    /// If the store fails, or there is no such run.
    pub fn run(&self, run: RunId) -> Result<(RunSummary, Option<RunReport>)> {
        self.run_among(None, run)
    }

    /// All that a run tells of some scopes, by the scopes' numbers, as if there were no others; of all where none are
    /// given. What a run tells as a whole, such as its traffic and why it failed, is left as it is.
    ///
    /// # Errors
    /// If the store fails, or there is no such run of them.
    pub fn run_among(
        &self,
        scopes: Option<&BTreeSet<i64>>,
        run: RunId,
    ) -> Result<(RunSummary, Option<RunReport>)> {
        let missing = || StoreError::Missing { what: "run", name: run.0.to_string() };
        self.database().read(|session| {
            let summary = session
                .first(&summaries(scopes, "run.id = ?1"), &[run.value()], summary)?
                .ok_or_else(missing)?;
            let detail: Option<Vec<u8>> = session
                .first("SELECT detail FROM run WHERE id = ?1", &[run.value()], |row| row.get(0))?
                .flatten();
            let Some(detail) = detail else { return Ok((summary, None)) };
            let detail: RunDetail = uncompressed(&detail, "run.detail")?;
            let runs = session.all(
                "SELECT scope.id, run_scope.detail FROM run_scope JOIN scope ON scope.id = run_scope.scope \
                 WHERE run_scope.run = ?1 ORDER BY scope.scope",
                &[run.value()],
                |row| {
                    let is_meant =
                        scopes.is_none_or(|scopes| row.get(0).is_ok_and(|id: i64| scopes.contains(&id)));
                    let read = || uncompressed(&row.get::<Vec<u8>>(1)?, "run_scope.detail");
                    is_meant.then(read).transpose()
                },
            )?;
            let runs = runs.into_iter().flatten().collect();
            let report = RunReport {
                summary: summary.clone(),
                scan: detail.scan,
                unscanned: detail.unscanned,
                rules: detail.rules,
                runs,
            };
            Ok((summary, Some(report)))
        })
    }
}

/// Puts a run there that goes on.
pub(crate) fn insert(session: &mut dyn Session, uid: &str, started_at: DateTime<Utc>) -> Result<RunId> {
    let now = started_at.timestamp_millis();
    let id = crate::exceptions::next_moment(session)?;
    session.execute(
        "INSERT INTO run (id, uid, state, started_at, heartbeat_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[id.into(), uid.into(), RunState::UnderWay.value(), now.into(), now.into()],
    )?;
    Ok(RunId(id))
}

impl From<i64> for RunId {
    fn from(number: i64) -> Self {
        Self(number)
    }
}
