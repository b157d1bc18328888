//! Coralogix as a sink.

use super::Http;
use crate::{Secret, Url};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Coralogix, as logs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct CoralogixSink {
    /// Region or domain of the account, as `EU2` or `eu2.coralogix.com`.
    #[serde(default)]
    #[schemars(extend("examples" = ["EU2"]))]
    pub domain: Option<String>,
    /// Logs endpoint of the cluster, instead of `domain`.
    #[serde(default)]
    #[schemars(extend("examples" = ["https://ingress.eu2.coralogix.com"]))]
    pub logs_endpoint: Option<Url>,
    /// Send-Your-Data API key.
    #[schemars(extend("examples" = [{ "env": "CORALOGIX_API_KEY" }]))]
    pub api_key: Secret,
    /// Application name that results bear.
    #[serde(default = "application")]
    pub application_name: String,
    /// Subsystem name that results bear.
    #[serde(default = "subsystem")]
    pub subsystem_name: String,
    /// How it is reached.
    #[serde(default)]
    pub http: Http,
}

/// The application name unless given.
pub(crate) fn application() -> String {
    "stance".to_owned()
}

/// The subsystem name unless given.
pub(crate) fn subsystem() -> String {
    "cspm".to_owned()
}
