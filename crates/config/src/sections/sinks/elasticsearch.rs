//! Elasticsearch and OpenSearch.

use super::Http;
use crate::{Namespace, Secret, Url};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Elasticsearch or OpenSearch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline, extend("dependentRequired" = { "username": ["password"], "password": ["username"] }))]
pub struct Elasticsearch {
    /// Where it answers.
    #[schemars(extend("examples" = ["https://elastic.example.org:9200"]))]
    pub url: Url,
    /// API key, as Kibana shows it in its encoded form.
    #[serde(default)]
    #[schemars(extend("examples" = [{ "env": "ELASTIC_API_KEY" }]), extend("x-stance-way" = "API key"))]
    pub api_key: Option<Secret>,
    /// User to sign in as.
    #[serde(default)]
    #[schemars(extend("examples" = ["stance"]), extend("x-stance-way" = "password"))]
    pub username: Option<String>,
    /// The user's password.
    #[serde(default)]
    #[schemars(extend("examples" = [{ "env": "ELASTIC_PASSWORD" }]), extend("x-stance-way" = "password"))]
    pub password: Option<Secret>,
    /// Bearer token.
    #[serde(default)]
    #[schemars(extend("examples" = [{ "env": "ELASTIC_TOKEN" }]), extend("x-stance-way" = "token"))]
    pub bearer_token: Option<Secret>,
    /// Namespace of the data streams, by which dashboards tell integrations apart.
    #[serde(default = "Namespace::usual")]
    pub namespace: Namespace,
    /// Whether the scores of each run are sent too, into a data stream of their own.
    #[serde(default = "yes")]
    pub scores: bool,
    /// Whether index templates for the data streams are installed, where Elastic's own integration has not
    /// done so.
    #[serde(default)]
    pub install_templates: bool,
    /// How it is reached.
    #[serde(default)]
    pub http: Http,
}

fn yes() -> bool {
    true
}
