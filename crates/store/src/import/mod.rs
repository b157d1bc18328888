//! Taking a run into the store: what is as it was costs nothing, what changed becomes a new interval.

mod cells;
mod covering;
mod findings;
mod names;
mod resources;
mod seen;
mod tallies;

use crate::bundle::{BundleReader, End, ScopeBundle};
use crate::database::Session;
use crate::exceptions::Force;
use crate::hex::unhexed;
use crate::runs::{RunId, RunState};
use crate::{BundleError, Result, StoreError, compressed};
pub(crate) use cells::{CellKey, Cells};
use findings::Findings;
pub(crate) use names::{NameKind, Names};
use resources::Resources;
use seen::Looked;
use stance_model::{RuleId, Run, ScopeDetails, Standing, UnscannedReason, UnscannedScope, VerdictStatus};
use std::collections::HashSet;
use std::io::BufRead;
pub(crate) use tallies::update_tallies;

/// What an import changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Scopes that the run holds.
    pub scopes: u64,
    /// Resources that it holds.
    pub resources: u64,
    /// Findings that it holds.
    pub findings: u64,
    /// Findings that fail and did not before.
    pub opened: u64,
    /// Findings that failed before and no longer do.
    pub resolved: u64,
}

/// How a run is told in the store.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct RunDetail {
    pub(crate) scan: stance_model::Scan,
    pub(crate) unscanned: Vec<stance_model::UnscannedScope>,
    pub(crate) rules: Vec<RuleId>,
}

/// Takes all of a run in; whoever calls commits.
pub(crate) fn import<R: BufRead>(
    session: &mut dyn Session,
    run: RunId,
    mut bundle: BundleReader<R>,
) -> Result<Imported> {
    let mut names = Names::load(session)?;
    let mut imported = Imported::default();
    let mut met = HashSet::new();
    // what was read before is not put over what was read after it
    let mut overtaken = Vec::new();
    let force = Force::load(session)?;
    while let Some(mut scope) = bundle.next_scope()? {
        force.strip(&mut scope);
        if !met.insert(scope.run.scope.clone()) {
            let message = format!("scope `{}` comes twice", scope.run.scope);
            return Err(BundleError::Line { line: 0, message }.into());
        }
        if let Some(later) = later_run(session, &mut names, &scope.run, run)? {
            overtaken.push(UnscannedScope {
                scope: scope.run.scope.clone(),
                scope_details: (*scope.run.scope_details).clone(),
                reason: UnscannedReason::Failed {
                    message: format!("run {later}, which began later, was in the store before this one"),
                },
            });
            continue;
        }
        let one =
            Import { session, run, names: &mut names, rules: bundle.rules(), force: &force }.scope(&scope)?;
        imported.scopes += 1;
        imported.resources += one.resources;
        imported.findings += one.findings;
        imported.opened += one.opened;
        imported.resolved += one.resolved;
    }
    let mut rules: Vec<RuleId> = bundle.rules().iter().cloned().collect();
    rules.sort();
    let mut end = bundle.end()?;
    end.unscanned.append(&mut overtaken);
    close(session, run, end, rules)?;
    crate::alerts::note_done(session, run)?;
    session.execute("UPDATE generation SET number = number + 1", &[])?;
    Ok(imported)
}

fn close(session: &mut dyn Session, run: RunId, end: End, rules: Vec<RuleId>) -> Result<()> {
    let detail = RunDetail { scan: end.scan, unscanned: end.unscanned, rules };
    let document = compressed(&detail, "run.detail")?;
    session.execute(
        "UPDATE run SET state = ?2, started_at = ?3, ended_at = ?4, as_of = ?5, detail = ?6 WHERE id = ?1",
        &[
            run.value(),
            RunState::Done.value(),
            detail.scan.started_at.timestamp_millis().into(),
            detail.scan.ended_at.timestamp_millis().into(),
            detail.scan.as_of.timestamp_millis().into(),
            (&document).into(),
        ],
    )?;
    Ok(())
}

/// The import of one scope.
struct Import<'i, 's> {
    session: &'i mut (dyn Session + 's),
    run: RunId,
    names: &'i mut Names,
    rules: &'i HashSet<RuleId>,
    force: &'i Force,
}

impl Import<'_, '_> {
    fn scope(mut self, bundle: &ScopeBundle) -> Result<Imported> {
        let (scope, previous) = self.scope_row(&bundle.run)?;
        let looked = Looked::of(&bundle.run, self.rules, self.names, self.session)?;
        let mut resources = Resources::load(self.session, scope, self.run)?;
        resources.take(self.session, self.names, bundle)?;
        let mut cells = Cells::load(self.session, scope)?;
        let mut findings = Findings::load(self.session, scope, self.run, previous)?;
        findings.take(self.session, self.names, &resources, &mut cells, bundle, self.force)?;
        self.force.note_judged(self.session, self.force.moment_of(bundle.run.as_of))?;
        findings.leave(self.session, &resources, &mut cells, &looked)?;
        resources.leave(self.session, &looked)?;
        resources.count(self.session, &looked)?;
        cells.save(self.session)?;
        update_tallies(self.session, scope, self.run)?;
        let counted = cells.standings();
        let document = compressed(&bundle.run, "run_scope.detail")?;
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        self.session.execute(
            "INSERT INTO run_scope (run, scope, resources, passed, failed, unknown, excepted, opened, resolved, \
             detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            &[
                self.run.value(),
                scope.into(),
                count(bundle.resources.len()).into(),
                counted.passed.into(),
                counted.failed.into(),
                counted.unknown.into(),
                counted.excepted.into(),
                findings.opened.into(),
                findings.resolved.into(),
                (&document).into(),
            ],
        )?;
        self.session
            .execute("UPDATE scope SET last_run = ?2 WHERE id = ?1", &[scope.into(), self.run.value()])?;
        Ok(Imported {
            scopes: 1,
            resources: bundle.resources.len() as u64,
            findings: bundle.findings.len() as u64,
            opened: findings.opened.unsigned_abs(),
            resolved: findings.resolved.unsigned_abs(),
        })
    }

    /// The scope's row, and the last run that was about it.
    fn scope_row(&mut self, run: &Run) -> Result<(i64, Option<i64>)> {
        let provider = self.names.id(self.session, NameKind::Provider, &run.provider.to_string())?;
        let details = details_text(&run.scope_details)?;
        let known = self.session.first(
            "SELECT id, last_run FROM scope WHERE provider = ?1 AND scope = ?2",
            &[provider.into(), run.scope.as_str().into()],
            |row| Ok((row.get::<i64>(0)?, row.get::<Option<i64>>(1)?)),
        )?;
        if let Some((id, last)) = known {
            self.session
                .execute("UPDATE scope SET details = ?2 WHERE id = ?1", &[id.into(), (&details).into()])?;
            return Ok((id, last));
        }
        let id = next_id(self.session, "scope")?;
        self.session.execute(
            "INSERT INTO scope (id, provider, scope, details) VALUES (?1, ?2, ?3, ?4)",
            &[id.into(), provider.into(), run.scope.as_str().into(), (&details).into()],
        )?;
        Ok((id, None))
    }
}

/// The run that was the last about a scope, where it began later than this one.
fn later_run(session: &mut dyn Session, names: &mut Names, about: &Run, run: RunId) -> Result<Option<i64>> {
    let provider = names.id(session, NameKind::Provider, &about.provider.to_string())?;
    session.first(
        "SELECT last_run FROM scope WHERE provider = ?1 AND scope = ?2 AND last_run > ?3",
        &[provider.into(), about.scope.as_str().into(), run.value()],
        |row| row.get(0),
    )
}

fn details_text(details: &ScopeDetails) -> Result<String> {
    serde_json::to_string(details)
        .map_err(|error| StoreError::Content { place: "scope.details", message: error.to_string() })
}

/// The number that the next row of a table bears.
pub(crate) fn next_id(session: &mut dyn Session, table: &'static str) -> Result<i64> {
    Ok(session.number(&format!("SELECT max(id) FROM {table}"), &[])? + 1)
}

/// What a verdict is in the store; the number is ordered as the enumeration is.
pub(crate) fn status_number(status: VerdictStatus) -> i64 {
    match status {
        VerdictStatus::Fail => 0,
        VerdictStatus::Unknown => 1,
        VerdictStatus::Pass | VerdictStatus::NotApplicable => 2,
    }
}

/// A status that stands for a part of a resource that is no longer there.
pub(crate) const GONE: i64 = 3;

/// How a finding counts, in the store.
pub(crate) fn standing_number(standing: Standing) -> i64 {
    match standing {
        Standing::Failing => 0,
        Standing::Unknown => 1,
        Standing::Excepted => 2,
        Standing::Passing => 3,
    }
}

/// The bytes of a finding's id.
pub(crate) fn uid(rule: &str, scope: &str, resource: &str, sub_key: Option<&str>) -> Vec<u8> {
    unhexed(stance_model::FindingId::of(rule, scope, resource, sub_key).as_str())
}

/// How a bundled finding counts.
pub(crate) fn standing_of(status: VerdictStatus, is_excepted: bool) -> Standing {
    match (status, is_excepted) {
        (VerdictStatus::Pass | VerdictStatus::NotApplicable, _) => Standing::Passing,
        (VerdictStatus::Fail | VerdictStatus::Unknown, true) => Standing::Excepted,
        (VerdictStatus::Fail, false) => Standing::Failing,
        (VerdictStatus::Unknown, false) => Standing::Unknown,
    }
}
