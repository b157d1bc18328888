//! What people have set of rules: off for all or in one benchmark, and parameters.

use crate::database::Session;
use crate::people::{Act, log};
use crate::runs::moment;
use crate::{Actor, Result, Store, StoreError};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Characters of a reason.
const LONGEST: usize = 2_000;

/// That a rule is switched off, by whom and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Off {
    /// The benchmark in which it is; nothing where it is off for all.
    pub benchmark: Option<String>,
    /// Why.
    pub reason: String,
    /// Since when.
    pub at: DateTime<Utc>,
    /// Who did it, as they sign in.
    pub name: String,
}

/// A parameter that differs from the catalog's.
#[derive(Clone, Debug, PartialEq)]
pub struct SetParameter {
    /// Its value.
    pub value: Value,
    /// Since when.
    pub at: DateTime<Utc>,
    /// Who set it, as they sign in.
    pub name: String,
}

/// What people have set of rules.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleSettings {
    off: BTreeMap<String, Vec<Off>>,
    parameters: BTreeMap<String, BTreeMap<String, SetParameter>>,
}

impl RuleSettings {
    /// What somebody tells of them elsewhere: rules that are off for all, and parameters by rule and name.
    pub fn told(
        off: impl IntoIterator<Item = String>,
        parameters: impl IntoIterator<Item = (String, String, Value)>,
        at: DateTime<Utc>,
    ) -> Self {
        let mut told = Self::default();
        for rule in off {
            let off = Off { benchmark: None, reason: String::new(), at, name: String::new() };
            told.off.insert(rule, vec![off]);
        }
        for (rule, name, value) in parameters {
            let parameter = SetParameter { value, at, name: String::new() };
            told.parameters.entry(rule).or_default().insert(name, parameter);
        }
        told
    }

    /// The rules that are off for all: no run is to judge by them, and what they said does not count.
    pub fn off_for_all(&self) -> BTreeSet<&str> {
        let all = self.off.iter().filter(|(_, offs)| offs.iter().any(|off| off.benchmark.is_none()));
        all.map(|(rule, _)| rule.as_str()).collect()
    }

    /// How a rule is off, for all first.
    pub fn off(&self, rule: &str) -> &[Off] {
        self.off.get(rule).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a rule is off for all.
    pub fn is_off(&self, rule: &str) -> bool {
        self.off(rule).iter().any(|off| off.benchmark.is_none())
    }

    /// Whether a rule is off in a benchmark, there alone or for all.
    pub fn is_off_in(&self, rule: &str, benchmark: &str) -> bool {
        self.off(rule).iter().any(|off| off.benchmark.as_deref().is_none_or(|held| held == benchmark))
    }

    /// The parameters of a rule that are set, by name.
    pub fn parameters(&self, rule: &str) -> impl Iterator<Item = (&str, &SetParameter)> {
        let set = self.parameters.get(rule).into_iter().flatten();
        set.map(|(name, parameter)| (name.as_str(), parameter))
    }

    /// All parameters that are set: rule, name, value.
    pub fn all_parameters(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        self.parameters.iter().flat_map(|(rule, set)| {
            set.iter().map(|(name, parameter)| (rule.as_str(), name.as_str(), &parameter.value))
        })
    }
}

/// Reads all that is set.
pub(crate) fn load(session: &mut dyn Session) -> Result<RuleSettings> {
    let mut settings = RuleSettings::default();
    session.query(
        "SELECT rule, benchmark, reason, at, name FROM rule_off ORDER BY rule, benchmark",
        &[],
        &mut |row| {
            let off = Off {
                benchmark: Some(row.get::<String>(1)?).filter(|benchmark| !benchmark.is_empty()),
                reason: row.get(2)?,
                at: moment(row.get(3)?),
                name: row.get(4)?,
            };
            settings.off.entry(row.get(0)?).or_default().push(off);
            Ok(())
        },
    )?;
    session.query("SELECT rule, parameter, value, at, name FROM rule_parameter", &[], &mut |row| {
        let value = serde_json::from_str(&row.get::<String>(2)?).map_err(|error| StoreError::Content {
            place: "rule_parameter.value",
            message: error.to_string(),
        })?;
        let parameter = SetParameter { value, at: moment(row.get(3)?), name: row.get(4)? };
        settings.parameters.entry(row.get(0)?).or_default().insert(row.get(1)?, parameter);
        Ok(())
    })?;
    Ok(settings)
}

impl Store {
    /// What people have set of rules.
    ///
    /// # Errors
    /// If the store fails.
    pub fn rule_settings(&self) -> Result<RuleSettings> {
        self.database().read(load)
    }

    /// Switches a rule off: in a benchmark, or for all where none is named. Nothing is deleted.
    ///
    /// # Errors
    /// If no reason is given, or the store fails.
    pub fn switch_off(
        &self,
        rule: &str,
        benchmark: Option<&str>,
        reason: &str,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > LONGEST {
            let message =
                format!("a rule is switched off for a reason of 1 to {LONGEST} characters; say why");
            return Err(StoreError::Unfit(message));
        }
        self.database().write(|session| {
            session.execute(
                "INSERT INTO rule_off (rule, benchmark, reason, at, name) VALUES (?1, ?2, ?3, ?4, ?5) \
                 ON CONFLICT (rule, benchmark) DO UPDATE SET reason = excluded.reason, at = excluded.at, \
                 name = excluded.name",
                &[
                    rule.into(),
                    benchmark.unwrap_or_default().into(),
                    reason.into(),
                    now.timestamp_millis().into(),
                    (&by.name).into(),
                ],
            )?;
            let subject = format!("{}: {reason}", place(rule, benchmark));
            changed(session, by, Act::SwitchedOff, &subject, now)
        })
    }

    /// Switches a rule on again where it was off; what it said last counts again.
    ///
    /// # Errors
    /// If the store fails.
    pub fn switch_on(
        &self,
        rule: &str,
        benchmark: Option<&str>,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.database().write(|session| {
            let switched = session.execute(
                "DELETE FROM rule_off WHERE rule = ?1 AND benchmark = ?2",
                &[rule.into(), benchmark.unwrap_or_default().into()],
            )?;
            if switched == 0 {
                return Ok(());
            }
            changed(session, by, Act::SwitchedOn, &place(rule, benchmark), now)
        })
    }

    /// Sets a parameter of a rule from the next run on; nothing leaves it to the catalog. Whoever calls has asked the
    /// catalog whether the value fits.
    ///
    /// # Errors
    /// If the store fails.
    pub fn set_parameter(
        &self,
        rule: &str,
        parameter: &str,
        value: Option<&Value>,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.database().write(|session| {
            let known = session.first(
                "SELECT value FROM rule_parameter WHERE rule = ?1 AND parameter = ?2",
                &[rule.into(), parameter.into()],
                |row| row.get::<String>(0),
            )?;
            let text = value.map(ToString::to_string);
            if known == text {
                return Ok(());
            }
            session.execute(
                "DELETE FROM rule_parameter WHERE rule = ?1 AND parameter = ?2",
                &[rule.into(), parameter.into()],
            )?;
            if let Some(text) = &text {
                session.execute(
                    "INSERT INTO rule_parameter (rule, parameter, value, at, name) VALUES (?1, ?2, ?3, ?4, ?5)",
                    &[
                        rule.into(),
                        parameter.into(),
                        text.into(),
                        now.timestamp_millis().into(),
                        (&by.name).into(),
                    ],
                )?;
            }
            let told = text.as_deref().unwrap_or("the catalog's");
            changed(session, by, Act::SetParameter, &format!("{parameter} of {rule}: {told}"), now)
        })
    }
}

fn place(rule: &str, benchmark: Option<&str>) -> String {
    benchmark.map_or_else(|| rule.to_owned(), |benchmark| format!("{rule} in {benchmark}"))
}

/// Logs a change and makes every cache of counts stale.
fn changed(session: &mut dyn Session, by: &Actor, act: Act, subject: &str, now: DateTime<Utc>) -> Result<()> {
    session.execute("UPDATE generation SET number = number + 1", &[])?;
    log(session, by, act, subject, now)
}
