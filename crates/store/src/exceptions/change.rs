//! Making, changing and ending exceptions: each is applied, logged and remembered in one transaction.

use super::apply::apply;
use super::force::names_for_new;
use super::kept::{Author, KeptException, find};
use super::unreadable;
use crate::database::Session;
use crate::hex::hexed;
use crate::import::next_id;
use crate::people::{Act, log};
use crate::{Accounts, Result, Store, StoreError};
use chrono::{DateTime, Utc};
use stance_exceptions::{Exception, ExceptionNotice, Exceptions};

/// Bytes of an exception's document.
const LARGEST: usize = 16 * 1024;
/// Characters of its reason.
const LONGEST_REASON: usize = 2_000;
/// Characters of its owner.
const LONGEST_OWNER: usize = 200;

impl Store {
    /// Makes an exception and applies it. It matches the accounts that its author may see, and no others, whatever
    /// it says; its id is of the store's choice.
    ///
    /// # Errors
    /// If it lacks something, would cover everything, names a rule that there is not, or the store fails.
    pub fn make_exception(
        &self,
        exception: &Exception,
        by: &Author,
        now: DateTime<Utc>,
    ) -> Result<KeptException> {
        let uid = unique()?;
        self.database().write(|session| {
            let document = checked(session, exception, &by.accounts, now)?;
            let number = next_id(session, "exception")?;
            session.execute(
                "INSERT INTO exception (id, uid, document, accounts, made_at, made_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                &[
                    number.into(),
                    (&uid).into(),
                    (&document).into(),
                    (&by.accounts.text()?).into(),
                    now.timestamp_millis().into(),
                    (&by.actor.name).into(),
                ],
            )?;
            done(session, number, Act::MadeException, &document, by, now)
        })
    }

    /// Says something else in an exception that nobody has ended, and applies that. It goes on matching the accounts
    /// of whoever made it only.
    ///
    /// # Errors
    /// As [`Store::make_exception`]; and if there is no such exception for its author, or it was ended.
    pub fn change_exception(
        &self,
        number: i64,
        exception: &Exception,
        by: &Author,
        now: DateTime<Utc>,
    ) -> Result<KeptException> {
        self.database().write(|session| {
            let kept = open(session, number, by)?;
            let document = checked(session, exception, &kept.limit, now)?;
            if document == text_of(&kept.exception)? {
                return Ok(kept);
            }
            session.execute(
                "UPDATE exception SET document = ?2, changed_at = ?3, changed_by = ?4 WHERE id = ?1",
                &[number.into(), (&document).into(), now.timestamp_millis().into(), (&by.actor.name).into()],
            )?;
            done(session, number, Act::ChangedException, &document, by, now)
        })
    }

    /// Ends an exception: what it covers counts again, unless another one covers it.
    ///
    /// # Errors
    /// If there is no such exception for its author, it was ended, or the store fails.
    pub fn end_exception(&self, number: i64, by: &Author, now: DateTime<Utc>) -> Result<KeptException> {
        self.database().write(|session| {
            let kept = open(session, number, by)?;
            session.execute(
                "UPDATE exception SET ended_at = ?2, ended_by = ?3 WHERE id = ?1",
                &[number.into(), now.timestamp_millis().into(), (&by.actor.name).into()],
            )?;
            done(session, number, Act::EndedException, &text_of(&kept.exception)?, by, now)
        })
    }
}

/// An exception that its author may see and nobody has ended.
fn open(session: &mut dyn Session, number: i64, by: &Author) -> Result<KeptException> {
    let kept = find(session, number, &by.accounts)?;
    match &kept.ended {
        None => Ok(kept),
        Some((_, name)) => {
            let message = format!("`{name}` has ended the exception already; make another one");
            Err(StoreError::Unfit(message))
        }
    }
}

/// Applies what was changed, and remembers who did it.
fn done(
    session: &mut dyn Session,
    number: i64,
    act: Act,
    document: &str,
    by: &Author,
    now: DateTime<Utc>,
) -> Result<KeptException> {
    let last =
        session.number("SELECT max(number) FROM exception_change WHERE exception = ?1", &[number.into()])?;
    let action = match act {
        Act::MadeException => "made",
        Act::EndedException => "ended",
        _ => "changed",
    };
    session.execute(
        "INSERT INTO exception_change (exception, number, at, name, action, document) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        &[
            number.into(),
            (last + 1).into(),
            now.timestamp_millis().into(),
            (&by.actor.name).into(),
            action.into(),
            document.into(),
        ],
    )?;
    log(session, &by.actor, act, &format!("{number}: {document}"), now)?;
    apply(session, now)?;
    find(session, number, &Accounts::All)
}

/// The document of an exception that makes sense within those accounts.
fn checked(
    session: &mut dyn Session,
    exception: &Exception,
    limit: &Accounts,
    now: DateTime<Utc>,
) -> Result<String> {
    let unfit = |message: String| Err(StoreError::Unfit(message));
    if let Accounts::Only(limit) = limit {
        // whoever sees these alone is to be told of no others
        let mut named = exception.except.iter().flat_map(|criteria| &criteria.account);
        if let Some(other) = named.find(|account| !limit.contains(account.as_str())) {
            return unfit(format!("`except` names `{other}`, which it cannot be about; leave that out"));
        }
    }
    if let Some(until) = exception.until.filter(|_| exception.has_ended(now)) {
        return unfit(format!("`{until}` is over; choose a later last day, or none"));
    }
    for (what, text, longest) in
        [("reason", &exception.reason, LONGEST_REASON), ("owner", &exception.owner, LONGEST_OWNER)]
    {
        if text.chars().count() > longest {
            return unfit(format!("the {what} is longer than {longest} characters; say it shorter"));
        }
        if text
            .chars()
            .any(|letter| letter.is_control() && letter != '\n' && letter != '\r' && letter != '\t')
        {
            return unfit(format!("the {what} holds characters that cannot be shown; leave them out"));
        }
    }
    // with a line, problems are told without saying once more which exception it is
    let single = Exception { line: Some(1), ..anonymous(exception) };
    let compiled = match Exceptions::compile(vec![single], names_for_new(session)?) {
        Ok(compiled) => compiled,
        Err(error) => {
            let faults: Vec<&str> = error.0.iter().map(|problem| problem.message.as_str()).collect();
            return unfit(faults.join("; "));
        }
    };
    if let Some(ExceptionNotice::UnknownRule { rule, .. }) = compiled.unknown_rules().next() {
        return unfit(format!("there is no rule `{rule}`; the page of rules lists them"));
    }
    let document = text_of(exception)?;
    if document.len() > LARGEST {
        return unfit(format!("the exception is larger than {LARGEST} bytes; make several of it"));
    }
    Ok(document)
}

fn anonymous(exception: &Exception) -> Exception {
    Exception {
        id: None,
        line: None,
        reason: exception.reason.trim().to_owned(),
        owner: exception.owner.trim().to_owned(),
        ..exception.clone()
    }
}

fn text_of(exception: &Exception) -> Result<String> {
    serde_json::to_string(&anonymous(exception)).map_err(|error| unreadable(&error))
}

/// An id that no file has, so that a run's marks tell which exceptions are the store's.
fn unique() -> Result<String> {
    let mut random = [0; 6];
    getrandom::fill(&mut random).map_err(|error| StoreError::Random(error.to_string()))?;
    Ok(format!("console-{}", hexed(&random)))
}
