//! Every finding of a list, one after the other, with all that it says: for exports.

use crate::census::{Cell, Census};
use crate::evidence::Said;
use crate::exceptions::marks;
use crate::listing::{Constraints, FindingRow, Position, document};
use crate::search::Search;
use crate::walk::Walk;
use crate::{Store, StoreError};
use std::collections::HashMap;

/// Findings that are read at a time.
const AT_ONCE: usize = 500;

/// A finding with all that it says.
#[derive(Clone, Debug, PartialEq)]
pub struct FullFinding {
    /// As in lists.
    pub row: FindingRow,
    /// What it says.
    pub said: Option<Said>,
}

impl Store {
    /// Shows every finding in those cells to `visit`, in the order of the cells, a part read at a time: no
    /// transaction is open while `visit` works, however slow it is. A run that comes in meanwhile may move
    /// findings from one cell to another.
    ///
    /// # Errors
    /// What `visit` returns, or that the store fails.
    pub fn each_finding<E: From<StoreError>>(
        &self,
        census: &Census,
        cells: &[&Cell],
        constraints: &Constraints,
        mut visit: impl FnMut(FullFinding) -> Result<(), E>,
    ) -> Result<(), E> {
        let walk = |from, limit| Walk { census, cells, from, limit };
        let database = self.database();
        let (search, found) = database.read(|session| {
            let search = Search::of(session, database, census, constraints)?;
            let candidates = if search.is_for_anything() { None } else { search.candidates(session)? };
            let found = candidates.map(|all| walk(Position::Start, u64::MAX).among(session, all));
            Ok((search, found.transpose()?))
        })?;
        if let Some(found) = found {
            return found.findings.chunks(AT_ONCE).try_for_each(|rows| self.say(rows.to_vec(), &mut visit));
        }
        let mut from = Position::Start;
        loop {
            let page = database.read(|session| walk(from, AT_ONCE as u64).searched(session, &search))?;
            self.say(page.findings, &mut visit)?;
            match page.next {
                Some(next) => from = next,
                None => return Ok(()),
            }
        }
    }

    fn say<E: From<StoreError>>(
        &self,
        rows: Vec<FindingRow>,
        visit: &mut impl FnMut(FullFinding) -> Result<(), E>,
    ) -> Result<(), E> {
        let said = self.database().read(|session| {
            let has_exceptions = rows.iter().any(|row| row.exception.is_some());
            let marks = if has_exceptions { marks(session)? } else { HashMap::new() };
            rows.iter()
                .map(|row| {
                    let all: Option<Vec<Said>> = document(
                        session,
                        "SELECT document FROM evidence WHERE resource = ?1",
                        row.resource,
                        "evidence.document",
                    )?;
                    let is_its = |said: &Said| said.rule == row.rule && said.sub_key == row.sub_key;
                    let mut said = all.into_iter().flatten().find(is_its);
                    if let (Some(said), Some(exception)) = (&mut said, row.exception) {
                        said.exception = marks.get(&exception).cloned();
                    }
                    Ok(said)
                })
                .collect::<crate::Result<Vec<_>>>()
        })?;
        rows.into_iter().zip(said).try_for_each(|(row, said)| visit(FullFinding { row, said }))
    }
}
