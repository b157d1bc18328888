//! Coralogix.

use super::sinks::{CoralogixSink, Delivery, Http, Sink, SinkKind, application, subsystem};
use crate::{Secret, SinkName, UnsuitableUrl};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Coralogix: where results are sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Coralogix {
    /// gRPC endpoint of the Coralogix cluster. Its protocol is not public, so results are never sent there;
    /// where `logs_endpoint` is missing, it tells the domain.
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

impl Coralogix {
    /// The section as a sink; nothing where it has no key and so cannot send.
    ///
    /// # Errors
    /// The logs endpoint is no address.
    pub(crate) fn sink(&self) -> Result<Option<Sink>, UnsuitableUrl> {
        let Some(api_key) = self.api_key.clone() else { return Ok(None) };
        Ok(Some(Sink {
            // beside a sink of type `coralogix`, which is called so
            delivery: Delivery {
                name: Some(SinkName::of_section()),
                dry_run: self.dry_run,
                ..Delivery::default()
            },
            kind: SinkKind::Coralogix(CoralogixSink {
                domain: self.domain(),
                logs_endpoint: self.logs_endpoint.as_deref().map(str::parse).transpose()?,
                api_key,
                application_name: self.application_name.clone().unwrap_or_else(application),
                subsystem_name: self.subsystem_name.clone().unwrap_or_else(subsystem),
                http: Http::default(),
            }),
        }))
    }

    /// The domain, as the gRPC endpoint has it.
    fn domain(&self) -> Option<String> {
        let host = self.grpc_endpoint.as_deref()?.trim_start_matches("https://");
        let domain = host.split(['/', ':']).next()?.strip_prefix("ng-api-grpc.")?;
        // one cluster's gRPC host has a part that its other hosts have not
        Some(domain.strip_prefix("app.").unwrap_or(domain).to_owned())
    }
}
