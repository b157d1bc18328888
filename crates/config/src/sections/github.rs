//! GitHub.

use crate::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// GitHub: which organizations are scanned, and with which token.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GitHub {
    /// Personal access token (classic) of an owner of the organizations.
    #[schemars(extend("examples" = [{ "env": "GITHUB_TOKEN" }]))]
    pub token: Option<Secret>,
    /// Organizations to scan.
    #[schemars(extend("examples" = [["my-org"]]))]
    pub orgs: Vec<String>,
}
