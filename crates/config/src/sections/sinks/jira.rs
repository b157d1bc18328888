//! Issues in Jira.

use super::Http;
use crate::{Count, JiraProject, Secret, Url};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Issues in Jira.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline, extend("dependentRequired" = { "email": ["api_token"], "api_token": ["email"] }))]
pub struct Jira {
    /// Where Jira answers.
    #[schemars(extend("examples" = ["https://example.atlassian.net"]))]
    pub url: Url,
    /// Key of the project that gets the issues.
    #[schemars(extend("examples" = ["SEC"]))]
    pub project: JiraProject,
    /// For Jira Cloud: the e-mail address of the account that the API token is of.
    #[serde(default)]
    #[schemars(extend("examples" = ["stance@example.org"]), extend("x-stance-way" = "API token"))]
    pub email: Option<String>,
    /// For Jira Cloud: API token of that account, which may browse, create, edit and transition issues.
    #[serde(default)]
    #[schemars(extend("examples" = [{ "env": "JIRA_API_TOKEN" }]), extend("x-stance-way" = "API token"))]
    pub api_token: Option<Secret>,
    /// For Jira Data Center: personal access token of an account with the same rights.
    #[serde(default)]
    #[schemars(
        extend("examples" = [{ "env": "JIRA_ACCESS_TOKEN" }]), extend("x-stance-way" = "personal access token"))]
    pub access_token: Option<Secret>,
    /// Type of the issues, which must need no fields but summary and description.
    #[serde(default = "issue_type")]
    pub issue_type: String,
    /// Label by which Stance knows its issues again. Issues with another label are never touched.
    #[serde(default = "label")]
    pub label: String,
    /// Name of the transition that closes an issue, or of the status that it leads to. That must be one of
    /// the category *Done*, and be reached from every status that an issue may be in.
    #[serde(default = "close_transition")]
    pub close_transition: String,
    /// Most issues of one run; the worst come first.
    #[serde(default = "most")]
    pub most_issues: Count,
    /// How it is reached.
    #[serde(default)]
    pub http: Http,
}

fn issue_type() -> String {
    "Task".to_owned()
}

fn label() -> String {
    "stance".to_owned()
}

fn close_transition() -> String {
    "Done".to_owned()
}

fn most() -> Count {
    Count::new(50)
}
