//! How the estate stood after each run: a sum over tallies.

use crate::census::{Census, Tally, TrendPoint, severity};
use crate::database::Session;
use crate::{Result, Store, StoreError};
use chrono::{DateTime, Utc};
use stance_model::{Score, ScoreBreakdown, Standing};

impl Store {
    /// How the verdicts that `choose` takes stood after each of the last runs, the earliest first.
    ///
    /// # Errors
    /// If the store fails.
    pub fn trend(
        &self,
        census: &Census,
        last: usize,
        choose: impl Fn(&Tally) -> bool,
    ) -> Result<Vec<TrendPoint>> {
        if census.tallies.get().is_none() {
            let tallies = self.database().read(|session| census.load_tallies(session))?;
            // another thread may have been quicker with the same
            let _ = census.tallies.set(tallies.into());
        }
        Ok(census.trend(last, choose))
    }
}

impl Census {
    fn load_tallies(&self, session: &mut dyn Session) -> Result<Vec<Tally>> {
        let mut tallies = self.all_tallies(session)?;
        tallies.retain(|tally| !self.settings.is_off(tally.rule.as_str()));
        Ok(tallies)
    }

    fn all_tallies(&self, session: &mut dyn Session) -> Result<Vec<Tally>> {
        session.all(
            "SELECT scope, rule, severity, from_run, to_run, passed, failed, unknown, excepted FROM tally",
            &[],
            |row| {
                let count = |column| Ok::<u64, StoreError>(row.get::<i64>(column)?.unsigned_abs());
                Ok(Tally {
                    scope: row.get(0)?,
                    rule: self.rule(row.get(1)?)?,
                    severity: severity(row.get(2)?),
                    from_run: row.get(3)?,
                    to_run: row.get(4)?,
                    counts: ScoreBreakdown {
                        passed: count(5)?,
                        failed: count(6)?,
                        unknown: count(7)?,
                        excepted: count(8)?,
                    },
                })
            },
        )
    }

    fn trend(&self, last: usize, choose: impl Fn(&Tally) -> bool) -> Vec<TrendPoint> {
        // what tallies said before that is no longer kept
        let kept = self.runs.iter().filter(|(run, _)| **run > self.forgotten);
        let mut runs: Vec<(i64, DateTime<Utc>)> = kept.map(|(run, at)| (*run, *at)).collect();
        runs.sort_unstable();
        let runs = runs.split_off(runs.len().saturating_sub(last));
        // what was accepted since the last run is part of how things stand
        let mut ends: Vec<i64> = runs.iter().map(|(run, _)| *run).collect();
        if let Some(end) = ends.last_mut() {
            *end = i64::MAX;
        }
        let mut scores = vec![Score::default(); runs.len()];
        let tallies = self.tallies.get().map(|tallies| tallies.iter()).into_iter().flatten();
        for tally in tallies.filter(|tally| choose(tally)) {
            let first = ends.partition_point(|end| *end < tally.from_run);
            let end = tally.to_run.map_or(ends.len(), |to| ends.partition_point(|end| *end < to));
            for score in scores.get_mut(first..end).into_iter().flatten() {
                let weight = tally.severity.weight();
                let ScoreBreakdown { passed, failed, unknown, excepted } = tally.counts;
                for (standing, count) in [
                    (Standing::Passing, passed),
                    (Standing::Failing, failed),
                    (Standing::Unknown, unknown),
                    (Standing::Excepted, excepted),
                ] {
                    score.verdicts.add(standing, count);
                    score.weighted.add(standing, count * weight);
                }
            }
        }
        runs.into_iter().zip(scores).map(|((run, at), score)| TrendPoint { run, at, score }).collect()
    }
}
