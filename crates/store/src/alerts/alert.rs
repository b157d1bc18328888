//! An alert: what it watches, which findings it means, where it tells of them.

use crate::database::{Row, Value};
use crate::people::{Accounts, PersonId};
use crate::runs::moment;
use crate::{Result, StoreError};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Letters of an alert's name.
const LONGEST_NAME: usize = 100;
/// Bytes of a filter.
const LONGEST_FILTER: usize = 4_000;
/// Recipients of one alert.
const MOST_RECIPIENTS: usize = 20;

/// The number of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AlertId(pub(crate) i64);

impl AlertId {
    /// The number.
    pub fn number(self) -> i64 {
        self.0
    }
}

impl From<i64> for AlertId {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

/// What an alert watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watches {
    /// Findings that are new or came back.
    Findings,
    /// Runs that failed.
    FailedRuns,
    /// Integrations that should have run and did not.
    Overdue,
}

impl Watches {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Findings, Self::FailedRuns, Self::Overdue];

    pub(crate) fn value(self) -> Value<'static> {
        Value::Integer(match self {
            Self::Findings => 0,
            Self::FailedRuns => 1,
            Self::Overdue => 2,
        })
    }

    fn kept(number: i64) -> Result<Self> {
        Self::ALL.into_iter().find(|held| held.value() == Value::Integer(number)).ok_or_else(|| {
            let message = format!("`{number}` is nothing that can be watched");
            StoreError::Content { place: "alert.watches", message }
        })
    }
}

/// Where a secret is kept; the store never holds it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretPlace {
    /// In a variable of the server's environment.
    Env(
        /// The variable's name.
        String,
    ),
    /// In a file of the folder that the server's operator has named.
    File(
        /// The file's name, without any folder.
        String,
    ),
}

/// Where an alert tells of what it watches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "to")]
pub enum Channel {
    /// A receiver of signed requests.
    Webhook {
        /// Where its address is kept.
        address: SecretPlace,
        /// Where the secret is kept that requests are signed with.
        secret: SecretPlace,
    },
    /// A channel with an incoming webhook as Slack has them.
    Slack {
        /// Where its address is kept.
        address: SecretPlace,
    },
    /// Mail.
    Mail {
        /// Who receives it.
        recipients: Vec<String>,
    },
}

/// What people choose of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertChange {
    /// What it is called.
    pub name: String,
    /// What it watches.
    pub watches: Watches,
    /// Which findings it means, as the query of the page of findings says it.
    pub filter: String,
    /// Where it tells of them.
    pub channel: Channel,
    /// Whether it is on.
    pub active: bool,
}

impl AlertChange {
    /// As it can be kept.
    pub(super) fn checked(&self) -> Result<Self> {
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            let message =
                format!("an alert's name has 1 to {LONGEST_NAME} characters in one line; write another one");
            return Err(StoreError::Unfit(message));
        }
        if self.filter.len() > LONGEST_FILTER {
            let message = format!("the filter has more than `{LONGEST_FILTER}` bytes; choose less");
            return Err(StoreError::Unfit(message));
        }
        if let Channel::Mail { recipients } = &self.channel
            && (recipients.is_empty() || recipients.len() > MOST_RECIPIENTS)
        {
            let message = format!("mail goes to 1 to {MOST_RECIPIENTS} addresses; write as many");
            return Err(StoreError::Unfit(message));
        }
        Ok(Self { name: name.to_owned(), ..self.clone() })
    }

    pub(super) fn channel_text(&self) -> Result<String> {
        serde_json::to_string(&self.channel).map_err(|error| unreadable(&error))
    }
}

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Its number.
    pub id: AlertId,
    /// What people chose.
    pub chosen: AlertChange,
    /// Who made it.
    pub maker: PersonId,
    /// What its maker signs in with.
    pub maker_name: String,
    /// What its maker could see when it was made.
    pub accounts: Accounts,
    /// What its maker can see now, and could then: the alert never tells of others. Nothing where its maker is kept
    /// out or may no longer make alerts.
    pub reach: Option<Accounts>,
    /// When it was made.
    pub made_at: DateTime<Utc>,
}

/// What [`alert`] reads, of `alert` and `person`.
pub(super) const ALERT: &str = "alert.id, alert.name, alert.watches, alert.filter, alert.channel, alert.maker, \
    person.name, alert.accounts, alert.active, alert.made_at, person.accounts, person.level, person.disabled";

/// As many columns.
pub(super) const COLUMNS: usize = 13;

pub(super) fn alert(row: &Row<'_>) -> Result<Alert> {
    let accounts = Accounts::kept(&row.get::<String>(7)?)?;
    let of_maker = Accounts::kept(&row.get::<String>(10)?)?;
    let may_write = crate::Level::kept(row.get(11)?)? >= crate::Level::Write && row.get::<i64>(12)? == 0;
    Ok(Alert {
        id: AlertId(row.get(0)?),
        chosen: AlertChange {
            name: row.get(1)?,
            watches: Watches::kept(row.get(2)?)?,
            filter: row.get(3)?,
            channel: serde_json::from_str(&row.get::<String>(4)?).map_err(|error| unreadable(&error))?,
            active: row.get::<i64>(8)? != 0,
        },
        maker: PersonId(row.get(5)?),
        maker_name: row.get(6)?,
        reach: may_write.then(|| accounts.and(&of_maker)),
        accounts,
        made_at: moment(row.get(9)?),
    })
}

fn unreadable(error: &serde_json::Error) -> StoreError {
    StoreError::Content { place: "alert.channel", message: error.to_string() }
}
