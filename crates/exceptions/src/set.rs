//! All exceptions of a run, ready to be asked.

use crate::index::{Index, RuleSet};
use crate::notice::SOON;
use crate::{
    Criteria, Exception, ExceptionNotice, ExceptionProblem, ExceptionsError, Reviewed, RuleNames, Subject,
};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// All exceptions of a run. Counts what they match, so that they can be reported on at the end;
/// may be asked from many threads.
#[derive(Debug, Default)]
pub struct Exceptions {
    all: Vec<Compiled>,
    names: RuleNames,
    index: Index,
}

#[derive(Debug)]
struct Compiled {
    exception: Arc<Exception>,
    rules: Option<RuleSet>,
    except: Vec<Option<RuleSet>>,
    unknown_rules: Vec<String>,
    matched: AtomicU64,
}

impl Exceptions {
    /// Makes exceptions ready, where rules go by those names.
    ///
    /// # Errors
    /// Every exception that lacks a reason or an owner, that would cover everything, or whose id
    /// another one has already.
    pub fn compile(list: Vec<Exception>, names: RuleNames) -> Result<Self, ExceptionsError> {
        let mut problems = Vec::new();
        let mut ids: HashMap<String, Option<u64>> = HashMap::new();
        for exception in &list {
            let mut faults = exception.faults(&names);
            if let Some(id) = &exception.id
                && let Some(other) = ids.insert(id.clone(), exception.line)
            {
                let place = other.map(|line| format!(" in line {line}")).unwrap_or_default();
                faults.push(format!("another exception{place} has the id `{id}` too"));
            }
            let line = exception.line;
            let told = |message| ExceptionProblem {
                line,
                message: if line.is_some() { message } else { format!("{exception}: {message}") },
            };
            problems.extend(faults.into_iter().map(told));
        }
        if !problems.is_empty() {
            return Err(ExceptionsError(problems));
        }
        let mut index = Index::default();
        let all = list
            .into_iter()
            .enumerate()
            .map(|(number, exception)| {
                let compiled = Compiled::of(exception, &names);
                index.file(number, &compiled.exception.covers, compiled.rules.as_ref());
                compiled
            })
            .collect();
        Ok(Self { all, names, index })
    }

    /// The first exception in the order of the file that covers the finding and has not ended at that
    /// moment. Every exception that matches is counted; one that has ended, where no other covers.
    pub fn covering(&self, subject: &Subject<'_>, as_of: DateTime<Utc>) -> Option<&Arc<Exception>> {
        let rule = self.names.index(subject.rule);
        let short_id = subject.short_id();
        let mut matching: Vec<usize> = Vec::new();
        for number in self.index.candidates(subject, short_id, rule) {
            if let Some(compiled) = self.all.get(number)
                && !matching.contains(&number)
                && compiled.covers(subject, short_id, rule)
            {
                matching.push(number);
            }
        }
        matching.sort_unstable();
        let matching = || matching.iter().filter_map(|number| self.all.get(*number));
        let first = matching().find(|compiled| !compiled.exception.has_ended(as_of));
        for compiled in matching() {
            if first.is_none() || !compiled.exception.has_ended(as_of) {
                compiled.matched.fetch_add(1, Ordering::Relaxed);
            }
        }
        first.map(|compiled| &compiled.exception)
    }

    /// What to tell of the exceptions once all findings of a run were asked for.
    pub fn notices(&self, reviewed: &Reviewed<'_>) -> Vec<ExceptionNotice> {
        let mut notices: Vec<ExceptionNotice> =
            self.all.iter().flat_map(|compiled| compiled.notices(reviewed, &self.names)).collect();
        let exceptions: Vec<Arc<Exception>> =
            self.iter().filter(|exception| exception.until.is_none()).map(Arc::clone).collect();
        if !exceptions.is_empty() {
            notices.push(ExceptionNotice::WithoutEnd { exceptions, of: self.len() });
        }
        notices
    }

    /// All exceptions in the order of the file, each with the findings counted for it so far.
    pub fn matches(&self) -> impl Iterator<Item = (&Arc<Exception>, u64)> {
        self.all.iter().map(|compiled| (&compiled.exception, compiled.matched.load(Ordering::Relaxed)))
    }

    /// All exceptions in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Exception>> {
        self.all.iter().map(|compiled| &compiled.exception)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The names in exceptions that are no rule's.
    pub fn unknown_rules(&self) -> impl Iterator<Item = ExceptionNotice> {
        self.all.iter().flat_map(Compiled::unknown_rules)
    }
}

impl Compiled {
    fn of(exception: Exception, names: &RuleNames) -> Self {
        let unknown_rules = exception
            .except
            .iter()
            .chain([&exception.covers])
            .flat_map(|criteria| &criteria.rule)
            .filter(|pattern| names.matching(pattern).is_empty())
            .map(ToString::to_string)
            .collect();
        Self {
            rules: RuleSet::of(&exception.covers.rule, names),
            except: exception.except.iter().map(|criteria| RuleSet::of(&criteria.rule, names)).collect(),
            unknown_rules,
            matched: AtomicU64::new(0),
            exception: Arc::new(exception),
        }
    }

    fn covers(&self, subject: &Subject<'_>, short_id: &str, rule: Option<usize>) -> bool {
        let meant = |criteria: &Criteria, rules: Option<&RuleSet>| {
            rules.is_none_or(|rules| rule.is_some_and(|rule| rules.contains(rule)))
                && criteria.covers_but_rule(subject, short_id)
        };
        meant(&self.exception.covers, self.rules.as_ref())
            && !self
                .exception
                .except
                .iter()
                .zip(&self.except)
                .any(|(criteria, rules)| meant(criteria, rules.as_ref()))
    }

    fn notices(&self, reviewed: &Reviewed<'_>, names: &RuleNames) -> Vec<ExceptionNotice> {
        let exception = Arc::clone(&self.exception);
        let findings = self.matched.load(Ordering::Relaxed);
        let mut notices: Vec<ExceptionNotice> = self
            .unknown_rules
            .iter()
            .map(|rule| ExceptionNotice::UnknownRule {
                exception: Arc::clone(&exception),
                rule: rule.clone(),
            })
            .collect();
        let soon = reviewed.as_of.checked_add_days(SOON).unwrap_or(reviewed.as_of);
        let could_match = notices.is_empty() && self.was_reviewed(reviewed, names);
        if exception.has_ended(reviewed.as_of) {
            // elsewhere it may still match; that is for the run there to tell
            if findings > 0 || could_match {
                notices.push(ExceptionNotice::Ended { exception, findings });
            }
        } else if findings == 0 && could_match {
            notices.push(ExceptionNotice::MatchesNothing { exception });
        } else if findings > 0 && exception.has_ended(soon) {
            notices.push(ExceptionNotice::EndsSoon { exception, findings });
        }
        notices
    }

    fn unknown_rules(&self) -> impl Iterator<Item = ExceptionNotice> {
        self.unknown_rules.iter().map(|rule| ExceptionNotice::UnknownRule {
            exception: Arc::clone(&self.exception),
            rule: rule.clone(),
        })
    }

    /// Whether the run looked at all that the exception is about.
    fn was_reviewed(&self, reviewed: &Reviewed<'_>, names: &RuleNames) -> bool {
        let covers = &self.exception.covers;
        let evaluated = |rule: usize| reviewed.rules.contains(names.id(rule));
        reviewed.any_account(&covers.account)
            && reviewed.every_region(&covers.region)
            && match &self.rules {
                Some(rules) => rules.members().all(evaluated),
                None => (0..names.len()).all(evaluated),
            }
    }
}

#[cfg(test)]
mod tests;
