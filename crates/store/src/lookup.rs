//! What is asked for by name, and what is known of a run without reading each of its scopes.

use crate::census::{Census, Scope};
use crate::database::Session;
use crate::import::RunDetail;
use crate::runs::{RunId, RunSummary, SUMMARY, summary};
use crate::{Result, Store, StoreError, uncompressed};
use stance_model::{RuleId, Run, Scan, UnscannedScope};

/// What a run tells beside its scopes.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// The scan as a whole.
    pub scan: Scan,
    /// Scopes that were not scanned.
    pub unscanned: Vec<UnscannedScope>,
    /// The rules that judged.
    pub rules: Vec<RuleId>,
}

impl Store {
    /// The run that bears a name, if there is one.
    ///
    /// # Errors
    /// If the store fails.
    pub fn run_named(&self, name: &str) -> Result<Option<RunSummary>> {
        self.database().read(|session| named(session, name))
    }

    /// A run in short.
    ///
    /// # Errors
    /// If the store fails, or there is no such run.
    pub fn summary(&self, run: RunId) -> Result<RunSummary> {
        self.database().read(|session| {
            let sql = format!("{SUMMARY} WHERE run.id = ?1 GROUP BY run.id");
            session.first(&sql, &[run.value()], summary)?.ok_or_else(|| missing(run))
        })
    }

    /// What a run tells beside its scopes, if it is done.
    ///
    /// # Errors
    /// If the store fails.
    pub fn outline(&self, run: RunId) -> Result<Option<Outline>> {
        self.database().read(|session| outline(session, run))
    }

    /// How each of the scopes that `choose` takes was collected last, by the scope's id; without listings and
    /// calls, of which a large organization has more than fit into memory.
    ///
    /// # Errors
    /// If the store fails.
    pub fn collections(&self, census: &Census, choose: impl Fn(&Scope) -> bool) -> Result<Vec<Run>> {
        let mut chosen: Vec<&Scope> = census.scopes.values().filter(|scope| choose(scope)).collect();
        chosen.sort_by(|left, right| left.id.cmp(&right.id));
        self.database().read(|session| {
            let mut runs = Vec::new();
            for scope in chosen {
                let kept = session.first(
                    "SELECT detail FROM run_scope WHERE run = ?1 AND scope = ?2",
                    &[scope.last_run.unwrap_or_default().into(), scope.number.into()],
                    |row| row.get::<Vec<u8>>(0),
                )?;
                if let Some(kept) = kept {
                    let mut run: Run = uncompressed(&kept, "run_scope.detail")?;
                    run.listings.clear();
                    run.calls.clear();
                    runs.push(run);
                }
            }
            Ok(runs)
        })
    }

    /// How large the store is, in bytes.
    ///
    /// # Errors
    /// If the store fails.
    pub fn size(&self) -> Result<u64> {
        let sql = self.database().size();
        Ok(self.database().read(|session| session.number(sql, &[]))?.unsigned_abs())
    }
}

pub(crate) fn named(session: &mut dyn Session, name: &str) -> Result<Option<RunSummary>> {
    session.first(&format!("{SUMMARY} WHERE run.uid = ?1 GROUP BY run.id"), &[name.into()], summary)
}

pub(crate) fn outline(session: &mut dyn Session, run: RunId) -> Result<Option<Outline>> {
    let detail = session
        .first("SELECT detail FROM run WHERE id = ?1", &[run.value()], |row| row.get::<Option<Vec<u8>>>(0))?
        .flatten();
    let Some(detail) = detail else { return Ok(None) };
    let RunDetail { scan, unscanned, rules } = uncompressed(&detail, "run.detail")?;
    Ok(Some(Outline { scan, unscanned, rules }))
}

/// What is told of a run that is not there.
pub(crate) fn missing(run: RunId) -> StoreError {
    StoreError::Missing { what: "run", name: run.number().to_string() }
}
