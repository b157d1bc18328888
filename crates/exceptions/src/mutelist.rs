//! Prowler's mutelists as exceptions.
//!
//! Followed is Prowler 5.7 and later, whose documentation is what people write by: accounts are exact
//! or `*`; all else is a pattern that is looked for anywhere in the text; an entry's tags must all be
//! there, of its other lists one item each. Where ours cannot say the same, less is covered, never
//! more, and a note tells it.

mod carry;
mod form;
mod pattern;

use crate::exception::TO_FILL_IN;
use crate::{Exception, ExceptionProblem, RuleNames};
use carry::Earlier;
use form::{Entries, Entry};
use std::collections::BTreeMap;
use std::fmt;
use thiserror::Error;

/// What a mutelist does not say and an exception needs.
#[derive(Clone, Copy, Debug, Default)]
pub struct FillIn<'f> {
    /// Who answers for all of the exceptions; to be filled in by hand unless given.
    pub owner: Option<&'f str>,
    /// The reason of those that have no description; to be filled in by hand unless given.
    pub reason: Option<&'f str>,
}

/// A mutelist as exceptions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The text of a file of exceptions, with a comment at each that tells where it comes from.
    pub yaml: String,
    /// How many exceptions it holds.
    pub exceptions: usize,
    /// How many of them lack a reason or an owner, and are refused until someone fills that in.
    pub to_fill_in: usize,
    /// What could not be carried over exactly, in the order of the mutelist.
    pub notes: Vec<ImportNote>,
}

/// Something that could not be carried over exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportNote {
    /// Line in the mutelist, from 1.
    pub line: u64,
    /// What, for people.
    pub message: String,
}

impl fmt::Display for ImportNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// A text cannot be imported as a mutelist.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MutelistError {
    /// It is not of the form.
    #[error("{0}")]
    Form(ExceptionProblem),
    /// It is something else.
    #[error("there is no key `Mutelist`; is this a mutelist of Prowler?")]
    NotAMutelist,
    /// The outcome cannot be written as YAML.
    #[error("cannot write the exceptions: {0}")]
    Write(String),
}

/// Makes exceptions of the text of a mutelist. `checks` are our rules by Prowler's names for them.
///
/// # Errors
/// If the text is no mutelist; what is merely not expressible becomes a note.
pub fn import_mutelist(
    text: &str,
    checks: &RuleNames,
    fill_in: FillIn<'_>,
) -> Result<Imported, MutelistError> {
    let mut import = Import { checks, fill_in, notes: Vec::new(), exceptions: Vec::new() };
    for account in import.last_of_each(form::read(text)?.accounts) {
        import.account(account);
    }
    import.finish()
}

struct Import<'i> {
    checks: &'i RuleNames,
    fill_in: FillIn<'i>,
    notes: Vec<ImportNote>,
    exceptions: Vec<Commented>,
}

struct Commented {
    comment: String,
    exception: Exception,
}

impl Import<'_> {
    fn note(&mut self, line: u64, message: String) {
        self.notes.push(ImportNote { line, message });
    }

    /// Of entries with the same key the last, in the place of the first, as Prowler's reader has it.
    fn last_of_each<T>(&mut self, entries: Entries<T>) -> Vec<Entry<T>> {
        let mut kept: Vec<Entry<T>> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for entry in entries.0 {
            let known = places.get(&entry.key).and_then(|place| kept.get_mut(*place));
            if let Some(other) = known {
                let line = other.line;
                let message = format!(
                    "`{}` stands there again in line {}; Prowler takes only the last, and so does this",
                    entry.key, entry.line
                );
                *other = entry;
                self.note(line, message);
            } else {
                places.insert(entry.key.clone(), kept.len());
                kept.push(entry);
            }
        }
        kept
    }

    fn account(&mut self, account: Entry<form::Account>) {
        if account.key != "*" && account.key.contains(['*', '?', '/']) {
            let message = format!(
                "the account `{}` is left out: Prowler takes it literally, so that it mutes nothing",
                account.key
            );
            return self.note(account.line, message);
        }
        let mut earlier: Vec<Earlier> = Vec::new();
        for check in self.last_of_each(account.value.checks) {
            self.check(&account.key, &check, &mut earlier);
        }
    }

    fn check(&mut self, account: &str, entry: &Entry<form::Check>, earlier: &mut Vec<Earlier>) {
        let line = entry.line;
        let outcome = carry::check(account, entry, self.checks, earlier);
        for message in outcome.notes {
            self.note(line, format!("`{}`: {message}", entry.key));
        }
        let Some((covers, except)) = outcome.criteria else { return };
        let text = |given: Option<&str>| given.unwrap_or(TO_FILL_IN).trim().to_owned();
        let description =
            entry.value.description.as_ref().map(|text| text.0.trim()).filter(|it| !it.is_empty());
        let exception = Exception {
            covers,
            except,
            reason: text(description.or(self.fill_in.reason)),
            owner: text(self.fill_in.owner),
            ..Exception::default()
        };
        let comment = format!("line {line}: {} in account {account}", entry.key);
        self.exceptions.push(Commented { comment, exception });
    }

    fn finish(mut self) -> Result<Imported, MutelistError> {
        self.notes.sort_by_key(|note| note.line);
        let mut yaml =
            "# Imported from a mutelist of Prowler; each comment tells the line there.\n".to_owned();
        let lacks = |it: &&Commented| it.exception.reason == TO_FILL_IN || it.exception.owner == TO_FILL_IN;
        let to_fill_in = self.exceptions.iter().filter(lacks).count();
        if to_fill_in > 0 {
            yaml.push_str(
                "# Put a reason or an owner in place of each \"TO FILL IN\"; until then this is refused.\n",
            );
        }
        yaml.push_str("# `until: 2026-12-31` would have an exception looked at again.\n");
        for Commented { comment, exception } in &self.exceptions {
            let item = serde_saphyr::to_string(&[exception])
                .map_err(|error| MutelistError::Write(error.to_string()))?;
            // a key of the mutelist may hold a line break, and a comment must not
            yaml.extend(["\n# ", &stance_model::printable(comment), "\n", &item]);
        }
        if self.exceptions.is_empty() {
            yaml.push_str("[]\n");
        }
        Ok(Imported { yaml, exceptions: self.exceptions.len(), to_fill_in, notes: self.notes })
    }
}

#[cfg(test)]
mod tests;
