//! The score's history: how each rule's verdicts fell in a scope, from a run until another.

use super::cells::Standings;
use crate::Result;
use crate::database::{Kind, Session, TableColumns};
use crate::runs::RunId;
use std::collections::HashMap;

const TALLY: TableColumns = TableColumns {
    table: "tally",
    columns: &[
        ("scope", Kind::Integer),
        ("rule", Kind::Integer),
        ("severity", Kind::Integer),
        ("from_run", Kind::Integer),
        ("passed", Kind::Integer),
        ("failed", Kind::Integer),
        ("unknown", Kind::Integer),
        ("excepted", Kind::Integer),
    ],
};

/// Ends the tallies of a scope that no longer hold, and begins those that do.
pub(crate) fn update_tallies(session: &mut dyn Session, scope: i64, run: RunId) -> Result<()> {
    let mut now: HashMap<(i64, i64), Standings> = HashMap::new();
    session.query(
        "SELECT rule, severity, standing, CAST(sum(findings) AS BIGINT) FROM cell \
         WHERE scope = ?1 AND findings > 0 GROUP BY rule, severity, standing",
        &[scope.into()],
        &mut |row| {
            let standings = now.entry((row.get(0)?, row.get(1)?)).or_default();
            *match row.get::<i64>(2)? {
                0 => &mut standings.failed,
                1 => &mut standings.unknown,
                2 => &mut standings.excepted,
                _ => &mut standings.passed,
            } = row.get(3)?;
            Ok(())
        },
    )?;
    let mut ended = Vec::new();
    session.query(
        "SELECT rule, severity, passed, failed, unknown, excepted FROM tally WHERE scope = ?1 AND to_run IS NULL",
        &[scope.into()],
        &mut |row| {
            let key = (row.get(0)?, row.get(1)?);
            let before = Standings {
                passed: row.get(2)?,
                failed: row.get(3)?,
                unknown: row.get(4)?,
                excepted: row.get(5)?,
            };
            if now.get(&key) == Some(&before) {
                now.remove(&key);
            } else {
                ended.push(key);
            }
            Ok(())
        },
    )?;
    for (rule, severity) in ended {
        // a run that comes in later than others knows better than what was told from it on
        session.execute(
            "DELETE FROM tally WHERE scope = ?1 AND rule = ?2 AND severity = ?3 AND from_run >= ?4",
            &[scope.into(), rule.into(), severity.into(), run.value()],
        )?;
        session.execute(
            "UPDATE tally SET to_run = ?4 WHERE scope = ?1 AND rule = ?2 AND severity = ?3 AND to_run > ?4",
            &[scope.into(), rule.into(), severity.into(), run.value()],
        )?;
        session.execute(
            "UPDATE tally SET to_run = ?4 WHERE scope = ?1 AND rule = ?2 AND severity = ?3 AND to_run IS NULL",
            &[scope.into(), rule.into(), severity.into(), run.value()],
        )?;
    }
    session.insert(&TALLY, &mut |put| {
        for ((rule, severity), standings) in &now {
            put(&[
                scope.into(),
                (*rule).into(),
                (*severity).into(),
                run.value(),
                standings.passed.into(),
                standings.failed.into(),
                standings.unknown.into(),
                standings.excepted.into(),
            ])?;
        }
        Ok(())
    })
}
