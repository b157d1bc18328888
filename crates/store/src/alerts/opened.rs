//! The findings that a run has changed, as far as somebody wants to know of them.

use crate::census::{Cell, Census};
use crate::listing::{Constraints, FindingRow, Position};
use crate::runs::RunId;
use crate::search::{Passed, Search};
use crate::walk::Walk;
use crate::{Result, Store};
use stance_model::Severity;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

/// Findings whose verdict is what it is since one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// How many there are, by severity.
    pub counts: BTreeMap<Severity, u64>,
    /// The first of them, in the order of the cells.
    pub first: Vec<FindingRow>,
    /// Whether some may be missing, since the words that were looked for mean too many resources.
    pub is_partial: bool,
}

impl Opened {
    /// How many there are.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }
}

impl Store {
    /// The findings in those cells whose verdict is what it is since that run, and no other. Memory holds the first
    /// `most`, however many there are.
    ///
    /// # Errors
    /// If the store fails.
    pub fn opened_by(
        &self,
        run: RunId,
        census: &Census,
        cells: &[&Cell],
        constraints: &Constraints,
        most: usize,
    ) -> Result<Opened> {
        let places: HashMap<i64, (usize, Severity)> =
            cells.iter().enumerate().map(|(place, cell)| (cell.number, (place, cell.severity))).collect();
        self.database().read(|session| {
            let search = Search::of(session, self.database(), census, constraints)?;
            let mut counts: BTreeMap<Severity, u64> = BTreeMap::new();
            // the last of the first is on top
            let mut first: BinaryHeap<(usize, i64)> = BinaryHeap::new();
            let mut passed_by = HashMap::new();
            session.query(
                "SELECT id, cell, resource, first_run, since_run FROM finding WHERE since_run = ?1",
                &[run.value()],
                &mut |row| {
                    let passed = Passed {
                        number: row.get(0)?,
                        cell: row.get(1)?,
                        resource: row.get(2)?,
                        first_run: row.get(3)?,
                        since_run: row.get(4)?,
                    };
                    let place = passed.cell.and_then(|cell| places.get(&cell));
                    let Some((place, severity)) = place.filter(|_| search.is_met_by(&passed)) else {
                        return Ok(());
                    };
                    *counts.entry(*severity).or_default() += 1;
                    first.push((*place, passed.number));
                    passed_by.insert(passed.number, passed);
                    if first.len() > most
                        && let Some((_, number)) = first.pop()
                    {
                        passed_by.remove(&number);
                    }
                    Ok(())
                },
            )?;
            let walk = Walk { census, cells, from: Position::Start, limit: most as u64 };
            let page = walk.among(session, passed_by.into_values().collect())?;
            Ok(Opened { counts, first: page.findings, is_partial: search.is_too_common })
        })
    }
}
