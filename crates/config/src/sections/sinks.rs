//! Sinks: the places to which results are sent.

mod chat;
mod coralogix;
mod delivery;
mod elasticsearch;
mod file;
mod github;
mod http;
mod jira;
mod otlp;
mod s3;
mod schema;
mod security_hub;
mod syslog;
mod webhook;

pub use chat::{Email, EmailSecurity, Slack, Teams};
pub use coralogix::CoralogixSink;
pub(crate) use coralogix::{application, subsystem};
pub use delivery::{Delivery, SinkFilter, What};
pub use elasticsearch::Elasticsearch;
pub use file::{DocumentForm, FileSink, StdoutSink};
pub use github::GitHubIssues;
pub use http::Http;
pub use jira::Jira;
pub use otlp::Otlp;
pub use s3::{ObjectEncryption, S3};
pub use security_hub::SecurityHub;
pub use syslog::{Syslog, SyslogTransport};
pub use webhook::Webhook;

use schemars::JsonSchema;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};
use std::fmt;

/// The name by which the reader knows a section whose keys depend on its `type`.
pub(crate) const NAME: &str = "Sink";
/// The key that says of which kind a sink is.
pub(crate) const TYPE: &str = "type";

/// A place to which results are sent: what goes there and how, and where it is.
///
/// In a file both stand in one section, with the kind under `type`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sink {
    /// What goes there, and how.
    pub delivery: Delivery,
    /// Where it is.
    pub kind: SinkKind,
}

/// Where a sink is, by kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum SinkKind {
    /// A file that grows by a line for each document.
    File(FileSink),
    /// Standard output, a line for each document.
    Stdout(StdoutSink),
    /// A receiver of your own, by signed HTTP requests.
    Webhook(Webhook),
    /// Coralogix, as logs.
    Coralogix(CoralogixSink),
    /// Elasticsearch, in the data stream of Elastic's own agent.
    Elasticsearch(Elasticsearch),
    /// OpenSearch, in a data stream of the same name and form as Elasticsearch.
    Opensearch(Elasticsearch),
    /// A receiver of OpenTelemetry logs, by HTTP.
    Otlp(Otlp),
    /// A syslog server, by RFC 5424.
    Syslog(Syslog),
    /// A digest in a Slack channel.
    Slack(Slack),
    /// A digest in a channel of Microsoft Teams.
    Teams(Teams),
    /// A digest by mail.
    Email(Email),
    /// An issue in GitHub for each rule and account that fails, closed when nothing fails any more.
    GithubIssues(GitHubIssues),
    /// An issue in Jira for each rule and account that fails, closed when nothing fails any more.
    Jira(Jira),
    /// Findings in AWS Security Hub.
    SecurityHub(Box<SecurityHub>),
    /// Objects in S3, or in a store that speaks as it does.
    S3(Box<S3>),
}

impl SinkKind {
    /// The word for the kind, as under `type`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::Stdout(_) => "stdout",
            Self::Webhook(_) => "webhook",
            Self::Coralogix(_) => "coralogix",
            Self::Elasticsearch(_) => "elasticsearch",
            Self::Opensearch(_) => "opensearch",
            Self::Otlp(_) => "otlp",
            Self::Syslog(_) => "syslog",
            Self::Slack(_) => "slack",
            Self::Teams(_) => "teams",
            Self::Email(_) => "email",
            Self::GithubIssues(_) => "github-issues",
            Self::Jira(_) => "jira",
            Self::SecurityHub(_) => "security-hub",
            Self::S3(_) => "s3",
        }
    }
}

impl Sink {
    /// What it is called in messages, and the name of its folder.
    pub fn name(&self) -> &str {
        self.delivery.name.as_ref().map_or_else(|| self.kind.name(), |name| name.as_str())
    }
}

impl Serialize for Sink {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error;
        let mut keys = Map::new();
        let mut add = |value: Result<Value, serde_json::Error>| match value {
            Ok(Value::Object(members)) => {
                keys.extend(members);
                Ok(())
            }
            Ok(_) => Ok(()),
            Err(error) => Err(S::Error::custom(error)),
        };
        add(Ok(Value::from_iter([(TYPE, self.kind.name())])))?;
        add(serde_json::to_value(&self.delivery))?;
        let kind = serde_json::to_value(&self.kind).map_err(S::Error::custom)?;
        for settings in kind.as_object().into_iter().flat_map(Map::values) {
            add(Ok(settings.clone()))?;
        }
        keys.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Sink {
    /// Only from the configuration's own reader, which shows each half the keys that are its own.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(NAME, Halves)
    }
}

struct Halves;

impl<'de> Visitor<'de> for Halves {
    type Value = Sink;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sink with its `type`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut halves: A) -> Result<Sink, A::Error> {
        let lacking = || A::Error::custom("this sink could not be read");
        Ok(Sink {
            delivery: halves.next_element()?.ok_or_else(lacking)?,
            kind: halves.next_element()?.ok_or_else(lacking)?,
        })
    }
}
