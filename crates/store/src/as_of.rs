//! The findings of a run as they stood when it was done.

use crate::census::Census;
use crate::database::{Row, Session};
use crate::import::{GONE, standing_of};
use crate::listing::status;
use crate::lookup::{missing, outline};
use crate::runs::RunId;
use crate::{Result, Store, StoreError};
use stance_model::{Region, ResourceType, RuleId, Severity, Standing};
use std::collections::HashSet;

/// Resources whose findings are read at a time.
const AT_ONCE: i64 = 500;

/// A finding as it stood after a run.
#[derive(Clone, Debug, PartialEq)]
pub struct PastFinding {
    /// The rule that speaks.
    pub rule: RuleId,
    /// How it counted.
    pub standing: Standing,
    /// How bad it is; nothing where it is gone by now, and only the rule can tell.
    pub severity: Option<Severity>,
    /// The number of the scope.
    pub scope: i64,
    /// The resource's canonical id.
    pub resource_id: String,
    /// The resource's type.
    pub resource_type: ResourceType,
    /// The resource's name.
    pub resource_name: String,
    /// Where it lives.
    pub region: Region,
}

impl Store {
    /// Shows `visit` what the rules of a run said in those of its scopes (by number) that `choose` takes, as it
    /// stood when the run was done; by scope and resource, a part read at a time.
    ///
    /// # Errors
    /// What `visit` returns, that the store fails, or that no such run is done.
    pub fn each_finding_of_run<E: From<StoreError>>(
        &self,
        census: &Census,
        run: RunId,
        choose: impl Fn(i64) -> bool,
        mut visit: impl FnMut(PastFinding) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let (rules, scopes) = self.database().read(|session| {
            let rules = outline(session, run)?.ok_or_else(|| missing(run))?.rules;
            let scopes = session.all(
                "SELECT scope FROM run_scope WHERE run = ?1 ORDER BY scope",
                &[run.value()],
                |row| row.get::<i64>(0),
            )?;
            Ok((rules, scopes))
        })?;
        let rules: HashSet<RuleId> = rules.into_iter().collect();
        for scope in scopes.into_iter().filter(|scope| choose(*scope)) {
            let part = Part { census, run, scope, rules: &rules };
            let mut after = 0;
            while let Some((last, findings)) = self.database().read(|session| part.read(session, after))? {
                findings.into_iter().try_for_each(&mut visit)?;
                after = last;
            }
        }
        Ok(())
    }
}

/// What a run said in a scope.
struct Part<'p> {
    census: &'p Census,
    run: RunId,
    scope: i64,
    rules: &'p HashSet<RuleId>,
}

impl Part<'_> {
    /// The findings of the next resources, and the last of these; nothing where there are no more.
    fn read(&self, session: &mut dyn Session, after: i64) -> Result<Option<(i64, Vec<PastFinding>)>> {
        let resources = session.all(
            "SELECT id FROM resource WHERE scope = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
            &[self.scope.into(), after.into(), AT_ONCE.into()],
            |row| row.get::<i64>(0),
        )?;
        let Some(last) = resources.last().copied() else { return Ok(None) };
        let mut findings = Vec::new();
        session.query(
            "SELECT finding.rule, finding.status, finding.since_run, finding.cell, resource.resource, \
             resource.name, resource.type, resource.region, period.status, period.excepted \
             FROM resource JOIN finding ON finding.resource = resource.id \
             LEFT JOIN period ON period.finding = finding.id AND period.from_run <= ?4 AND period.to_run > ?4 \
             WHERE resource.scope = ?1 AND resource.id > ?2 AND resource.id <= ?3 AND finding.first_run <= ?4 \
             ORDER BY resource.id, finding.id",
            &[self.scope.into(), after.into(), last.into(), self.run.value()],
            &mut |row| {
                findings.extend(self.finding(row)?);
                Ok(())
            },
        )?;
        Ok(Some((last, findings)))
    }

    /// A finding as it stood then; nothing where it was gone, or the run did not ask.
    fn finding(&self, row: &Row<'_>) -> Result<Option<PastFinding>> {
        let rule = self.census.rule(row.get(0)?)?;
        let cell: Option<i64> = row.get(3)?;
        let cell = cell.and_then(|cell| self.census.cell(cell));
        let standing = if row.get::<i64>(2)? <= self.run.number() {
            // it is now what it was then
            cell.map(|cell| cell.standing)
        } else {
            let (then, excepted) = (row.get::<Option<i64>>(8)?, row.get::<Option<i64>>(9)?);
            let then = then.filter(|then| *then != GONE).and_then(status);
            then.map(|then| standing_of(then, excepted == Some(1)))
        };
        let Some(standing) = standing.filter(|_| self.rules.contains(&rule)) else { return Ok(None) };
        Ok(Some(PastFinding {
            rule,
            standing,
            severity: cell.map(|cell| cell.severity),
            scope: self.scope,
            resource_id: row.get(4)?,
            resource_name: row.get(5)?,
            resource_type: self.census.resource_type(row.get(6)?)?,
            region: self.census.region(row.get(7)?)?,
        }))
    }
}
