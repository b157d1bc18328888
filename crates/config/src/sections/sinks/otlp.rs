//! Receivers of OpenTelemetry logs.

use super::Http;
use crate::{Secret, Url};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A receiver of OpenTelemetry logs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Otlp {
    /// Where it answers by HTTP; `/v1/logs` is added where no path is given.
    #[schemars(extend("examples" = ["https://otel.example.org:4318"]))]
    pub endpoint: Url,
    /// Headers, by name, as the key that the receiver asks for; their values are kept secret.
    #[serde(default)]
    #[schemars(extend("examples" = [{ "authorization": { "env": "OTLP_AUTHORIZATION" } }]))]
    pub headers: BTreeMap<String, Secret>,
    /// How it is reached.
    #[serde(default)]
    pub http: Http,
}
