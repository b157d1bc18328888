//! The audit log: who did what, when, from where. Entries are only added.

use crate::database::Session;
use crate::runs::moment;
use crate::{Result, Store};
use chrono::{DateTime, Utc};

/// Whoever does something, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who, as they sign in.
    pub name: String,
    /// The network address that they came from.
    pub address: String,
}

/// What is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Somebody signed in.
    SignedIn,
    /// Somebody tried to sign in with a wrong name or password.
    RefusedSignIn,
    /// Somebody signed out.
    SignedOut,
    /// A link that makes an administrator was made.
    MadeAdministratorLink,
    /// Somebody became an administrator by a link.
    BecameAdministrator,
    /// A person was invited.
    Invited,
    /// A new link to set a password was made.
    MadeLink,
    /// A person's level, accounts or access was changed.
    ChangedPerson,
    /// A password was set by a link.
    SetPassword,
    /// A password was changed by its owner.
    ChangedPassword,
    /// A session was ended by its owner.
    EndedSession,
    /// A token was made.
    MadeToken,
    /// A token was ended.
    EndedToken,
    /// An integration was made.
    MadeIntegration,
    /// An integration was changed.
    ChangedIntegration,
    /// An integration was taken away.
    RemovedIntegration,
    /// A scan was asked for.
    AskedForScan,
    /// A run was asked to end.
    AskedToStop,
    /// How long history is kept was set.
    SetRetention,
    /// An alert was made.
    MadeAlert,
    /// An alert was changed.
    ChangedAlert,
    /// An alert was switched on.
    SwitchedAlertOn,
    /// An alert was switched off.
    SwitchedAlertOff,
    /// An alert was tried.
    TestedAlert,
    /// An alert was ended.
    EndedAlert,
    /// An exception was made.
    MadeException,
    /// An exception was changed.
    ChangedException,
    /// An exception was ended.
    EndedException,
    /// A finding was given to somebody, or taken from them.
    Assigned,
    /// A note was written to a finding.
    WroteNote,
    /// A rule was switched off.
    SwitchedOff,
    /// A rule was switched on again.
    SwitchedOn,
    /// A parameter of a rule was set, or left to the catalog again.
    SetParameter,
    /// A policy of agents was made.
    MadeAgentPolicy,
    /// A policy of agents was taken away.
    RemovedAgentPolicy,
    /// An integration was given to the server or the agents of a policy.
    AssignedIntegration,
    /// A token that enrols agents was made.
    MadeEnrollment,
    /// A token that enrols agents was ended.
    EndedEnrollment,
    /// A host became an agent by a token.
    EnrolledAgent,
    /// An agent was shut out.
    RevokedAgent,
    /// An agent was moved to another policy.
    MovedAgent,
}

impl Act {
    /// What is kept and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignedIn => "signed in",
            Self::RefusedSignIn => "was refused at sign-in",
            Self::SignedOut => "signed out",
            Self::MadeAdministratorLink => "made a link for an administrator",
            Self::BecameAdministrator => "became administrator",
            Self::Invited => "invited",
            Self::MadeLink => "made a new link for",
            Self::ChangedPerson => "changed",
            Self::SetPassword => "set a password by a link",
            Self::ChangedPassword => "changed the password",
            Self::EndedSession => "ended a session",
            Self::MadeToken => "made the token",
            Self::EndedToken => "ended the token",
            Self::MadeIntegration => "made the integration",
            Self::ChangedIntegration => "changed the integration",
            Self::RemovedIntegration => "removed the integration",
            Self::AskedForScan => "asked for a scan of",
            Self::AskedToStop => "asked to stop",
            Self::SetRetention => "set that is kept:",
            Self::MadeAlert => "made the alert",
            Self::ChangedAlert => "changed the alert",
            Self::SwitchedAlertOn => "switched on the alert",
            Self::SwitchedAlertOff => "switched off the alert",
            Self::TestedAlert => "tried the alert",
            Self::EndedAlert => "ended the alert",
            Self::MadeException => "made the exception",
            Self::ChangedException => "changed the exception",
            Self::EndedException => "ended the exception",
            Self::Assigned => "assigned",
            Self::WroteNote => "wrote a note to",
            Self::SwitchedOff => "switched off",
            Self::SwitchedOn => "switched on",
            Self::SetParameter => "set the parameter",
            Self::MadeAgentPolicy => "made the policy of agents",
            Self::RemovedAgentPolicy => "removed the policy of agents",
            Self::AssignedIntegration => "gave the integration",
            Self::MadeEnrollment => "made an enrolment token for",
            Self::EndedEnrollment => "ended an enrolment token for",
            Self::EnrolledAgent => "enrolled the agent",
            Self::RevokedAgent => "shut out the agent",
            Self::MovedAgent => "moved the agent",
        }
    }
}

/// A line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number; later ones have greater ones.
    pub number: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub name: String,
    /// From where.
    pub address: String,
    /// Did what.
    pub action: String,
    /// To what; empty where it says itself.
    pub subject: String,
}

/// Adds an entry, in the transaction of what it is about: neither is there without the other.
pub(crate) fn log(
    session: &mut dyn Session,
    by: &Actor,
    act: Act,
    subject: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let id = crate::import::next_id(session, "audit")?;
    session.execute(
        "INSERT INTO audit (id, at, name, address, action, subject) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        &[
            id.into(),
            now.timestamp_millis().into(),
            (&by.name).into(),
            (&by.address).into(),
            act.as_str().into(),
            subject.into(),
        ],
    )?;
    Ok(())
}

impl Store {
    /// Adds an entry to the audit log.
    ///
    /// # Errors
    /// If the store fails.
    pub fn log(&self, by: &Actor, act: Act, subject: &str, now: DateTime<Utc>) -> Result<()> {
        self.database().write(|session| log(session, by, act, subject, now))
    }

    /// The last entries of the audit log, the latest first; those before `before` if it is given.
    ///
    /// # Errors
    /// If the store fails.
    pub fn audit(&self, before: Option<i64>, limit: u32) -> Result<Vec<AuditEntry>> {
        let before = before.unwrap_or(i64::MAX);
        self.database().read(|session| {
            session.all(
                "SELECT id, at, name, address, action, subject FROM audit WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
                &[before.into(), i64::from(limit).into()],
                |row| {
                    Ok(AuditEntry {
                        number: row.get(0)?,
                        at: moment(row.get(1)?),
                        name: row.get(2)?,
                        address: row.get(3)?,
                        action: row.get(4)?,
                        subject: row.get(5)?,
                    })
                },
            )
        })
    }

    /// Whether somebody of that name has signed in from that address before.
    ///
    /// # Errors
    /// If the store fails.
    pub fn has_signed_in_from(&self, by: &Actor) -> Result<bool> {
        self.database().read(|session| {
            let count = session.number(
                "SELECT count(*) FROM audit WHERE action = ?1 AND name = ?2 AND address = ?3",
                &[Act::SignedIn.as_str().into(), (&by.name).into(), (&by.address).into()],
            )?;
            Ok(count > 0)
        })
    }
}
