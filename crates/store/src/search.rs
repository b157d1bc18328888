//! Findings by what no cell tells: words, tags, a resource, times.

use crate::Result;
use crate::census::Census;
use crate::database::{Database, Row, Session, Value};
use crate::listing::{Constraints, FindingRow, ROW, finding};
use crate::words::{all_begin, tag_word, words, words_of_resource};
use chrono::{DateTime, Utc};

/// Resources whose findings are compared in memory; with more, the cells are walked.
const RESOURCES: i64 = 2_000;
/// Findings that are compared in memory.
const FINDINGS: i64 = 20_000;

/// A finding with what constraints ask about.
pub(crate) struct Found {
    pub(crate) cell: Option<i64>,
    pub(crate) number: i64,
    first_run: i64,
    since_run: i64,
    tags: Option<String>,
    pub(crate) row: FindingRow,
}

impl Found {
    pub(crate) fn of(census: &Census, row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            cell: row.get(1)?,
            number: row.get(15)?,
            first_run: row.get(5)?,
            since_run: row.get(6)?,
            tags: row.get(16)?,
            row: finding(census, row)?,
        })
    }
}

/// Constraints in the store's own terms.
pub(crate) struct Search<'c> {
    census: &'c Census,
    words: Vec<String>,
    resource: Option<i64>,
    first_run: Option<i64>,
    since_run: Option<i64>,
}

impl<'c> Search<'c> {
    pub(crate) fn of(census: &'c Census, constraints: &Constraints) -> Self {
        let run_at = |moment: DateTime<Utc>| {
            let later = census.runs.iter().filter(|(_, at)| **at >= moment).map(|(run, _)| *run);
            later.min().unwrap_or(i64::MAX)
        };
        let text = constraints.text.as_deref().unwrap_or_default();
        let tag = constraints.tag.as_ref().map(|(key, value)| tag_word(key, value.as_deref()));
        Self {
            census,
            words: words(text).chain(tag).collect(),
            resource: constraints.resource,
            first_run: constraints.first_seen_from.map(run_at),
            since_run: constraints.since_from.map(run_at),
        }
    }

    /// Whether every finding is looked for.
    pub(crate) fn is_for_anything(&self) -> bool {
        self.words.is_empty()
            && self.resource.is_none()
            && self.first_run.is_none()
            && self.since_run.is_none()
    }

    /// Whether a finding is looked for.
    pub(crate) fn is_met_by(&self, found: &Found) -> bool {
        self.resource.is_none_or(|resource| found.row.resource == resource)
            && self.first_run.is_none_or(|run| found.first_run >= run)
            && self.since_run.is_none_or(|run| found.since_run >= run)
            && (self.words.is_empty() || {
                let tags = found.tags.as_deref().and_then(|tags| serde_json::from_str(tags).ok());
                let there = words_of_resource(
                    &found.row.resource_name,
                    &found.row.resource_id,
                    &tags.unwrap_or_default(),
                );
                all_begin(&self.words, &there)
            })
    }

    /// All that is looked for, if it is not too much.
    pub(crate) fn candidates(
        &self,
        session: &mut dyn Session,
        database: &Database,
    ) -> Result<Option<Vec<Found>>> {
        if let Some(resource) = self.resource {
            return self.of_resources(session, &[resource]).map(Some);
        }
        if !self.words.is_empty() {
            let (sql, asked) = database.find_words(&self.words);
            let limit = Value::Integer(RESOURCES + 1);
            let resources = session.all(sql, &[(&asked).into(), limit], |row| row.get::<i64>(0))?;
            if i64::try_from(resources.len()).is_ok_and(|count| count <= RESOURCES) {
                return self.of_resources(session, &resources).map(Some);
            }
        }
        // a verdict cannot be older than its finding
        let Some(since) = self.since_run.max(self.first_run) else { return Ok(None) };
        let count = session.number(
            "SELECT count(*) FROM (SELECT 1 FROM finding WHERE since_run >= ?1 LIMIT ?2) AS few",
            &[since.into(), (FINDINGS + 1).into()],
        )?;
        if count > FINDINGS {
            return Ok(None);
        }
        let mut found = Vec::new();
        self.gather(session, &format!("{ROW} WHERE finding.since_run >= ?1"), since, &mut found)?;
        Ok(Some(found))
    }

    fn of_resources(&self, session: &mut dyn Session, resources: &[i64]) -> Result<Vec<Found>> {
        let mut found = Vec::new();
        for resource in resources {
            self.gather(session, &format!("{ROW} WHERE finding.resource = ?1"), *resource, &mut found)?;
        }
        Ok(found)
    }

    fn gather(&self, session: &mut dyn Session, sql: &str, value: i64, into: &mut Vec<Found>) -> Result<()> {
        session.query(sql, &[value.into()], &mut |row| {
            let found = Found::of(self.census, row)?;
            if self.is_met_by(&found) {
                into.push(found);
            }
            Ok(())
        })
    }

    pub(crate) fn census(&self) -> &'c Census {
        self.census
    }
}
