//! Findings counted by all that they can be counted by.

use super::next_id;
use crate::Result;
use crate::database::Session;
use stance_model::ScoreBreakdown;
use std::collections::HashMap;

/// What the findings of a cell have in common beside the scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CellKey {
    pub(crate) region: i64,
    pub(crate) rule: i64,
    pub(crate) standing: i64,
    pub(crate) severity: i64,
}

struct Held {
    id: i64,
    is_new: bool,
    before: i64,
    now: i64,
}

/// The cells of a scope.
pub(crate) struct Cells {
    scope: i64,
    by_key: HashMap<CellKey, Held>,
    keys: HashMap<i64, CellKey>,
    next: i64,
}

impl Cells {
    pub(crate) fn load(session: &mut dyn Session, scope: i64) -> Result<Self> {
        let mut cells =
            Self { scope, by_key: HashMap::new(), keys: HashMap::new(), next: next_id(session, "cell")? };
        session.query(
            "SELECT id, region, rule, standing, severity, findings FROM cell WHERE scope = ?1",
            &[scope.into()],
            &mut |row| {
                let key = CellKey {
                    region: row.get(1)?,
                    rule: row.get(2)?,
                    standing: row.get(3)?,
                    severity: row.get(4)?,
                };
                let (id, count) = (row.get(0)?, row.get(5)?);
                cells.by_key.insert(key, Held { id, is_new: false, before: count, now: count });
                cells.keys.insert(id, key);
                Ok(())
            },
        )?;
        Ok(cells)
    }

    /// What the cell of that number holds.
    pub(crate) fn key(&self, cell: i64) -> Option<CellKey> {
        self.keys.get(&cell).copied()
    }

    /// Puts a finding into a cell; the cell's number.
    pub(crate) fn add(&mut self, key: CellKey) -> i64 {
        let held = self.by_key.entry(key).or_insert_with(|| {
            let id = self.next;
            self.next += 1;
            self.keys.insert(id, key);
            Held { id, is_new: true, before: 0, now: 0 }
        });
        held.now += 1;
        held.id
    }

    /// Takes a finding out of a cell.
    pub(crate) fn remove(&mut self, key: CellKey) {
        if let Some(held) = self.by_key.get_mut(&key) {
            held.now -= 1;
        }
    }

    /// How the scope's findings count now.
    pub(crate) fn standings(&self) -> Standings {
        let mut standings = Standings::default();
        for (key, held) in &self.by_key {
            *match key.standing {
                0 => &mut standings.failed,
                1 => &mut standings.unknown,
                2 => &mut standings.excepted,
                _ => &mut standings.passed,
            } += held.now;
        }
        standings
    }

    /// Writes the cells whose counts changed.
    pub(crate) fn save(&self, session: &mut dyn Session) -> Result<()> {
        for (key, held) in &self.by_key {
            if held.is_new {
                session.execute(
                    "INSERT INTO cell (id, scope, region, rule, standing, severity, findings) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    &[
                        held.id.into(),
                        self.scope.into(),
                        key.region.into(),
                        key.rule.into(),
                        key.standing.into(),
                        key.severity.into(),
                        held.now.into(),
                    ],
                )?;
            } else if held.before != held.now {
                session.execute(
                    "UPDATE cell SET findings = ?2 WHERE id = ?1",
                    &[held.id.into(), held.now.into()],
                )?;
            }
        }
        Ok(())
    }
}

/// Findings by how they count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standings {
    pub(crate) passed: i64,
    pub(crate) failed: i64,
    pub(crate) unknown: i64,
    pub(crate) excepted: i64,
}

impl From<Standings> for ScoreBreakdown {
    fn from(standings: Standings) -> Self {
        Self {
            passed: standings.passed.unsigned_abs(),
            failed: standings.failed.unsigned_abs(),
            unknown: standings.unknown.unsigned_abs(),
            excepted: standings.excepted.unsigned_abs(),
        }
    }
}
