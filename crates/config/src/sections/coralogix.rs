//! Coralogix.

use crate::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Coralogix: where results are sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Coralogix {
    /// gRPC endpoint of the Coralogix cluster.
    #[schemars(extend("examples" = ["https://ng-api-grpc.example.org"]))]
    pub grpc_endpoint: Option<String>,
    /// Logs endpoint of the Coralogix cluster, to which results are sent.
    #[schemars(extend("examples" = ["https://ingress.example.org"]))]
    pub logs_endpoint: Option<String>,
    /// Send-Your-Data API key.
    #[schemars(extend("examples" = [{ "env": "CORALOGIX_API_KEY" }]))]
    pub api_key: Option<Secret>,
    /// Application name that results bear in Coralogix.
    #[schemars(extend("examples" = ["MyApplication"]))]
    pub application_name: Option<String>,
    /// Subsystem name that results bear in Coralogix.
    #[schemars(extend("examples" = ["MySubsystem"]))]
    pub subsystem_name: Option<String>,
    /// Whether to scan without sending anything to Coralogix.
    pub dry_run: bool,
}
