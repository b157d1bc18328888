//! Runs as those see them who may see some scopes only.

use crate::database::Session;
use crate::lookup::missing;
use crate::runs::{RunId, RunSummary, SUMMARY, summary};
use crate::{Result, Store};
use std::collections::BTreeSet;

impl Store {
    /// The last runs that read any of those scopes (by number), the latest first, counted over these alone.
    ///
    /// # Errors
    /// If the store fails.
    pub fn runs_of(
        &self,
        scopes: &BTreeSet<i64>,
        before: Option<RunId>,
        limit: u32,
    ) -> Result<Vec<RunSummary>> {
        let before = before.map_or(i64::MAX, RunId::number);
        self.database().read(|session| {
            let mut met = BTreeSet::new();
            for scope in scopes {
                met.extend(session.all(
                    "SELECT run FROM run_scope WHERE scope = ?1 AND run < ?2 ORDER BY run DESC LIMIT ?3",
                    &[(*scope).into(), before.into(), i64::from(limit).into()],
                    |row| row.get::<i64>(0),
                )?);
            }
            let last = met.into_iter().rev().take(usize::try_from(limit).unwrap_or(usize::MAX));
            last.map(|run| share(session, RunId(run), scopes)).collect()
        })
    }

    /// A run, counted over those scopes (by number) alone; there is none where it read none of them.
    ///
    /// # Errors
    /// If the store fails, or there is no such run.
    pub fn run_of(&self, scopes: &BTreeSet<i64>, run: RunId) -> Result<RunSummary> {
        self.database().read(|session| share(session, run, scopes))
    }
}

fn share(session: &mut dyn Session, run: RunId, scopes: &BTreeSet<i64>) -> Result<RunSummary> {
    let mut told = session
        .first(&format!("{SUMMARY} WHERE run.id = ?1 GROUP BY run.id"), &[run.value()], summary)?
        .ok_or_else(|| missing(run))?;
    (told.scopes, told.resources, told.opened, told.resolved) = (0, 0, 0, 0);
    told.score = stance_model::ScoreBreakdown::default();
    session.query(
        "SELECT scope, resources, passed, failed, unknown, excepted, opened, resolved FROM run_scope \
         WHERE run = ?1",
        &[run.value()],
        &mut |row| {
            if scopes.contains(&row.get::<i64>(0)?) {
                let count = |column| Ok::<u64, crate::StoreError>(row.get::<i64>(column)?.unsigned_abs());
                told.scopes += 1;
                told.resources += count(1)?;
                told.score.passed += count(2)?;
                told.score.failed += count(3)?;
                told.score.unknown += count(4)?;
                told.score.excepted += count(5)?;
                told.opened += count(6)?;
                told.resolved += count(7)?;
            }
            Ok(())
        },
    )?;
    if told.scopes == 0 { Err(missing(run)) } else { Ok(told) }
}
