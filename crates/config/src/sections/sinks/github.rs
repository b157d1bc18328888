//! Issues in GitHub.

use super::Http;
use crate::{Count, Repository, Secret, Url};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Issues in GitHub.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct GitHubIssues {
    /// The repository that gets the issues.
    #[schemars(extend("examples" = ["example/security"]))]
    pub repository: Repository,
    /// Token that may read and write issues of the repository.
    #[schemars(extend("examples" = [{ "env": "GITHUB_ISSUES_TOKEN" }]))]
    pub token: Secret,
    /// Label by which Stance knows its issues again. Issues with another label are never touched.
    #[serde(default = "label")]
    pub label: String,
    /// Most issues of one run; the worst come first.
    #[serde(default = "most")]
    pub most_issues: Count,
    /// Where the API answers; for GitHub Enterprise, `https://HOST/api/v3`.
    #[serde(default = "api")]
    pub api_url: Url,
    /// How it is reached.
    #[serde(default)]
    pub http: Http,
}

fn label() -> String {
    "stance".to_owned()
}

fn most() -> Count {
    Count::new(50)
}

fn api() -> Url {
    Url::of_github()
}
