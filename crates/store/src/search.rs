//! Findings by what no cell tells: words, tags, a resource, times.

use crate::Result;
use crate::census::Census;
use crate::database::{Database, Session, Value};
use crate::handling::Assigned;
use crate::listing::Constraints;
use crate::words::{tag_word, words};
use chrono::{DateTime, Utc};
use std::collections::HashSet;

/// Resources that words may mean; with more, they are too common to be looked for.
const RESOURCES: i64 = 200_000;
/// Resources whose findings are all fetched at once.
const FEW_RESOURCES: usize = 500;
/// Findings that are all fetched at once.
const FEW_FINDINGS: i64 = 10_000;

/// A finding as far as constraints ask about it.
#[derive(Clone, Copy)]
pub(crate) struct Passed {
    pub(crate) number: i64,
    pub(crate) cell: Option<i64>,
    pub(crate) resource: i64,
    pub(crate) first_run: i64,
    pub(crate) since_run: i64,
}

/// Constraints in the store's own terms.
pub(crate) struct Search {
    /// The only resources that are meant, where words or a number say so.
    resources: Option<HashSet<i64>>,
    /// The only findings that are meant, where an exception or a person says so.
    findings: Option<HashSet<i64>>,
    /// Findings that are not meant: somebody's, where nobody's are.
    others: HashSet<i64>,
    first_run: Option<i64>,
    since_run: Option<i64>,
    /// Whether words mean more resources than are looked for.
    pub(crate) is_too_common: bool,
}

impl Search {
    pub(crate) fn of(
        session: &mut dyn Session,
        database: &Database,
        census: &Census,
        constraints: &Constraints,
    ) -> Result<Self> {
        let run_at = |moment: DateTime<Utc>| {
            let moments = census.runs.iter().chain(&census.adjustments);
            moments.filter(|(_, at)| **at >= moment).map(|(run, _)| *run).min().unwrap_or(i64::MAX)
        };
        let mut search = Self {
            resources: constraints.resource.map(|resource| [resource].into()),
            findings: None,
            others: HashSet::new(),
            first_run: constraints.first_seen_from.map(run_at),
            since_run: constraints.since_from.map(run_at),
            is_too_common: false,
        };
        let text = constraints.text.as_deref().unwrap_or_default();
        let tag = constraints.tag.as_ref().map(|(key, value)| tag_word(key, value.as_deref()));
        let wanted: Vec<String> = words(text).chain(tag).collect();
        if !wanted.is_empty() {
            let (sql, asked) = database.find_words(&wanted);
            let limit = Value::Integer(RESOURCES + 1);
            let mut meant: HashSet<i64> = HashSet::new();
            session.query(sql, &[(&asked).into(), limit], &mut |row| {
                meant.insert(row.get(0)?);
                Ok(())
            })?;
            search.is_too_common = i64::try_from(meant.len()).is_ok_and(|count| count > RESOURCES);
            if let Some(resources) = search.resources.take() {
                meant.retain(|resource| resources.contains(resource));
            }
            search.resources = Some(meant);
        }
        if let Some(exception) = constraints.exception {
            let covered = "SELECT id FROM finding WHERE exception = ?1";
            search.findings = Some(numbers(session, covered, &[exception.into()])?);
        }
        let theirs = match &constraints.assigned {
            Some(Assigned::To(person)) => {
                let theirs = "SELECT finding FROM assignment WHERE person = ?1";
                Some(numbers(session, theirs, &[person.number().into()])?)
            }
            Some(Assigned::Named(name)) => {
                let theirs = "SELECT assignment.finding FROM assignment \
                    JOIN person ON person.id = assignment.person WHERE person.name = ?1";
                Some(numbers(session, theirs, &[name.into()])?)
            }
            Some(Assigned::ToNobody) => {
                search.others = numbers(session, "SELECT finding FROM assignment", &[])?;
                None
            }
            None => None,
        };
        if let Some(theirs) = theirs {
            search.findings = Some(match search.findings.take() {
                Some(findings) => &findings & &theirs,
                None => theirs,
            });
        }
        Ok(search)
    }

    /// Whether every finding is looked for.
    pub(crate) fn is_for_anything(&self) -> bool {
        self.resources.is_none()
            && self.findings.is_none()
            && self.others.is_empty()
            && self.first_run.is_none()
            && self.since_run.is_none()
    }

    /// Whether a finding is looked for.
    pub(crate) fn is_met_by(&self, passed: &Passed) -> bool {
        self.first_run.is_none_or(|run| passed.first_run >= run)
            && self.since_run.is_none_or(|run| passed.since_run >= run)
            && self.resources.as_ref().is_none_or(|resources| resources.contains(&passed.resource))
            && self.findings.as_ref().is_none_or(|findings| findings.contains(&passed.number))
            && !self.others.contains(&passed.number)
    }

    /// All that is looked for, if it is not too much.
    pub(crate) fn candidates(&self, session: &mut dyn Session) -> Result<Option<Vec<Passed>>> {
        const PASSED: &str = "SELECT id, cell, resource, first_run, since_run FROM finding";
        let mut found = Vec::new();
        let few = self.resources.as_ref().filter(|resources| resources.len() <= FEW_RESOURCES);
        if let Some(resources) = few {
            for resource in resources {
                self.gather(session, &format!("{PASSED} WHERE resource = ?1"), *resource, &mut found)?;
            }
            return Ok(Some(found));
        }
        let few =
            |findings: &&HashSet<i64>| i64::try_from(findings.len()).is_ok_and(|count| count <= FEW_FINDINGS);
        if let Some(findings) = self.findings.as_ref().filter(few) {
            for finding in findings {
                self.gather(session, &format!("{PASSED} WHERE id = ?1"), *finding, &mut found)?;
            }
            return Ok(Some(found));
        }
        // a verdict cannot be older than its finding
        let Some(since) = self.since_run.max(self.first_run) else { return Ok(None) };
        let count = session.number(
            "SELECT count(*) FROM (SELECT 1 FROM finding WHERE since_run >= ?1 LIMIT ?2) AS few",
            &[since.into(), (FEW_FINDINGS + 1).into()],
        )?;
        if count > FEW_FINDINGS {
            return Ok(None);
        }
        self.gather(session, &format!("{PASSED} WHERE since_run >= ?1"), since, &mut found)?;
        Ok(Some(found))
    }

    fn gather(&self, session: &mut dyn Session, sql: &str, value: i64, into: &mut Vec<Passed>) -> Result<()> {
        session.query(sql, &[value.into()], &mut |row| {
            let passed = Passed {
                number: row.get(0)?,
                cell: row.get(1)?,
                resource: row.get(2)?,
                first_run: row.get(3)?,
                since_run: row.get(4)?,
            };
            if self.is_met_by(&passed) {
                into.push(passed);
            }
            Ok(())
        })
    }
}

/// The numbers that a statement answers with.
fn numbers(session: &mut dyn Session, sql: &str, values: &[Value<'_>]) -> Result<HashSet<i64>> {
    let mut numbers = HashSet::new();
    session.query(sql, values, &mut |row| {
        numbers.insert(row.get(0)?);
        Ok(())
    })?;
    Ok(numbers)
}
