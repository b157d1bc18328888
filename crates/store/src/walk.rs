//! A page of findings, by a walk over cells in their order.

use crate::Result;
use crate::census::{Cell, Census};
use crate::database::{Session, Value};
use crate::listing::{FindingRow, Page, Position, ROW, finding};
use crate::search::{Passed, Search};
use std::collections::HashMap;

/// Findings that are passed by for one page; what is rarer is found by asking for the next one.
const BUDGET: u64 = 60_000;
/// Findings that are fetched at a time while some of them are not wanted.
const AT_ONCE: u64 = 5_000;

/// Cells in the order that is wanted, and the part of their findings that makes a page.
pub(crate) struct Walk<'w> {
    pub(crate) census: &'w Census,
    pub(crate) cells: &'w [&'w Cell],
    pub(crate) from: Position,
    pub(crate) limit: u64,
}

impl Walk<'_> {
    fn offset(&self) -> u64 {
        match self.from {
            Position::Offset(offset) => offset,
            Position::Start | Position::After { .. } => 0,
        }
    }

    /// Every finding of the cells is wanted, so their counts tell where the page begins.
    pub(crate) fn counted(&self, session: &mut dyn Session) -> Result<Page> {
        let total: u64 = self.cells.iter().map(|cell| cell.findings).sum();
        let mut findings = Vec::new();
        let mut skip = self.offset();
        for cell in self.cells {
            if skip >= cell.findings {
                skip -= cell.findings;
                continue;
            }
            let missing = self.limit - findings.len() as u64;
            if missing == 0 {
                break;
            }
            session.query(
                &format!("{ROW} WHERE finding.cell = ?1 ORDER BY finding.id LIMIT ?2 OFFSET ?3"),
                &[cell.number.into(), number(missing), number(skip)],
                &mut |row| {
                    findings.push(finding(self.census, row)?);
                    Ok(())
                },
            )?;
            skip = 0;
        }
        let end = self.offset() + findings.len() as u64;
        let next = (end < total && !findings.is_empty()).then_some(Position::Offset(end));
        Ok(Page { findings, total: Some(total), next })
    }

    /// A page of what is all at hand.
    pub(crate) fn among(&self, session: &mut dyn Session, candidates: Vec<Passed>) -> Result<Page> {
        let places: HashMap<i64, usize> =
            self.cells.iter().enumerate().map(|(place, cell)| (cell.number, place)).collect();
        let mut chosen: Vec<(usize, i64)> = candidates
            .into_iter()
            .filter_map(|passed| Some((*places.get(&passed.cell?)?, passed.number)))
            .collect();
        chosen.sort_unstable();
        let total = chosen.len() as u64;
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let page = chosen.into_iter().skip(size(self.offset())).take(size(self.limit));
        let numbers: Vec<i64> = page.map(|(_, number)| number).collect();
        let findings = self.fetched(session, &numbers)?;
        let end = self.offset() + findings.len() as u64;
        let next = (end < total && !findings.is_empty()).then_some(Position::Offset(end));
        Ok(Page { findings, total: Some(total), next })
    }

    /// Passes by one finding after the other until the page is full.
    pub(crate) fn searched(&self, session: &mut dyn Session, search: &Search) -> Result<Page> {
        let (begin, mut after) = match self.from {
            Position::After { cell, finding } => {
                (self.cells.iter().position(|held| held.number == cell).unwrap_or(self.cells.len()), finding)
            }
            Position::Start | Position::Offset(_) => (0, 0),
        };
        let mut met = Vec::new();
        let mut next = None;
        let mut passed_by = 0;
        'cells: for cell in self.cells.iter().skip(begin) {
            loop {
                let batch = session.all(
                    "SELECT id, resource, first_run, since_run FROM finding \
                     WHERE cell = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
                    &[cell.number.into(), after.into(), number(AT_ONCE)],
                    |row| {
                        Ok(Passed {
                            number: row.get(0)?,
                            cell: Some(cell.number),
                            resource: row.get(1)?,
                            first_run: row.get(2)?,
                            since_run: row.get(3)?,
                        })
                    },
                )?;
                for passed in &batch {
                    after = passed.number;
                    passed_by += 1;
                    if search.is_met_by(passed) {
                        met.push(passed.number);
                    }
                    if met.len() as u64 == self.limit || passed_by == BUDGET {
                        next = Some(Position::After { cell: cell.number, finding: after });
                        break 'cells;
                    }
                }
                if (batch.len() as u64) < AT_ONCE {
                    break;
                }
            }
            after = 0;
        }
        Ok(Page { findings: self.fetched(session, &met)?, total: None, next })
    }

    fn fetched(&self, session: &mut dyn Session, numbers: &[i64]) -> Result<Vec<FindingRow>> {
        let mut findings = Vec::with_capacity(numbers.len());
        for number in numbers {
            let row = format!("{ROW} WHERE finding.id = ?1");
            findings.extend(session.first(&row, &[(*number).into()], |row| finding(self.census, row))?);
        }
        Ok(findings)
    }
}

fn number(count: u64) -> Value<'static> {
    Value::Integer(i64::try_from(count).unwrap_or(i64::MAX))
}
