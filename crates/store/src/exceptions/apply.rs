//! Exceptions over the findings that are kept: what changed of them is applied at once, without a run.

use super::adjust::{Adjustment, Kept};
use super::force::{Asked, Force, applied, held, keys_at, set_applied};
use crate::database::{Session, Value};
use crate::hex::{hexed, unhexed};
use crate::import::{NameKind, standing_number, status_number};
use crate::listing::status;
use crate::{Result, Store, StoreError};
use chrono::{DateTime, Utc};
use stance_exceptions::Exception;
use stance_model::{Standing, VerdictStatus};
use std::collections::{BTreeMap, HashMap, HashSet};

impl Store {
    /// Applies exceptions to the findings that are kept: those that came since they were applied last, those that
    /// were changed or ended, and those whose last day is over. Quick where there is nothing to do. How many findings
    /// count otherwise than before.
    ///
    /// # Errors
    /// If the store fails.
    pub fn apply_exceptions(&self, now: DateTime<Utc>) -> Result<u64> {
        let is_done = self.database().read(|session| {
            let held = held(session)?;
            Ok(keys_at(&held, now) == applied(session)?.1)
        })?;
        if is_done { Ok(0) } else { self.database().write(|session| apply(session, now)) }
    }
}

/// Applies exceptions; whoever calls commits.
pub(super) fn apply(session: &mut dyn Session, now: DateTime<Utc>) -> Result<u64> {
    let force = Force::load(session)?;
    let (_, before) = applied(session)?;
    let keys = keys_at(&force.held, now);
    if keys == before {
        return Ok(0);
    }
    let is_old = |key: &String| before.contains(key);
    let in_force = force.held.iter().filter(|held| keys.contains(&held.key));
    let (as_before, new): (Vec<_>, Vec<_>) = in_force.partition(|held| is_old(&held.key));
    let as_before: HashSet<i64> = as_before.into_iter().map(|held| held.number).collect();
    let new: Vec<&Exception> = new.into_iter().map(|held| &held.exception).collect();
    let mut review = Review::begin(session, &force, now)?;
    review.released(session, &as_before)?;
    review.concerned(session, &new)?;
    let mut adjustment = Adjustment::begin(session, now)?;
    let mut changed = 0;
    for (scope, changes) in &review.changes {
        let changes: Vec<&(Kept, Option<i64>)> = changes.values().collect();
        changed += adjustment.scope(session, *scope, &changes)?;
    }
    adjustment.end(session)?;
    set_applied(session, now, &keys)?;
    Ok(changed)
}

/// Findings that are looked at anew, and those that another exception covers than before, or none.
struct Review<'r> {
    force: &'r Force,
    now: DateTime<Utc>,
    /// Rules and regions by their numbers.
    names: HashMap<i64, String>,
    accounts: HashMap<i64, String>,
    /// By scope and finding.
    changes: BTreeMap<i64, BTreeMap<i64, (Kept, Option<i64>)>>,
}

impl<'r> Review<'r> {
    fn begin(session: &mut dyn Session, force: &'r Force, now: DateTime<Utc>) -> Result<Self> {
        let of = [NameKind::Rule.number().into(), NameKind::Region.number().into()];
        let names = session.all("SELECT id, text FROM name WHERE kind IN (?1, ?2)", &of, |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        let accounts =
            session.all("SELECT id, scope FROM scope", &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let (names, accounts) = (names.into_iter().collect(), accounts.into_iter().collect());
        Ok(Self { force, now, names, accounts, changes: BTreeMap::new() })
    }

    /// Findings that an exception covers which is no longer as it was.
    fn released(&mut self, session: &mut dyn Session, as_before: &HashSet<i64>) -> Result<()> {
        let all = session.all(
            "SELECT DISTINCT exception FROM finding WHERE exception IS NOT NULL",
            &[],
            |row| row.get::<i64>(0),
        )?;
        let others = all.into_iter().filter(|exception| !as_before.contains(exception));
        others.into_iter().try_for_each(|exception| {
            self.look(session, "finding.exception = ?1 AND finding.cell IS NOT NULL", exception.into())
        })
    }

    /// Findings that fail or are unknown and that some of those exceptions may be about.
    fn concerned(&mut self, session: &mut dyn Session, exceptions: &[&Exception]) -> Result<()> {
        let (by_id, by_cell): (Vec<&&Exception>, Vec<_>) =
            exceptions.iter().partition(|exception| !exception.covers.finding.is_empty());
        for id in by_id.iter().flat_map(|exception| &exception.covers.finding) {
            let uid = unhexed(id.as_str());
            self.look(session, "finding.uid = ?1 AND finding.cell IS NOT NULL", (&uid).into())?;
        }
        if by_cell.is_empty() {
            return Ok(());
        }
        for cell in open_cells(session)? {
            let service = self.force.service(&cell.rule);
            let names = &self.force.names;
            let is_concerned = |exception: &&&Exception| {
                exception.covers.may_concern(&cell.rule, service, &cell.account, &cell.region, names)
            };
            if by_cell.iter().any(is_concerned) {
                self.look(session, "finding.cell = ?1", cell.number.into())?;
            }
        }
        Ok(())
    }

    /// Looks at the findings of which that holds.
    fn look(&mut self, session: &mut dyn Session, which: &str, value: Value<'_>) -> Result<()> {
        session.query(&format!("{READ} WHERE {which}"), &[value], &mut |row| {
            let (scope, excepted) = (row.get::<i64>(11)?, row.get::<Option<i64>>(12)?);
            let kept = Kept {
                number: row.get(0)?,
                cell: row.get(1)?,
                status: row.get(2)?,
                since: row.get(3)?,
                exception: row.get(4)?,
            };
            let is_excepted = excepted == Some(standing_number(Standing::Excepted));
            if is_excepted && kept.exception.is_none() {
                // the run told of an exception of its own
                return Ok(());
            }
            let (uid, resource, name) =
                (row.get::<Vec<u8>>(5)?, row.get::<String>(7)?, row.get::<String>(8)?);
            let tags: Option<String> = row.get(9)?;
            let tags = tags.map(|tags| serde_json::from_str(&tags)).transpose();
            let tags: BTreeMap<String, String> = tags
                .map_err(|error| StoreError::Content { place: "resource.tags", message: error.to_string() })?
                .unwrap_or_default();
            let asked = Asked {
                finding: &hexed(&uid),
                rule: text(&self.names, row.get(6)?),
                resource_id: &resource,
                resource_name: &name,
                tags: &tags,
                account: text(&self.accounts, scope),
                region: text(&self.names, row.get(10)?),
                status: status(kept.status).unwrap_or(VerdictStatus::Pass),
            };
            let covering = self.force.covering(&asked, self.now);
            if covering != kept.exception {
                self.changes.entry(scope).or_default().insert(kept.number, (kept, covering));
            }
            Ok(())
        })
    }
}

fn text(texts: &HashMap<i64, String>, number: i64) -> &str {
    texts.get(&number).map(String::as_str).unwrap_or_default()
}

/// What [`Review::look`] reads. The plus keeps SQLite from going through all resources first.
const READ: &str = "SELECT finding.id, finding.cell, finding.status, finding.since_run, finding.exception, \
    finding.uid, finding.rule, resource.resource, resource.name, resource.tags, resource.region, resource.scope, \
    cell.standing FROM finding JOIN resource ON resource.id = +finding.resource \
    JOIN cell ON cell.id = +finding.cell";

/// A cell whose findings an exception may cover.
struct OpenCell {
    number: i64,
    account: String,
    region: String,
    rule: String,
}

fn open_cells(session: &mut dyn Session) -> Result<Vec<OpenCell>> {
    session.all(
        "SELECT cell.id, scope.scope, region.text, rule.text FROM cell \
         JOIN scope ON scope.id = cell.scope JOIN name AS region ON region.id = cell.region \
         JOIN name AS rule ON rule.id = cell.rule WHERE cell.findings > 0 AND cell.standing < 2",
        &[],
        |row| {
            Ok(OpenCell { number: row.get(0)?, account: row.get(1)?, region: row.get(2)?, rule: row.get(3)? })
        },
    )
}

/// Whether a status is one that exceptions cover.
pub(super) fn is_open(number: i64) -> bool {
    [VerdictStatus::Fail, VerdictStatus::Unknown].map(status_number).contains(&number)
}
