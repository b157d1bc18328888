//! The exceptions that are in force, ready to be asked, and as runs elsewhere take them.

use super::kept::{KEPT, KeptException, kept};
use super::unreadable;
use crate::bundle::ScopeBundle;
use crate::database::Session;
use crate::import::NameKind;
use crate::runs::moment;
use crate::{Accounts, Result, Store, StoreError, digest};
use chrono::{DateTime, Utc};
use stance_exceptions::{Exception, Exceptions, Pattern, RuleNames, Subject};
use stance_model::VerdictStatus;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A rule that there is not. With it, no choice of rules is every rule: the store may know few of them.
const NO_RULE: &str = "-";

/// An exception that nobody has ended, limited to the accounts of whoever made it.
pub(super) struct Held {
    pub(super) number: i64,
    pub(super) exception: Exception,
    /// What tells whether it was applied as it is.
    pub(super) key: String,
}

/// The exceptions that nobody has ended, ready to be asked; those that have expired are told by the moment.
pub(crate) struct Force {
    pub(super) held: Vec<Held>,
    pub(super) names: RuleNames,
    ready: Exceptions,
    services: HashMap<String, String>,
    numbers: HashMap<String, i64>,
    /// The ids of all that there ever were: what a run says of them is not its own.
    known: HashSet<String>,
    /// When exceptions were applied last.
    applied_at: DateTime<Utc>,
    applied: Vec<String>,
}

impl Force {
    pub(crate) fn load(session: &mut dyn Session) -> Result<Self> {
        let held = held(session)?;
        let Rules { mut names, services } = Rules::load(session)?;
        names.push((NO_RULE.to_owned(), NO_RULE.to_owned()));
        let names = rule_names(&names);
        let numbers = held.iter().filter_map(|held| Some((held.exception.id.clone()?, held.number)));
        let numbers = numbers.collect();
        let list: Vec<Exception> = held.iter().map(|held| held.exception.clone()).collect();
        let ready = Exceptions::compile(list, names.clone()).map_err(|error| StoreError::Content {
            place: "exception.document",
            message: error.to_string(),
        })?;
        let known = session.all("SELECT uid FROM exception", &[], |row| row.get(0))?;
        let (applied_at, applied) = applied(session)?;
        Ok(Self {
            held,
            names,
            ready,
            services,
            numbers,
            known: known.into_iter().collect(),
            applied_at,
            applied,
        })
    }

    /// Whether nothing can be accepted.
    pub(crate) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// The number of the exception that covers a finding at that moment.
    pub(crate) fn covering(&self, subject: &Asked<'_>, at: DateTime<Utc>) -> Option<i64> {
        if self.is_empty() || !matches!(subject.status, VerdictStatus::Fail | VerdictStatus::Unknown) {
            return None;
        }
        let service = self.service(subject.rule);
        let subject = Subject {
            finding: subject.finding,
            rule: subject.rule,
            service,
            resource_id: subject.resource_id,
            resource_name: subject.resource_name,
            tags: subject.tags,
            account: subject.account,
            region: subject.region,
        };
        let covering = self.ready.covering(&subject, at)?;
        self.numbers.get(covering.id.as_ref()?).copied()
    }

    pub(super) fn service(&self, rule: &str) -> &str {
        self.services.get(rule).map(String::as_str).unwrap_or_default()
    }

    /// The moment at which a run is judged that saw the estate then: what has expired since does not come back.
    pub(crate) fn moment_of(&self, as_of: DateTime<Utc>) -> DateTime<Utc> {
        as_of.max(self.applied_at)
    }

    /// Takes out of a run what it says by exceptions of this store: the store says that itself.
    pub(crate) fn strip(&self, bundle: &mut ScopeBundle) {
        if self.known.is_empty() {
            return;
        }
        for finding in &mut bundle.findings {
            let id = finding.exception.as_ref().and_then(|mark| mark.id.as_ref());
            if id.is_some_and(|id| self.known.contains(id)) {
                finding.exception = None;
            }
        }
    }

    /// Has exceptions applied anew where a run was judged by others than those that were applied last.
    pub(crate) fn note_judged(&self, session: &mut dyn Session, at: DateTime<Utc>) -> Result<()> {
        if keys_at(&self.held, at) != self.applied {
            set_applied(session, self.applied_at, &[])?;
        }
        Ok(())
    }
}

/// A finding, as far as exceptions ask about it.
pub(crate) struct Asked<'a> {
    pub(crate) finding: &'a str,
    pub(crate) rule: &'a str,
    pub(crate) resource_id: &'a str,
    pub(crate) resource_name: &'a str,
    pub(crate) tags: &'a BTreeMap<String, String>,
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) status: VerdictStatus,
}

/// The exceptions that nobody has ended and that can match something.
pub(super) fn held(session: &mut dyn Session) -> Result<Vec<Held>> {
    let all = session.all(&format!("{KEPT} WHERE ended_at IS NULL ORDER BY id"), &[], kept)?;
    all.into_iter().filter_map(|kept| limited(kept).transpose()).collect()
}

/// What tells which of them were in force at that moment.
pub(super) fn keys_at(held: &[Held], at: DateTime<Utc>) -> Vec<String> {
    held.iter().filter(|held| !held.exception.has_ended(at)).map(|held| held.key.clone()).collect()
}

/// An exception that says itself which accounts it may match; nothing where these are none.
fn limited(kept: KeptException) -> Result<Option<Held>> {
    let mut exception = kept.exception;
    if let Accounts::Only(limit) = &kept.limit {
        let said = std::mem::take(&mut exception.covers.account);
        let is_meant = |account: &str| said.is_empty() || said.iter().any(|pattern| pattern.matches(account));
        let meant = limit.iter().filter(|account| is_meant(account.as_str()));
        // an id that would stand for others is no account's
        let exact = meant.filter_map(|account| account.as_str().parse::<Pattern>().ok());
        exception.covers.account = exact.filter(|pattern| pattern.exact().is_some()).collect();
        if exception.covers.account.is_empty() {
            return Ok(None);
        }
    }
    let document = serde_json::to_value(&exception).map_err(|error| unreadable(&error))?;
    let key = format!("{}:{}", kept.number, crate::hex::hexed(&digest(&document)));
    Ok(Some(Held { number: kept.number, exception, key }))
}

/// What is known of rules.
struct Rules {
    /// Ids with names that the rules go by.
    names: Vec<(String, String)>,
    services: HashMap<String, String>,
}

impl Rules {
    fn load(session: &mut dyn Session) -> Result<Self> {
        let mut services = HashMap::new();
        let mut names: Vec<(String, String)> = Vec::new();
        session.query("SELECT rule, service, names FROM known_rule", &[], &mut |row| {
            let rule: String = row.get(0)?;
            let others: Vec<String> = serde_json::from_str(&row.get::<String>(2)?).map_err(|error| {
                StoreError::Content { place: "known_rule.names", message: error.to_string() }
            })?;
            names.push((rule.clone(), rule.clone()));
            names.extend(others.into_iter().map(|name| (rule.clone(), name)));
            services.insert(rule, row.get(1)?);
            Ok(())
        })?;
        // rules that judged here and that no catalog told of
        session.query(
            "SELECT text FROM name WHERE kind = ?1",
            &[NameKind::Rule.number().into()],
            &mut |row| {
                let rule: String = row.get(0)?;
                names.push((rule.clone(), rule));
                Ok(())
            },
        )?;
        Ok(Self { names, services })
    }
}

fn rule_names(names: &[(String, String)]) -> RuleNames {
    RuleNames::new(names.iter().map(|(rule, name)| (rule.as_str(), name.as_str())))
}

/// The names by which a new exception is looked at. As long as no catalog told of its rules, a choice of all that
/// judged is not a choice of all that there are.
pub(super) fn names_for_new(session: &mut dyn Session) -> Result<RuleNames> {
    let Rules { mut names, services } = Rules::load(session)?;
    if services.is_empty() {
        names.push((NO_RULE.to_owned(), NO_RULE.to_owned()));
    }
    Ok(rule_names(&names))
}

/// When exceptions were applied last, and which.
pub(super) fn applied(session: &mut dyn Session) -> Result<(DateTime<Utc>, Vec<String>)> {
    let read = |text: String| {
        serde_json::from_str(&text)
            .map_err(|error| StoreError::Content { place: "applied.exceptions", message: error.to_string() })
    };
    let found = session.first("SELECT at, exceptions FROM applied WHERE id = 1", &[], |row| {
        Ok((moment(row.get(0)?), read(row.get(1)?)?))
    })?;
    Ok(found.unwrap_or_default())
}

pub(super) fn set_applied(session: &mut dyn Session, at: DateTime<Utc>, keys: &[String]) -> Result<()> {
    let text = serde_json::to_string(keys).map_err(|error| unreadable(&error))?;
    session.execute(
        "UPDATE applied SET at = ?1, exceptions = ?2 WHERE id = 1",
        &[at.timestamp_millis().into(), (&text).into()],
    )?;
    Ok(())
}

impl Store {
    /// The exceptions that are in force at that moment, each limited to the accounts of whoever made it: for a run
    /// that is to be judged by them.
    ///
    /// # Errors
    /// If the store fails.
    pub fn exceptions_in_force(&self, now: DateTime<Utc>) -> Result<Vec<Exception>> {
        let held = self.database().read(held)?;
        let held = held.into_iter().map(|held| held.exception);
        Ok(held.filter(|exception| !exception.has_ended(now)).collect())
    }
}
