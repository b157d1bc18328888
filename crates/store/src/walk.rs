//! A page of findings, by a walk over cells in their order.

use crate::Result;
use crate::census::{Cell, Census};
use crate::database::{Session, Value};
use crate::listing::{Page, Position, ROW, finding};
use crate::search::{Found, Search};
use std::collections::HashMap;

/// Findings that are looked at for one page; what is rarer is found by asking for the next one.
const BUDGET: u64 = 30_000;
/// Findings that are fetched at a time while some of them are not wanted.
const AT_ONCE: u64 = 500;

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

    /// A page of what is all in memory.
    pub(crate) fn among(&self, candidates: Vec<Found>) -> Page {
        let places: HashMap<i64, usize> =
            self.cells.iter().enumerate().map(|(place, cell)| (cell.number, place)).collect();
        let mut chosen: Vec<(usize, Found)> =
            candidates.into_iter().filter_map(|found| Some((*places.get(&found.cell?)?, found))).collect();
        chosen.sort_by_key(|(place, found)| (*place, found.number));
        let total = chosen.len() as u64;
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let (skip, take) = (size(self.offset()), size(self.limit));
        let findings: Vec<_> = chosen.into_iter().skip(skip).take(take).map(|(_, found)| found.row).collect();
        let end = self.offset() + findings.len() as u64;
        let next = (end < total && !findings.is_empty()).then_some(Position::Offset(end));
        Page { findings, total: Some(total), next }
    }

    /// Looks at one finding after the other until the page is full.
    pub(crate) fn searched(&self, session: &mut dyn Session, search: &Search<'_>) -> Result<Page> {
        let (begin, mut after) = match self.from {
            Position::After { cell, finding } => {
                (self.cells.iter().position(|held| held.number == cell).unwrap_or(self.cells.len()), finding)
            }
            Position::Start | Position::Offset(_) => (0, 0),
        };
        let mut page = Page { findings: Vec::new(), total: None, next: None };
        let mut looked_at = 0;
        for cell in self.cells.iter().skip(begin) {
            loop {
                let mut batch = Vec::new();
                session.query(
                    &format!(
                        "{ROW} WHERE finding.cell = ?1 AND finding.id > ?2 ORDER BY finding.id LIMIT ?3"
                    ),
                    &[cell.number.into(), after.into(), number(AT_ONCE)],
                    &mut |row| {
                        batch.push(Found::of(search.census(), row)?);
                        Ok(())
                    },
                )?;
                let is_last = (batch.len() as u64) < AT_ONCE;
                for found in batch {
                    after = found.number;
                    looked_at += 1;
                    if search.is_met_by(&found) {
                        page.findings.push(found.row);
                    }
                    if page.findings.len() as u64 == self.limit || looked_at == BUDGET {
                        page.next = Some(Position::After { cell: cell.number, finding: after });
                        return Ok(page);
                    }
                }
                if is_last {
                    break;
                }
            }
            after = 0;
        }
        Ok(page)
    }
}

fn number(count: u64) -> Value<'static> {
    Value::Integer(i64::try_from(count).unwrap_or(i64::MAX))
}
