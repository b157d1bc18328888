//! A moment between runs at which findings begin or cease to be accepted: cells, history and trend follow.

use super::apply::is_open;
use super::next_moment;
use crate::Result;
use crate::database::{Kind, Session, TableColumns, Value};
use crate::import::{CellKey, Cells, standing_number, update_tallies};
use crate::runs::RunId;
use chrono::{DateTime, Utc};
use stance_model::{Standing, VerdictStatus};
use std::collections::BTreeMap;

/// Findings that one statement changes.
const AT_ONCE: usize = 500;

const PERIOD: TableColumns = TableColumns {
    table: "period",
    columns: &[
        ("finding", Kind::Integer),
        ("from_run", Kind::Integer),
        ("to_run", Kind::Integer),
        ("status", Kind::Integer),
        ("excepted", Kind::Integer),
    ],
};

/// A finding as it is kept.
pub(super) struct Kept {
    pub(super) number: i64,
    pub(super) cell: i64,
    pub(super) status: i64,
    pub(super) since: i64,
    pub(super) exception: Option<i64>,
}

/// A moment between runs.
pub(super) struct Adjustment {
    moment: RunId,
    at: DateTime<Utc>,
    changed: u64,
}

impl Adjustment {
    pub(super) fn begin(session: &mut dyn Session, now: DateTime<Utc>) -> Result<Self> {
        Ok(Self { moment: RunId(next_moment(session)?), at: now, changed: 0 })
    }

    /// Has findings of a scope covered by other exceptions than before, or by none; how many count otherwise now.
    pub(super) fn scope(
        &mut self,
        session: &mut dyn Session,
        scope: i64,
        changes: &[&(Kept, Option<i64>)],
    ) -> Result<u64> {
        if changes.is_empty() {
            return Ok(0);
        }
        let mut cells = Cells::load(session, scope)?;
        let mut ended: Vec<&Kept> = Vec::new();
        let mut moved: BTreeMap<(Option<i64>, Option<i64>), Vec<i64>> = BTreeMap::new();
        for (kept, exception) in changes {
            let Some(before) = cells.key(kept.cell).filter(|_| is_open(kept.status)) else { continue };
            let now = CellKey { standing: standing(kept.status, *exception), ..before };
            let cell = if now == before {
                None
            } else {
                ended.push(kept);
                cells.remove(before);
                Some(cells.add(now))
            };
            moved.entry((cell, *exception)).or_default().push(kept.number);
        }
        let changed = ended.len() as u64;
        session.insert(&PERIOD, &mut |put| {
            ended.iter().try_for_each(|kept| {
                put(&[
                    kept.number.into(),
                    kept.since.into(),
                    self.moment.value(),
                    kept.status.into(),
                    i64::from(kept.exception.is_some()).into(),
                ])
            })
        })?;
        for ((cell, exception), findings) in &moved {
            let covering = exception.map_or(Value::Null, Value::Integer);
            for part in findings.chunks(AT_ONCE) {
                self.put(session, *cell, covering, part)?;
            }
        }
        cells.save(session)?;
        update_tallies(session, scope, self.moment)?;
        self.changed += changed;
        Ok(changed)
    }

    /// Puts findings into a cell, if another one than before, under an exception.
    fn put(
        &self,
        session: &mut dyn Session,
        cell: Option<i64>,
        covering: Value<'_>,
        findings: &[i64],
    ) -> Result<()> {
        let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
        let findings = findings.join(", ");
        match cell {
            Some(cell) => session.execute(
                &format!(
                    "UPDATE finding SET exception = ?1, cell = ?2, since_run = ?3 WHERE id IN ({findings})"
                ),
                &[covering, cell.into(), self.moment.value()],
            )?,
            None => session.execute(
                &format!("UPDATE finding SET exception = ?1 WHERE id IN ({findings})"),
                &[covering],
            )?,
        };
        Ok(())
    }

    /// Keeps the moment, if anything was changed then.
    pub(super) fn end(self, session: &mut dyn Session) -> Result<()> {
        if self.changed > 0 {
            session.execute(
                "INSERT INTO adjustment (id, at) VALUES (?1, ?2)",
                &[self.moment.value(), self.at.timestamp_millis().into()],
            )?;
        }
        session.execute("UPDATE generation SET number = number + 1", &[])?;
        Ok(())
    }
}

/// How a finding counts that fails or is unknown.
fn standing(status: i64, exception: Option<i64>) -> i64 {
    let fails = crate::import::status_number(VerdictStatus::Fail);
    standing_number(match exception {
        Some(_) => Standing::Excepted,
        None if status == fails => Standing::Failing,
        None => Standing::Unknown,
    })
}
