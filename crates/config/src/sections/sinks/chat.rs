//! Digests for people: chat and mail.

use super::Http;
use crate::{Count, InputPath, Period, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A digest in a Slack channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Slack {
    /// URL of the incoming webhook, which is a secret.
    #[schemars(extend("examples" = [{ "env": "SLACK_WEBHOOK_URL" }]))]
    pub webhook_url: Secret,
    /// How many of the worst findings are listed.
    #[serde(default = "worst")]
    pub worst: Count,
    /// How it is reached.
    #[serde(default)]
    pub http: Http,
}

/// A digest in a channel of Microsoft Teams.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Teams {
    /// URL of the workflow that posts to the channel, which is a secret.
    #[schemars(extend("examples" = [{ "env": "TEAMS_WEBHOOK_URL" }]))]
    pub webhook_url: Secret,
    /// How many of the worst findings are listed.
    #[serde(default = "worst")]
    pub worst: Count,
    /// How it is reached.
    #[serde(default)]
    pub http: Http,
}

/// A digest by mail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline, extend("dependentRequired" = { "username": ["password"], "password": ["username"] }))]
pub struct Email {
    /// Host of the mail server.
    #[schemars(extend("examples" = ["smtp.example.org"]))]
    pub server: String,
    /// Its port. 587 unless given, 465 with `tls`.
    #[serde(default)]
    #[schemars(extend("examples" = [587]))]
    pub port: Option<u16>,
    /// How the way to the server is secured.
    #[serde(default)]
    pub security: EmailSecurity,
    /// User to sign in as.
    #[serde(default)]
    #[schemars(extend("examples" = ["stance"]))]
    pub username: Option<String>,
    /// The user's password.
    #[serde(default)]
    #[schemars(extend("examples" = [{ "env": "SMTP_PASSWORD" }]))]
    pub password: Option<Secret>,
    /// Who sends it.
    #[schemars(extend("examples" = ["stance@example.org"]))]
    pub from: String,
    /// Who receives it.
    #[schemars(extend("examples" = [["security@example.org"]]))]
    pub to: Vec<String>,
    /// How many of the worst findings are listed.
    #[serde(default = "worst")]
    pub worst: Count,
    /// File with the certificates of the authorities that may speak for the server, in PEM. Those of the
    /// system unless given.
    #[serde(default)]
    #[schemars(extend("examples" = ["/etc/ssl/company.pem"]))]
    pub ca_file: Option<InputPath>,
    /// How long connecting and each command may take.
    #[serde(default = "timeout")]
    pub timeout: Period,
}

/// How the way to a mail server is secured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "security")]
pub enum EmailSecurity {
    /// TLS after `STARTTLS`, without which nothing is sent.
    #[default]
    Starttls,
    /// TLS from the start.
    Tls,
    /// None, for a server on this machine.
    None,
}

fn worst() -> Count {
    Count::new(10)
}

fn timeout() -> Period {
    Period::from_secs(30)
}
