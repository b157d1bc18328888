//! Who and what there is, counted: small enough for memory however many findings there are.
//!
//! Findings that agree in scope, region, rule, standing and severity are a *cell*. Every number of every page is a
//! sum over cells, and every list of findings is a walk over cells.

use crate::database::Session;
use crate::import::{NameKind, RunDetail};
use crate::retention::forgotten;
use crate::rules::RuleSettings;
use crate::runs::{RunState, moment};
use crate::{Result, Store, StoreError, uncompressed};
use chrono::{DateTime, Utc};
use stance_model::{
    Provider, Region, ResourceType, RuleId, ScopeDetails, ScopeId, Score, ScoreBreakdown, Severity, Standing,
};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock, PoisonError};

/// Who and what there is at one moment.
#[derive(Debug)]
pub struct Census {
    generation: i64,
    /// Every scope that was ever read, by its number in the store.
    pub scopes: HashMap<i64, Scope>,
    /// Findings, counted.
    pub cells: Vec<Cell>,
    /// Resources, counted.
    pub inventory: Vec<Inventory>,
    /// When each run that is done saw the estate, by its number.
    pub runs: HashMap<i64, DateTime<Utc>>,
    /// Moments between runs at which exceptions changed how findings count, by their numbers among the runs'.
    pub adjustments: HashMap<i64, DateTime<Utc>>,
    /// The rules that judged in the last run about any scope and that nobody has switched off for all.
    pub judged: HashSet<RuleId>,
    /// What people have set of rules. What a rule said that is off for all is in no count.
    pub settings: RuleSettings,
    pub(crate) names: HashMap<i64, Name>,
    pub(crate) cell_places: HashMap<i64, usize>,
    /// Findings of rules that are off for all, by the number of their cell.
    resting: HashMap<i64, Cell>,
    pub(crate) tallies: OnceLock<Arc<[Tally]>>,
    /// The last run whose history is no longer kept.
    pub(crate) forgotten: i64,
}

/// A name that stands in many rows.
#[derive(Debug)]
pub(crate) enum Name {
    Rule(RuleId),
    ResourceType(ResourceType),
    Region(Region),
    Provider,
}

/// A scope that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope {
    /// Its number in the store.
    pub number: i64,
    /// Whose it is.
    pub provider: Provider,
    /// Its id.
    pub id: ScopeId,
    /// Its name, what holds it, its tags.
    pub details: ScopeDetails,
    /// The last run about it.
    pub last_run: Option<i64>,
}

impl Scope {
    /// What people call it.
    pub fn name(&self) -> &str {
        self.details.name.as_deref().unwrap_or(self.id.as_str())
    }
}

/// Findings that are alike in all that can be counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Its number in the store.
    pub number: i64,
    /// The number of the scope.
    pub scope: i64,
    /// Where.
    pub region: Region,
    /// The rule that speaks.
    pub rule: RuleId,
    /// How they count.
    pub standing: Standing,
    /// How bad they are.
    pub severity: Severity,
    /// How many they are.
    pub findings: u64,
}

impl Cell {
    /// Adds its findings to a score.
    pub fn add_to(&self, score: &mut Score) {
        score.verdicts.add(self.standing, self.findings);
        score.weighted.add(self.standing, self.findings * self.severity.weight());
    }
}

/// Resources of one type in one region of a scope.
#[derive(Clone, Debug, PartialEq)]
pub struct Inventory {
    /// The number of the scope.
    pub scope: i64,
    /// Their type.
    pub resource_type: ResourceType,
    /// Where.
    pub region: Region,
    /// How many they are.
    pub resources: u64,
}

/// How the verdicts of a rule in a scope fell for a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Tally {
    /// The number of the scope.
    pub scope: i64,
    /// The rule.
    pub rule: RuleId,
    /// How bad its failures are.
    pub severity: Severity,
    /// The run from which on it was so.
    pub from_run: i64,
    /// The run from which on it no longer was.
    pub to_run: Option<i64>,
    /// How they fell.
    pub counts: ScoreBreakdown,
}

/// The estate as it stood after a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrendPoint {
    /// The run's number.
    pub run: i64,
    /// When it saw the estate.
    pub at: DateTime<Utc>,
    /// How all chosen verdicts stood then, those of other runs' scopes too; at the last run, with what was accepted
    /// since.
    pub score: Score,
}

impl Store {
    /// Who and what there is now. Read again only when something has changed.
    ///
    /// # Errors
    /// If the store fails.
    pub fn census(&self) -> Result<Arc<Census>> {
        let generation = self.database().read(generation)?;
        let mut held = self.held_census().lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(census) = held.as_ref().filter(|census| census.generation == generation) {
            return Ok(Arc::clone(census));
        }
        let census = Arc::new(self.database().read(Census::load)?);
        *held = Some(Arc::clone(&census));
        Ok(census)
    }
}

fn generation(session: &mut dyn Session) -> Result<i64> {
    session.number("SELECT number FROM generation WHERE id = 1", &[])
}

impl Census {
    fn load(session: &mut dyn Session) -> Result<Self> {
        let mut census = Self {
            generation: generation(session)?,
            scopes: HashMap::new(),
            cells: Vec::new(),
            inventory: Vec::new(),
            runs: HashMap::new(),
            adjustments: HashMap::new(),
            judged: HashSet::new(),
            settings: crate::rules::load(session)?,
            names: HashMap::new(),
            cell_places: HashMap::new(),
            resting: HashMap::new(),
            tallies: OnceLock::new(),
            forgotten: forgotten(session)?,
        };
        let names = &mut census.names;
        let mut providers: HashMap<i64, String> = HashMap::new();
        session.query("SELECT id, kind, text FROM name", &[], &mut |row| {
            let (id, kind, text) = (row.get(0)?, row.get::<i64>(1)?, row.get::<String>(2)?);
            let name = if kind == NameKind::Rule.number() {
                Name::Rule(text.into())
            } else if kind == NameKind::ResourceType.number() {
                Name::ResourceType(text.into())
            } else if kind == NameKind::Region.number() {
                Name::Region(text.into())
            } else {
                providers.insert(id, text);
                Name::Provider
            };
            names.insert(id, name);
            Ok(())
        })?;
        let scopes = session.all("SELECT id, provider, scope, details, last_run FROM scope", &[], |row| {
            let provider = providers.get(&row.get(1)?).map(String::as_str).unwrap_or_default();
            Ok(Scope {
                number: row.get(0)?,
                provider: parsed(&serde_json::Value::from(provider).to_string(), "name.text")?,
                id: row.get::<String>(2)?.into(),
                details: parsed(&row.get::<String>(3)?, "scope.details")?,
                last_run: row.get(4)?,
            })
        })?;
        census.scopes = scopes.into_iter().map(|scope| (scope.number, scope)).collect();
        let cells = session.all(
            "SELECT id, scope, region, rule, standing, severity, findings FROM cell WHERE findings > 0",
            &[],
            |row| {
                Ok(Cell {
                    number: row.get(0)?,
                    scope: row.get(1)?,
                    region: census.region(row.get(2)?)?,
                    rule: census.rule(row.get(3)?)?,
                    standing: standing(row.get(4)?),
                    severity: severity(row.get(5)?),
                    findings: row.get::<i64>(6)?.unsigned_abs(),
                })
            },
        )?;
        let (resting, cells): (Vec<Cell>, Vec<Cell>) =
            cells.into_iter().partition(|cell| census.settings.is_off(cell.rule.as_str()));
        census.resting = resting.into_iter().map(|cell| (cell.number, cell)).collect();
        census.cell_places = cells.iter().enumerate().map(|(place, cell)| (cell.number, place)).collect();
        census.inventory =
            session.all("SELECT scope, type, region, resources FROM inventory", &[], |row| {
                Ok(Inventory {
                    scope: row.get(0)?,
                    resource_type: census.resource_type(row.get(1)?)?,
                    region: census.region(row.get(2)?)?,
                    resources: row.get::<i64>(3)?.unsigned_abs(),
                })
            })?;
        census.cells = cells;
        session.query(
            "SELECT id, as_of FROM run WHERE state = ?1 AND as_of IS NOT NULL",
            &[RunState::Done.value()],
            &mut |row| {
                census.runs.insert(row.get(0)?, moment(row.get(1)?));
                Ok(())
            },
        )?;
        session.query("SELECT id, at FROM adjustment", &[], &mut |row| {
            census.adjustments.insert(row.get(0)?, moment(row.get(1)?));
            Ok(())
        })?;
        let last: HashSet<i64> = census.scopes.values().filter_map(|scope| scope.last_run).collect();
        for run in last {
            let detail = session.first("SELECT detail FROM run WHERE id = ?1", &[run.into()], |row| {
                row.get::<Option<Vec<u8>>>(0)
            })?;
            if let Some(detail) = detail.flatten() {
                let detail: RunDetail = uncompressed(&detail, "run.detail")?;
                census.judged.extend(detail.rules);
            }
        }
        census.judged.retain(|rule| !census.settings.is_off(rule.as_str()));
        Ok(census)
    }

    /// The moment at which something began or ended: that of a run, or one between runs.
    pub(crate) fn moment(&self, number: i64) -> DateTime<Utc> {
        let known = self.runs.get(&number).or_else(|| self.adjustments.get(&number));
        known.copied().unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// The cell of that number, also that of a rule that is off.
    pub(crate) fn cell(&self, number: i64) -> Option<&Cell> {
        let counted = self.cell_places.get(&number).and_then(|place| self.cells.get(*place));
        counted.or_else(|| self.resting.get(&number))
    }

    /// The scope of a cell or tally.
    pub fn scope(&self, number: i64) -> Option<&Scope> {
        self.scopes.get(&number)
    }

    /// The scope of that id.
    pub fn scope_of(&self, id: &str) -> Option<&Scope> {
        self.scopes.values().find(|scope| scope.id.as_str() == id)
    }

    /// Counts the cells that `choose` takes.
    pub fn score(&self, choose: impl Fn(&Cell) -> bool) -> Score {
        let mut score = Score::default();
        for cell in self.cells.iter().filter(|cell| choose(cell)) {
            cell.add_to(&mut score);
        }
        score
    }

    pub(crate) fn rule(&self, id: i64) -> Result<RuleId> {
        match self.names.get(&id) {
            Some(Name::Rule(rule)) => Ok(rule.clone()),
            _ => Err(nameless("rule", id)),
        }
    }

    pub(crate) fn region(&self, id: i64) -> Result<Region> {
        match self.names.get(&id) {
            Some(Name::Region(region)) => Ok(region.clone()),
            _ => Err(nameless("region", id)),
        }
    }

    pub(crate) fn resource_type(&self, id: i64) -> Result<ResourceType> {
        match self.names.get(&id) {
            Some(Name::ResourceType(kind)) => Ok(kind.clone()),
            _ => Err(nameless("resource type", id)),
        }
    }
}

fn nameless(kind: &str, id: i64) -> StoreError {
    StoreError::Content { place: "name", message: format!("there is no {kind} `{id}`") }
}

fn parsed<T: serde::de::DeserializeOwned>(json: &str, place: &'static str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| StoreError::Content { place, message: error.to_string() })
}

pub(crate) fn standing(number: i64) -> Standing {
    match number {
        0 => Standing::Failing,
        1 => Standing::Unknown,
        2 => Standing::Excepted,
        _ => Standing::Passing,
    }
}

pub(crate) fn severity(number: i64) -> Severity {
    match number {
        0 => Severity::Info,
        1 => Severity::Low,
        2 => Severity::Medium,
        3 => Severity::High,
        _ => Severity::Critical,
    }
}
