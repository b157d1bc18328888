//! Syslog servers.

use crate::{InputPath, Period};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A syslog server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Syslog {
    /// Host and port.
    #[schemars(extend("examples" = ["syslog.example.org:6514"]))]
    pub address: String,
    /// How messages travel. Only TLS and TCP tell when the server is gone.
    #[serde(default)]
    pub transport: SyslogTransport,
    /// File with the certificates of the authorities that may speak for the server, in PEM. Those of the
    /// system unless given.
    #[serde(default)]
    #[schemars(extend("examples" = ["/etc/ssl/company.pem"]))]
    pub ca_file: Option<InputPath>,
    /// How long connecting and each batch may take.
    #[serde(default = "timeout")]
    pub timeout: Period,
}

/// How syslog messages travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "transport")]
pub enum SyslogTransport {
    /// TCP with TLS, by RFC 5425.
    #[default]
    Tls,
    /// TCP, by RFC 6587 with counted octets; everybody on the way can read it.
    Tcp,
    /// UDP, by RFC 5426; messages may get lost, and everybody on the way can read them.
    Udp,
}

fn timeout() -> Period {
    Period::from_secs(30)
}
