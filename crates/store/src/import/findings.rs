//! Findings of a scope: new ones, changed ones, and those of which the run says nothing.

use super::cells::{CellKey, Cells};
use super::covering::Covering;
use super::names::{NameKind, Names};
use super::resources::Resources;
use super::seen::{Looked, Sight};
use super::{GONE, next_id, standing_number, standing_of, status_number, uid};
use crate::bundle::{BundledFinding, ScopeBundle};
use crate::database::{Kind, Session, TableColumns, Value};
use crate::exceptions::Force;
use crate::runs::RunId;
use crate::{BundleError, Result};
use stance_model::{Severity, Standing, VerdictStatus};
use std::collections::{HashMap, HashSet};

const FINDING: TableColumns = TableColumns {
    table: "finding",
    columns: &[
        ("id", Kind::Integer),
        ("uid", Kind::Bytes),
        ("cell", Kind::Integer),
        ("rule", Kind::Integer),
        ("resource", Kind::Integer),
        ("sub_key", Kind::Text),
        ("status", Kind::Integer),
        ("first_run", Kind::Integer),
        ("since_run", Kind::Integer),
        ("reopened", Kind::Integer),
        ("exception", Kind::Integer),
    ],
};

/// A finding of the store.
struct Known {
    id: i64,
    cell: Option<i64>,
    rule: i64,
    resource: i64,
    status: i64,
    since: i64,
    seen: Option<i64>,
    exception: Option<i64>,
    is_met: bool,
}

impl Known {
    /// Whether a finding that does not fail has failed before.
    fn failed_earlier(&self, session: &mut dyn Session) -> Result<bool> {
        let failed = status_number(VerdictStatus::Fail);
        if self.status == failed {
            return Ok(true);
        }
        let count = session.number(
            "SELECT count(*) FROM period WHERE finding = ?1 AND status = ?2",
            &[self.id.into(), failed.into()],
        )?;
        Ok(count > 0)
    }
}

struct New<'b> {
    id: i64,
    uid: Vec<u8>,
    cell: i64,
    rule: i64,
    resource: i64,
    sub_key: Option<&'b str>,
    status: i64,
    exception: Option<i64>,
}

/// The findings of a scope.
pub(crate) struct Findings {
    run: RunId,
    /// The last run about the scope before this one.
    previous: Option<i64>,
    known: HashMap<Vec<u8>, Known>,
    next: i64,
    /// Findings that fail and did not before.
    pub(crate) opened: i64,
    /// Findings that failed before and no longer do.
    pub(crate) resolved: i64,
}

/// How a finding is now.
#[derive(Clone, Copy)]
struct Now {
    cell: Option<CellKey>,
    status: i64,
    /// The exception of the store that covers it, where the run told of none itself.
    exception: Option<i64>,
}

impl Now {
    fn of(finding: &BundledFinding, rule: i64, region: i64, covering: Option<i64>) -> Self {
        let exception = covering.filter(|_| finding.exception.is_none());
        let is_excepted = finding.exception.is_some() || exception.is_some();
        let standing = standing_number(standing_of(finding.status, is_excepted));
        let severity = severity_number(finding.severity);
        let cell = CellKey { region, rule, standing, severity };
        Self { cell: Some(cell), status: status_number(finding.status), exception }
    }

    fn is_failing(self) -> bool {
        self.cell.is_some_and(|cell| is_failing(cell.standing))
    }
}

fn is_failing(standing: i64) -> bool {
    standing == standing_number(Standing::Failing)
}

fn is_excepted(standing: i64) -> bool {
    standing == standing_number(Standing::Excepted)
}

impl Findings {
    pub(crate) fn load(
        session: &mut dyn Session,
        scope: i64,
        run: RunId,
        previous: Option<i64>,
    ) -> Result<Self> {
        let mut known = HashMap::new();
        session.query(
            "SELECT finding.id, finding.uid, finding.cell, finding.rule, finding.resource, finding.status, \
             finding.since_run, finding.seen_run, finding.exception FROM finding JOIN resource ON resource.id = finding.resource \
             WHERE resource.scope = ?1",
            &[scope.into()],
            &mut |row| {
                known.insert(
                    row.get(1)?,
                    Known {
                        id: row.get(0)?,
                        cell: row.get(2)?,
                        rule: row.get(3)?,
                        resource: row.get(4)?,
                        status: row.get(5)?,
                        since: row.get(6)?,
                        seen: row.get(7)?,
                        exception: row.get(8)?,
                        is_met: false,
                    },
                );
                Ok(())
            },
        )?;
        Ok(Self { run, previous, known, next: next_id(session, "finding")?, opened: 0, resolved: 0 })
    }

    /// Takes in every finding that a run tells of.
    pub(crate) fn take(
        &mut self,
        session: &mut dyn Session,
        names: &mut Names,
        resources: &Resources,
        cells: &mut Cells,
        bundle: &ScopeBundle,
        force: &Force,
    ) -> Result<()> {
        let covering = Covering::of(bundle, force);
        let mut new: Vec<New<'_>> = Vec::new();
        let mut met: HashSet<Vec<u8>> = HashSet::new();
        for finding in &bundle.findings {
            let scope = bundle.run.scope.as_str();
            let uid =
                uid(finding.rule.as_str(), scope, finding.resource.as_str(), finding.sub_key.as_deref());
            let kind = names.id(session, NameKind::ResourceType, finding.resource_type.as_str())?;
            let rule = names.id(session, NameKind::Rule, finding.rule.as_str())?;
            let Some(resource) = resources.id(kind, finding.resource.as_str()) else { continue };
            let Some(place) = resources.place(resource) else { continue };
            let now = Now::of(finding, rule, place.region, covering.exception(finding, &uid));
            let Some(cell) = now.cell else { continue };
            if let Some(known) = self.known.get_mut(&uid) {
                if std::mem::replace(&mut known.is_met, true) {
                    return Err(twice(finding));
                }
                self.change(session, cells, &uid, now)?;
                continue;
            }
            if !met.insert(uid.clone()) {
                return Err(twice(finding));
            }
            self.opened += i64::from(now.is_failing());
            new.push(New {
                id: self.next,
                uid,
                cell: cells.add(cell),
                rule,
                resource,
                sub_key: finding.sub_key.as_deref(),
                status: now.status,
                exception: now.exception,
            });
            self.next += 1;
        }
        let run = self.run.value();
        session.insert(&FINDING, &mut |put| {
            new.iter().try_for_each(|row| {
                put(&[
                    row.id.into(),
                    (&row.uid).into(),
                    row.cell.into(),
                    row.rule.into(),
                    row.resource.into(),
                    row.sub_key.into(),
                    row.status.into(),
                    run,
                    run,
                    0.into(),
                    row.exception.into(),
                ])
            })
        })
    }

    /// Writes what changed of a known finding; nothing where nothing did.
    fn change(&mut self, session: &mut dyn Session, cells: &mut Cells, uid: &[u8], now: Now) -> Result<()> {
        let Some(known) = self.known.get(uid) else { return Ok(()) };
        let before = known.cell.and_then(|cell| cells.key(cell));
        let is_as_before = before == now.cell && known.status == now.status && known.seen.is_none();
        if is_as_before && known.exception == now.exception {
            return Ok(());
        }
        let was_excepted = before.is_some_and(|cell| is_excepted(cell.standing));
        let is_excepted = now.cell.is_some_and(|cell| is_excepted(cell.standing));
        let was_failing = before.is_some_and(|cell| is_failing(cell.standing));
        let turns = known.status != now.status || was_excepted != is_excepted;
        let mut reopens = false;
        if turns {
            reopens = now.is_failing() && !was_failing && known.failed_earlier(session)?;
            if known.since >= self.run.number() {
                forget_later(session, known.id, self.run)?;
            } else {
                session.execute(
                    "INSERT INTO period (finding, from_run, to_run, status, excepted) \
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                    &[
                        known.id.into(),
                        known.since.into(),
                        self.run.value(),
                        known.status.into(),
                        i64::from(was_excepted).into(),
                    ],
                )?;
            }
        }
        if let Some(before) = before.filter(|before| Some(*before) != now.cell) {
            cells.remove(before);
        }
        let cell = match now.cell {
            Some(key) if before != Some(key) => Some(cells.add(key)),
            Some(_) => known.cell,
            None => None,
        };
        let since = if turns { self.run.number() } else { known.since };
        session.execute(
            "UPDATE finding SET cell = ?2, status = ?3, since_run = ?4, seen_run = NULL, \
             reopened = reopened + ?5, exception = ?6 WHERE id = ?1",
            &[
                known.id.into(),
                cell.into(),
                now.status.into(),
                since.into(),
                i64::from(reopens).into(),
                now.exception.into(),
            ],
        )?;
        self.opened += i64::from(now.is_failing() && !was_failing);
        self.resolved += i64::from(was_failing && !now.is_failing());
        Ok(())
    }

    /// Deals with findings of which the run says nothing.
    pub(crate) fn leave(
        &mut self,
        session: &mut dyn Session,
        resources: &Resources,
        cells: &mut Cells,
        looked: &Looked,
    ) -> Result<()> {
        let silent: Vec<Vec<u8>> = self
            .known
            .iter()
            .filter(|(_, known)| !known.is_met && known.cell.is_some())
            .map(|(uid, _)| uid.clone())
            .collect();
        for uid in silent {
            let Some(known) = self.known.get(&uid) else { continue };
            let Some(place) = resources.place(known.resource) else { continue };
            let sight = match looked.sight_of_resource(place.kind, place.region) {
                _ if !looked.is_judged_by(known.rule) => Sight::None,
                Sight::Failed if place.stands_in => Sight::Whole,
                sight => sight,
            };
            let (id, exception) = (known.id, known.exception);
            match sight {
                Sight::Whole => {
                    self.change(session, cells, &uid, Now { cell: None, status: GONE, exception: None })?;
                }
                Sight::Failed => {
                    let Some(key) = known.cell.and_then(|cell| cells.key(cell)) else { continue };
                    let unknown = standing_number(Standing::Unknown);
                    let standing = if is_excepted(key.standing) { key.standing } else { unknown };
                    let status = status_number(VerdictStatus::Unknown);
                    let seen = known.seen.or(self.previous);
                    self.change(
                        session,
                        cells,
                        &uid,
                        Now { cell: Some(CellKey { standing, ..key }), status, exception },
                    )?;
                    mark_unseen(session, id, seen)?;
                }
                Sight::None if known.seen.is_none() => mark_unseen(session, id, self.previous)?,
                Sight::None => {}
            }
        }
        Ok(())
    }
}

/// Takes back what was told of a finding from this run on: a run that comes in later than others knows better.
fn forget_later(session: &mut dyn Session, finding: i64, run: RunId) -> Result<()> {
    session.execute(
        "DELETE FROM period WHERE finding = ?1 AND from_run >= ?2",
        &[finding.into(), run.value()],
    )?;
    session.execute(
        "UPDATE period SET to_run = ?2 WHERE finding = ?1 AND to_run > ?2",
        &[finding.into(), run.value()],
    )?;
    Ok(())
}

fn mark_unseen(session: &mut dyn Session, finding: i64, seen: Option<i64>) -> Result<()> {
    session.execute(
        "UPDATE finding SET seen_run = ?2 WHERE id = ?1",
        &[finding.into(), seen.map_or(Value::Null, Value::Integer)],
    )?;
    Ok(())
}

/// How bad a finding is, in the store.
pub(crate) fn severity_number(severity: Severity) -> i64 {
    match severity {
        Severity::Info => 0,
        Severity::Low => 1,
        Severity::Medium => 2,
        Severity::High => 3,
        Severity::Critical => 4,
    }
}

fn twice(finding: &BundledFinding) -> crate::StoreError {
    let part = finding.sub_key.as_ref().map(|key| format!(" (`{key}`)")).unwrap_or_default();
    let message = format!("rule `{}` speaks twice of `{}`{part}", finding.rule, finding.resource);
    BundleError::Line { line: 0, message }.into()
}
