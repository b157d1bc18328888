//! How a sink is reached by HTTP.

use crate::{InputPath, Period};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a sink is reached by HTTP. A proxy is taken from `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// How long one request may take, the answer included.
    pub timeout: Period,
    /// File with the certificates of the authorities that may speak for the receiver, in PEM. Those of
    /// the system unless given.
    #[schemars(extend("examples" = ["/etc/ssl/company.pem"]))]
    pub ca_file: Option<InputPath>,
    /// Whether `http://` is taken for other hosts than this machine; then whoever listens on the way reads
    /// everything, the key included.
    pub allow_plain_http: bool,
}

impl Default for Http {
    fn default() -> Self {
        Self { timeout: Period::from_secs(30), ca_file: None, allow_plain_http: false }
    }
}
