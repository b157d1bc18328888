//! Lists of findings: chosen by anything, in any order, page by page over millions.

use crate::census::{Cell, Census};
use crate::database::{Row, Session};
use crate::evidence::Said;
use crate::exceptions::marks;
use crate::handling::Assigned;
use crate::hex::{hexed, unhexed};
use crate::search::Search;
use crate::walk::Walk;
use crate::{Configuration, Result, Store, StoreError, uncompressed};
use chrono::{DateTime, Utc};
use stance_model::{Region, ResourceType, RuleId, Severity, Standing, VerdictStatus};

/// A finding in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingRow {
    /// Its stable id, 32 hexadecimal digits.
    pub id: String,
    /// The rule that speaks.
    pub rule: RuleId,
    /// What it says; nothing where what it spoke of is gone.
    pub status: Option<VerdictStatus>,
    /// How it counts.
    pub standing: Standing,
    /// How bad it is.
    pub severity: Severity,
    /// The number of the scope.
    pub scope: i64,
    /// The number of the resource.
    pub resource: i64,
    /// The resource's canonical id.
    pub resource_id: String,
    /// The resource's type.
    pub resource_type: ResourceType,
    /// The resource's name.
    pub resource_name: String,
    /// Where it lives.
    pub region: Region,
    /// The item in it.
    pub sub_key: Option<String>,
    /// When a run met it first.
    pub first_seen: DateTime<Utc>,
    /// Since when the verdict is what it is.
    pub since: DateTime<Utc>,
    /// When a run saw it last.
    pub last_seen: DateTime<Utc>,
    /// How often it failed again after it had been mended.
    pub reopened: u64,
    /// The number of the exception of this store that covers it.
    pub exception: Option<i64>,
}

/// What no cell tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Constraints {
    /// Words of the resource's name or id, each somewhere in it.
    pub text: Option<String>,
    /// The resource's number.
    pub resource: Option<i64>,
    /// First seen at that moment or later.
    pub first_seen_from: Option<DateTime<Utc>>,
    /// The verdict is what it is since that moment or later.
    pub since_from: Option<DateTime<Utc>>,
    /// The resource bears a tag of that key, and that value if one is given.
    pub tag: Option<(String, Option<String>)>,
    /// The exception of that number covers it.
    pub exception: Option<i64>,
    /// Whose it is.
    pub assigned: Option<Assigned>,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Position {
    /// At the beginning.
    #[default]
    Start,
    /// After so many.
    Offset(u64),
    /// After the finding of that number, in the cell of that one.
    After {
        /// The cell's number.
        cell: i64,
        /// The finding's number.
        finding: i64,
    },
}

/// Findings of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Those of the page.
    pub findings: Vec<FindingRow>,
    /// How many there are in all; nothing where counting them would take too long.
    pub total: Option<u64>,
    /// Where the next page begins, if more may follow.
    pub next: Option<Position>,
}

/// An earlier verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Period {
    /// What was said; nothing where there was nothing to speak of.
    pub status: Option<VerdictStatus>,
    /// Whether somebody accepted it.
    pub is_excepted: bool,
    /// From when on.
    pub from: DateTime<Utc>,
    /// Until when; nothing where it is so now.
    pub to: Option<DateTime<Utc>>,
}

/// All that is known of a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingDetail {
    /// As in lists.
    pub row: FindingRow,
    /// What it says.
    pub said: Option<Said>,
    /// Its verdicts, the earliest first.
    pub periods: Vec<Period>,
    /// The resource's configuration, where it was read.
    pub configuration: Option<Configuration>,
}

/// What [`finding`] reads. The plus keeps SQLite from going through all resources first.
pub(crate) const ROW: &str = "SELECT finding.uid, finding.cell, finding.rule, finding.status, finding.sub_key, \
    finding.first_run, finding.since_run, finding.seen_run, finding.reopened, resource.id, resource.resource, \
    resource.name, resource.type, resource.region, resource.scope, finding.id, finding.exception \
    FROM finding JOIN resource ON resource.id = +finding.resource";

impl Store {
    /// A page of the findings in those cells, in the order of the cells.
    ///
    /// # Errors
    /// If the store fails.
    pub fn findings(
        &self,
        census: &Census,
        cells: &[&Cell],
        constraints: &Constraints,
        from: Position,
        limit: u64,
    ) -> Result<Page> {
        let walk = Walk { census, cells, from, limit };
        self.database().read(|session| {
            let search = Search::of(session, self.database(), census, constraints)?;
            if search.is_for_anything() {
                return walk.counted(session);
            }
            let page = match search.candidates(session)? {
                Some(candidates) => walk.among(session, candidates)?,
                None => walk.searched(session, &search)?,
            };
            // words that mean too many resources are looked for among some of them only
            Ok(if search.is_too_common { Page { total: None, ..page } } else { page })
        })
    }

    /// All that is known of a finding, in one of the scopes (by number) that `choose` takes: what several accounts
    /// share is found in each of them.
    ///
    /// # Errors
    /// If the store fails, or there is no such finding there.
    pub fn finding(&self, census: &Census, id: &str, choose: impl Fn(i64) -> bool) -> Result<FindingDetail> {
        let uid = unhexed(id);
        self.database().read(|session| {
            let mut found = session.all(
                &format!("{ROW} WHERE finding.uid = ?1 ORDER BY finding.id"),
                &[(&uid).into()],
                |row| Ok((row.get::<i64>(15)?, finding(census, row)?)),
            )?;
            found.retain(|(_, row)| choose(row.scope));
            // where it is gone in one of them, another may have it still
            found.sort_by_key(|(_, row)| row.status.is_none());
            let (number, row) = found
                .into_iter()
                .next()
                .ok_or_else(|| StoreError::Missing { what: "finding", name: id.to_owned() })?;
            let mut periods = session.all(
                "SELECT status, excepted, from_run, to_run FROM period WHERE finding = ?1 ORDER BY from_run",
                &[number.into()],
                |row| {
                    Ok(Period {
                        status: status(row.get(0)?),
                        is_excepted: row.get::<i64>(1)? == 1,
                        from: at(census, row.get(2)?),
                        to: Some(at(census, row.get(3)?)),
                    })
                },
            )?;
            periods.push(Period {
                status: row.status,
                is_excepted: row.standing == Standing::Excepted,
                from: row.since,
                to: None,
            });
            let said = document::<Vec<Said>>(
                session,
                "SELECT document FROM evidence WHERE resource = ?1",
                row.resource,
                "evidence.document",
            )?;
            let said = said.into_iter().flatten();
            let mut said = said.into_iter().find(|said| said.rule == row.rule && said.sub_key == row.sub_key);
            if let (Some(said), Some(exception)) = (&mut said, row.exception) {
                said.exception = marks(session)?.get(&exception).cloned();
            }
            let configuration = document(
                session,
                "SELECT document FROM configuration WHERE resource = ?1 ORDER BY from_run DESC LIMIT 1",
                row.resource,
                "configuration.document",
            )?;
            Ok(FindingDetail { row, said, periods, configuration })
        })
    }
}

pub(crate) fn document<T: serde::de::DeserializeOwned>(
    session: &mut dyn Session,
    sql: &str,
    resource: i64,
    place: &'static str,
) -> Result<Option<T>> {
    let bytes = session.first(sql, &[resource.into()], |row| row.get::<Vec<u8>>(0))?;
    bytes.map(|bytes| uncompressed(&bytes, place)).transpose()
}

fn at(census: &Census, run: i64) -> DateTime<Utc> {
    census.moment(run)
}

pub(crate) fn status(number: i64) -> Option<VerdictStatus> {
    match number {
        0 => Some(VerdictStatus::Fail),
        1 => Some(VerdictStatus::Unknown),
        2 => Some(VerdictStatus::Pass),
        _ => None,
    }
}

pub(crate) fn finding(census: &Census, row: &Row<'_>) -> Result<FindingRow> {
    let cell: Option<i64> = row.get(1)?;
    let cell = cell.and_then(|cell| census.cell(cell));
    let scope: i64 = row.get(14)?;
    let last_run = census.scope(scope).and_then(|scope| scope.last_run);
    let seen: Option<i64> = row.get(7)?;
    Ok(FindingRow {
        id: hexed(&row.get::<Vec<u8>>(0)?),
        rule: census.rule(row.get(2)?)?,
        status: status(row.get(3)?),
        standing: cell.map_or(Standing::Passing, |cell| cell.standing),
        severity: cell.map_or(Severity::Info, |cell| cell.severity),
        scope,
        resource: row.get(9)?,
        resource_id: row.get(10)?,
        resource_type: census.resource_type(row.get(12)?)?,
        resource_name: row.get(11)?,
        region: census.region(row.get(13)?)?,
        sub_key: row.get(4)?,
        first_seen: at(census, row.get(5)?),
        since: at(census, row.get(6)?),
        last_seen: seen.or(last_run).map_or(DateTime::UNIX_EPOCH, |run| at(census, run)),
        reopened: row.get::<i64>(8)?.unsigned_abs(),
        exception: row.get(16)?,
    })
}
