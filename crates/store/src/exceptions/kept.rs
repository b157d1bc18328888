//! An exception as it is kept, and whom it concerns.

use super::unreadable;
use crate::census::Census;
use crate::database::{Row, Session};
use crate::runs::moment;
use crate::{Accounts, Actor, Result, Store, StoreError};
use chrono::{DateTime, Days, Utc};
use stance_exceptions::{Criteria, Exception};
use stance_model::{ExceptionMark, ScopeId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Days before its end at which an exception is pointed out.
const SOON: Days = Days::new(30);

/// Whoever makes, changes or ends an exception, and the accounts that they may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// Who, and from where.
    pub actor: Actor,
    /// What they may see.
    pub accounts: Accounts,
}

/// An exception that somebody made here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptException {
    /// Its number.
    pub number: i64,
    /// What it says; its id is the one that reports tell.
    pub exception: Exception,
    /// The accounts that it may match, whatever it says: those that its maker could see.
    pub limit: Accounts,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Who made it, as they sign in.
    pub made_by: String,
    /// When and by whom it was changed last.
    pub changed: Option<(DateTime<Utc>, String)>,
    /// When and by whom it was ended.
    pub ended: Option<(DateTime<Utc>, String)>,
}

/// Whether an exception holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExceptionState {
    /// It holds, and ends within 30 days.
    EndsSoon,
    /// It holds.
    Current,
    /// Its last day is over.
    Expired,
    /// Somebody ended it.
    Ended,
}

/// Something that was done to an exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionChange {
    /// When.
    pub at: DateTime<Utc>,
    /// Who, as they sign in.
    pub name: String,
    /// What: `made`, `changed` or `ended`.
    pub action: String,
    /// What it said from then on.
    pub exception: Exception,
}

impl KeptException {
    /// Whether it holds at that moment.
    pub fn state(&self, now: DateTime<Utc>) -> ExceptionState {
        let soon = now.checked_add_days(SOON).unwrap_or(now);
        if self.ended.is_some() {
            ExceptionState::Ended
        } else if self.exception.has_ended(now) {
            ExceptionState::Expired
        } else if self.exception.has_ended(soon) {
            ExceptionState::EndsSoon
        } else {
            ExceptionState::Current
        }
    }

    /// The accounts that it can be about. Whoever may not see all of these is not told of it.
    pub fn reach(&self) -> Accounts {
        let covers = self.limit.and(&named(&self.exception.covers));
        // what it takes back elsewhere tells of elsewhere
        let except = self.exception.except.iter().filter(|criteria| !criteria.account.is_empty());
        except.fold(covers, |reach, criteria| match (reach, named(criteria)) {
            (Accounts::Only(reach), Accounts::Only(other)) => Accounts::Only(&reach | &other),
            _ => Accounts::All,
        })
    }

    /// Whether somebody who may see those accounts may see it.
    pub fn is_seen_with(&self, accounts: &Accounts) -> bool {
        match (self.reach(), accounts) {
            (_, Accounts::All) => true,
            (Accounts::All, Accounts::Only(_)) => false,
            (Accounts::Only(reach), Accounts::Only(seen)) => reach.is_subset(seen),
        }
    }
}

/// The accounts that criteria name one by one; all where they name none, or patterns.
fn named(criteria: &Criteria) -> Accounts {
    let exact: Option<BTreeSet<ScopeId>> =
        criteria.account.iter().map(|account| account.exact().map(ScopeId::from)).collect();
    match exact {
        Some(accounts) if !accounts.is_empty() => Accounts::Only(accounts),
        _ => Accounts::All,
    }
}

pub(super) const KEPT: &str = "SELECT id, uid, document, accounts, made_at, made_by, changed_at, changed_by, ended_at, \
    ended_by FROM exception";

pub(super) fn kept(row: &Row<'_>) -> Result<KeptException> {
    let moment_by = |at: usize| -> Result<Option<(DateTime<Utc>, String)>> {
        let (when, who) = (row.get::<Option<i64>>(at)?, row.get::<Option<String>>(at + 1)?);
        Ok(when.map(moment).zip(who))
    };
    let exception = document(&row.get::<String>(2)?)?;
    Ok(KeptException {
        number: row.get(0)?,
        exception: Exception { id: Some(row.get(1)?), ..exception },
        limit: Accounts::kept(&row.get::<String>(3)?)?,
        made_at: moment(row.get(4)?),
        made_by: row.get(5)?,
        changed: moment_by(6)?,
        ended: moment_by(8)?,
    })
}

fn document(text: &str) -> Result<Exception> {
    serde_json::from_str(text).map_err(|error| unreadable(&error))
}

/// The exception of that number, if whoever asks may see it.
pub(super) fn find(session: &mut dyn Session, number: i64, accounts: &Accounts) -> Result<KeptException> {
    session
        .first(&format!("{KEPT} WHERE id = ?1"), &[number.into()], kept)?
        .filter(|kept| kept.is_seen_with(accounts))
        .ok_or_else(|| StoreError::Missing { what: "exception", name: number.to_string() })
}

/// What findings say of the exceptions of this store that cover them, by the exceptions' numbers.
pub(crate) fn marks(session: &mut dyn Session) -> Result<HashMap<i64, Arc<ExceptionMark>>> {
    let all = session.all(KEPT, &[], kept)?;
    let mark = |exception: Exception| {
        let Exception { id, reason, owner, until, .. } = exception;
        Arc::new(ExceptionMark { id, reason, owner, until })
    };
    Ok(all.into_iter().map(|kept| (kept.number, mark(kept.exception))).collect())
}

impl Store {
    /// The exceptions that somebody who may see those accounts may see, the latest first.
    ///
    /// # Errors
    /// If the store fails.
    pub fn exceptions(&self, accounts: &Accounts) -> Result<Vec<KeptException>> {
        let sql = format!("{KEPT} ORDER BY id DESC");
        let all = self.database().read(|session| session.all(&sql, &[], kept))?;
        Ok(all.into_iter().filter(|kept| kept.is_seen_with(accounts)).collect())
    }

    /// An exception, if somebody who may see those accounts may see it.
    ///
    /// # Errors
    /// If the store fails, or there is no such exception for them.
    pub fn exception(&self, number: i64, accounts: &Accounts) -> Result<KeptException> {
        self.database().read(|session| find(session, number, accounts))
    }

    /// What was done to an exception, the latest first.
    ///
    /// # Errors
    /// If the store fails.
    pub fn exception_history(&self, number: i64) -> Result<Vec<ExceptionChange>> {
        self.database().read(|session| {
            session.all(
                "SELECT at, name, action, document FROM exception_change WHERE exception = ?1 ORDER BY number DESC",
                &[number.into()],
                |row| {
                    Ok(ExceptionChange {
                        at: moment(row.get(0)?),
                        name: row.get(1)?,
                        action: row.get(2)?,
                        exception: document(&row.get::<String>(3)?)?,
                    })
                },
            )
        })
    }

    /// How many findings each exception accepts now, by its number, in those scopes (by number) that `choose` takes.
    ///
    /// # Errors
    /// If the store fails.
    pub fn accepted(&self, census: &Census, choose: impl Fn(i64) -> bool) -> Result<BTreeMap<i64, u64>> {
        let mut accepted = BTreeMap::new();
        self.database().read(|session| {
            session.query(
                "SELECT exception, cell, count(*) FROM finding WHERE exception IS NOT NULL GROUP BY exception, cell",
                &[],
                &mut |row| {
                    let cell = row.get::<Option<i64>>(1)?.and_then(|cell| census.cell_places.get(&cell));
                    let cell = cell.and_then(|place| census.cells.get(*place));
                    if cell.is_some_and(|cell| choose(cell.scope)) {
                        *accepted.entry(row.get(0)?).or_default() += row.get::<i64>(2)?.unsigned_abs();
                    }
                    Ok(())
                },
            )
        })?;
        Ok(accepted)
    }
}
