//! Identity providers that anyone can have an account with. A role that trusts
//! one of them without asking for whom is open to all of its users.

use crate::condition::Test;
use crate::statement::Statement;

/// The issuer, and the claims that tell its customers apart. A claim that the
/// caller chooses, as the audience is with some, tells nothing.
const OPEN_PROVIDERS: &[(&str, &[&str])] = &[
    ("cognito-identity.amazonaws.com", &["aud", "sub"]),
    ("accounts.google.com", &["aud", "sub", "oaud", "azp"]),
    ("graph.facebook.com", &["app_id", "id"]),
    ("www.amazon.com", &["app_id", "user_id"]),
    (
        "token.actions.githubusercontent.com",
        &[
            "sub",
            "repository",
            "repository_id",
            "repository_owner",
            "repository_owner_id",
            "job_workflow_ref",
            "enterprise",
            "enterprise_id",
        ],
    ),
    ("gitlab.com", &["sub", "namespace_id", "namespace_path", "project_id", "project_path"]),
    ("app.terraform.io", &["sub"]),
    ("agent.buildkite.com", &["sub"]),
    ("oidc.vercel.com", &["aud", "sub"]),
    ("api.pulumi.com/oidc", &["aud", "sub"]),
];

/// The open providers that a statement trusts with no test of whom they vouch for.
pub(crate) fn openly_trusted(statement: &Statement) -> Vec<&str> {
    let Some(crate::principal::Principals::Only(named)) = &statement.principals else {
        return Vec::new();
    };
    named
        .of_kind("Federated")
        .filter(|id| {
            let issuer = id.split_once(":oidc-provider/").map_or(*id, |(_, url)| url);
            OPEN_PROVIDERS.iter().find(|(open, _)| *open == issuer.trim_end_matches('/')).is_some_and(
                |(open, claims)| {
                    !statement
                        .conditions
                        .iter()
                        .any(|test| tells_apart(test, &statement.conditions, open, claims))
                },
            )
        })
        .collect()
}

fn tells_apart(test: &Test, beside: &[Test], issuer: &str, claims: &[&str]) -> bool {
    use crate::condition::Comparison::{Like, Text};
    !test.negated
        && matches!(test.comparison, Text | Like)
        && test.needs_key(beside)
        && test
            .key
            .strip_prefix(issuer)
            .and_then(|rest| rest.strip_prefix(':'))
            .is_some_and(|claim| claims.contains(&claim))
        && test.shapes().iter().all(|shape| names_someone(shape))
}

/// Whether a claim's pattern spells out a customer. Claims such as `repo:org/…`
/// and `project_path:group/…` do only where the name is closed off: anyone can
/// register a longer name that starts the same.
fn names_someone(shape: &str) -> bool {
    let Some((prefix, _)) = shape.split_once('*') else {
        return true;
    };
    let named = prefix.split_once(':').map_or(prefix, |(_, name)| name);
    named.find(['/', ':']).is_some_and(|end| end > 0)
}
