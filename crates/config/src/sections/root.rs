//! The configuration as a whole.

use super::{Aws, Coralogix, Exceptions, Gcp, GitHub, Output, Scan, Schedule, Sink};
use crate::{InputPath, UnsuitableUrl};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The configuration of Stance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// AWS: which accounts and regions are scanned, and how Stance signs in to them.
    pub aws: Aws,
    /// Which rules are evaluated, and with which parameters.
    pub scan: Scan,
    /// Findings that are accepted for a while: which ones, why, by whom and until when.
    #[schemars(extend("examples" = [[{
        "rule": "aws-s3-bucket-denies-plain-http", "resource": "arn:aws:s3:::public-*",
        "reason": "serves a public web site", "owner": "web@example.org", "until": "2027-01-31"
    }]]))]
    pub exceptions: Exceptions,
    /// File with more exceptions: a YAML list of the same form.
    #[schemars(extend("examples" = ["exceptions.yaml"]))]
    pub exceptions_file: Option<InputPath>,
    /// When the agent scans.
    pub schedule: Option<Schedule>,
    /// Reports to write, each in a format of its own. The flags `--format` and `--output` replace them.
    #[schemars(extend("examples" = [[{ "format": "html", "path": "report.html" }]]))]
    pub outputs: Vec<Output>,
    /// Places to which results are sent after each scan; `type` says of which kind one is.
    pub sinks: Vec<Sink>,
    /// Google Cloud: what is scanned, and as which service accounts.
    #[schemars(extend("x-stance-later" = true))]
    pub gcp: Option<Gcp>,
    /// GitHub: which organizations are scanned, and with which token.
    #[schemars(extend("x-stance-later" = true))]
    pub github: Option<GitHub>,
    /// Coralogix: where results are sent, as in the file of the Coralogix CSPM agent; the same as a sink of
    /// type `coralogix`.
    pub coralogix: Option<Coralogix>,
    /// The organization's email domain. Users of any other domain are taken for external ones.
    #[schemars(extend("examples" = ["example.org"]), extend("x-stance-later" = true))]
    pub organization_email_domain: Option<String>,
    /// Retention that rules expect of storage buckets, in seconds.
    #[schemars(extend("examples" = [86_400]), extend("x-stance-later" = true))]
    pub storage_bucket_retention_period: Option<u64>,
}

impl Config {
    /// All sinks: those of `sinks`, and that of the section `coralogix` where it has a key.
    ///
    /// # Errors
    /// The endpoint in the section `coralogix` is no address.
    pub fn all_sinks(&self) -> Result<Vec<Sink>, UnsuitableUrl> {
        let coralogix = self.coralogix.as_ref().map(Coralogix::sink).transpose()?.flatten();
        Ok(self.sinks.iter().cloned().chain(coralogix).collect())
    }
}
