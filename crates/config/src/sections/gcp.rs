//! Google Cloud, as the mission's agent is configured for it.

use crate::Count;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Google Cloud: what is scanned, and as which service accounts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Gcp {
    /// Organizations to scan, each with a service account of that level.
    pub organization_configs: Vec<GcpOrganization>,
    /// Folders to scan, each with a service account of that level.
    pub folder_configs: Vec<GcpFolder>,
    /// Projects to scan, each with a service account of that level.
    pub project_configs: Vec<GcpProject>,
    /// Most connections that a scan opens to a PostgreSQL database at the same time.
    #[schemars(extend("examples" = ["100"]))]
    pub postgres_max_connections: Option<Count>,
    /// Most connections that a scan opens to an SQL Server at the same time.
    #[schemars(extend("examples" = ["100"]))]
    pub sql_server_user_connections: Option<Count>,
}

/// An organization of Google Cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GcpOrganization {
    /// Id of the organization.
    #[schemars(extend("examples" = ["my-org-id"]))]
    pub organization_id: String,
    /// Number of the organization.
    #[serde(default)]
    #[schemars(extend("examples" = [123_456_789_123_u64]))]
    pub organization_number: Option<u64>,
    /// Email address of the service account.
    #[schemars(extend("examples" = ["stance@my-project-id.iam.gserviceaccount.com"]))]
    pub client_email: String,
}

/// A folder of Google Cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GcpFolder {
    /// Id of the folder.
    #[schemars(extend("examples" = ["my-folder-id"]))]
    pub folder_id: String,
    /// Number of the folder.
    #[serde(default)]
    #[schemars(extend("examples" = [123_456_789_123_u64]))]
    pub folder_number: Option<u64>,
    /// Email address of the service account.
    #[schemars(extend("examples" = ["stance@my-project-id.iam.gserviceaccount.com"]))]
    pub client_email: String,
}

/// A project of Google Cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GcpProject {
    /// Id of the project.
    #[schemars(extend("examples" = ["my-project-id"]))]
    pub project_id: String,
    /// Number of the project.
    #[serde(default)]
    #[schemars(extend("examples" = [123_456_789_123_u64]))]
    pub project_number: Option<u64>,
    /// Email address of the service account.
    #[schemars(extend("examples" = ["stance@my-project-id.iam.gserviceaccount.com"]))]
    pub client_email: String,
}
