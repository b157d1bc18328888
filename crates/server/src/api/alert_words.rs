//! What the API says of alerts.

use crate::Console;
use crate::alerts::checked;
use crate::error::PageResult;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_store::{Accounts, AlertChange, AlertMessage, Cause};

/// What an alert watches.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Watches {
    /// Findings that are new or came back.
    Findings,
    /// Runs that failed; for whoever may see all accounts.
    FailedRuns,
    /// Integrations that should have run and did not.
    Overdue,
}

/// Where an address or a secret is kept: never here.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Place {
    /// In this variable of the server's environment.
    Env(String),
    /// In this file of the folder that the server's operator has named.
    File(String),
}

/// Where an alert tells of what it watches.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "to", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum Channel {
    /// A receiver of signed requests.
    Webhook {
        /// Where its address is kept.
        address: Place,
        /// Where the secret is kept that requests are signed with.
        secret: Place,
    },
    /// An incoming webhook as Slack has them.
    Slack {
        /// Where its address is kept.
        address: Place,
    },
    /// Mail.
    Mail {
        /// Who receives it: 1 to 20 addresses.
        recipients: Vec<String>,
    },
}

/// An alert as it is sent.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlertToKeep {
    /// What it is called, in a line of 100 characters at most.
    pub(crate) name: String,
    /// What it watches.
    pub(crate) watches: Watches,
    /// Which findings it means, as the query of the page of findings says it; all that fail unless said.
    #[serde(default)]
    pub(crate) filter: Option<String>,
    /// Where it tells of them.
    pub(crate) channel: Channel,
    /// Whether it is on; it is unless said.
    #[serde(default)]
    pub(crate) active: Option<bool>,
}

/// An alert.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Alert {
    /// Its number.
    pub(crate) number: i64,
    /// What it is called.
    pub(crate) name: String,
    /// What it watches.
    pub(crate) watches: Watches,
    /// Which findings it means, as the query of the page of findings says it.
    pub(crate) filter: String,
    /// Where it tells of them.
    pub(crate) channel: Channel,
    /// Whether it is on.
    pub(crate) active: bool,
    /// Whether its maker may still make alerts; nothing is sent where not.
    pub(crate) is_maker_allowed: bool,
    /// The accounts of which it may tell; null for all.
    pub(crate) accounts: Option<Vec<String>>,
    /// When it was made.
    pub(crate) made_at: DateTime<Utc>,
    /// By whom.
    pub(crate) made_by: String,
}

/// Alerts.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Alerts {
    /// By name.
    pub(crate) alerts: Vec<Alert>,
}

/// An alert with what became of its messages.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AlertInFull {
    /// As in lists.
    #[serde(flatten)]
    pub(crate) alert: Alert,
    /// Its last messages, the latest first.
    pub(crate) messages: Vec<Message>,
}

/// What became of a message.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum MessageState {
    /// It is to be sent.
    Waiting,
    /// It was taken.
    Sent,
    /// It is not tried again.
    GivenUp,
    /// There was nothing to tell.
    Nothing,
}

/// Why there is a message.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub(crate) enum Reason {
    /// A run is in the store.
    RunDone {
        /// Its number.
        run: i64,
    },
    /// A run failed.
    RunFailed {
        /// Its number.
        run: i64,
    },
    /// An integration should have run.
    Overdue {
        /// What it is called.
        integration: String,
        /// When it should have.
        due_at: DateTime<Utc>,
    },
    /// Somebody tries the alert.
    Test,
}

/// A message of an alert.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Message {
    /// Its number.
    pub(crate) number: i64,
    /// Why there is one.
    pub(crate) cause: Reason,
    /// What became of it.
    pub(crate) state: MessageState,
    /// How often it was tried.
    pub(crate) attempts: u64,
    /// When it was sent or given up.
    pub(crate) ended_at: Option<DateTime<Utc>>,
    /// How many findings it tells of.
    pub(crate) findings: Option<u64>,
    /// Why it was not taken, at the last try.
    pub(crate) problem: Option<String>,
}

/// What channels may use.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Channels {
    /// Where addresses and secrets are kept, by name; never what is kept there.
    pub(crate) places: Vec<Place>,
    /// Whether mail can be sent.
    pub(crate) has_mail: bool,
}

impl From<stance_store::Watches> for Watches {
    fn from(watches: stance_store::Watches) -> Self {
        match watches {
            stance_store::Watches::Findings => Self::Findings,
            stance_store::Watches::FailedRuns => Self::FailedRuns,
            stance_store::Watches::Overdue => Self::Overdue,
        }
    }
}

impl From<Watches> for stance_store::Watches {
    fn from(watches: Watches) -> Self {
        match watches {
            Watches::Findings => Self::Findings,
            Watches::FailedRuns => Self::FailedRuns,
            Watches::Overdue => Self::Overdue,
        }
    }
}

impl From<stance_store::SecretPlace> for Place {
    fn from(place: stance_store::SecretPlace) -> Self {
        match place {
            stance_store::SecretPlace::Env(name) => Self::Env(name),
            stance_store::SecretPlace::File(name) => Self::File(name),
        }
    }
}

impl From<Place> for stance_store::SecretPlace {
    fn from(place: Place) -> Self {
        match place {
            Place::Env(name) => Self::Env(name),
            Place::File(name) => Self::File(name),
        }
    }
}

impl From<stance_store::Channel> for Channel {
    fn from(channel: stance_store::Channel) -> Self {
        match channel {
            stance_store::Channel::Webhook { address, secret } => {
                Self::Webhook { address: address.into(), secret: secret.into() }
            }
            stance_store::Channel::Slack { address } => Self::Slack { address: address.into() },
            stance_store::Channel::Mail { recipients } => Self::Mail { recipients },
        }
    }
}

impl From<Channel> for stance_store::Channel {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Webhook { address, secret } => {
                Self::Webhook { address: address.into(), secret: secret.into() }
            }
            Channel::Slack { address } => Self::Slack { address: address.into() },
            Channel::Mail { recipients } => Self::Mail { recipients },
        }
    }
}

impl From<stance_store::Alert> for Alert {
    fn from(kept: stance_store::Alert) -> Self {
        Self {
            number: kept.id.number(),
            name: kept.chosen.name,
            watches: kept.chosen.watches.into(),
            filter: kept.chosen.filter,
            channel: kept.chosen.channel.into(),
            active: kept.chosen.active,
            is_maker_allowed: kept.reach.is_some(),
            accounts: match kept.accounts {
                Accounts::All => None,
                Accounts::Only(accounts) => Some(accounts.iter().map(ToString::to_string).collect()),
            },
            made_at: kept.made_at,
            made_by: kept.maker_name,
        }
    }
}

impl From<AlertMessage> for Message {
    fn from(kept: AlertMessage) -> Self {
        Self {
            number: kept.id.number(),
            cause: match kept.cause {
                Cause::Done(run) => Reason::RunDone { run: run.number() },
                Cause::Failed(run) => Reason::RunFailed { run: run.number() },
                Cause::Overdue { integration, due_at } => Reason::Overdue { integration, due_at },
                Cause::Test(_) => Reason::Test,
            },
            state: match kept.state {
                stance_store::MessageState::Waiting => MessageState::Waiting,
                stance_store::MessageState::Sent => MessageState::Sent,
                stance_store::MessageState::GivenUp => MessageState::GivenUp,
                stance_store::MessageState::Nothing => MessageState::Nothing,
            },
            attempts: kept.attempts,
            ended_at: kept.ended_at,
            findings: kept.findings,
            problem: kept.reason,
        }
    }
}

impl AlertToKeep {
    /// What is wanted, if it can be had.
    pub(crate) fn checked(
        self,
        console: &Console,
        accounts: &Accounts,
        now: DateTime<Utc>,
    ) -> PageResult<AlertChange> {
        let wanted = AlertChange {
            name: self.name,
            watches: self.watches.into(),
            filter: self.filter.unwrap_or_default(),
            channel: self.channel.into(),
            active: self.active.unwrap_or(true),
        };
        checked(wanted, console, accounts, now)
    }
}
