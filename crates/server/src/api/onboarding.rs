//! What a customer applies so that Stance may read, as files.

use super::operation::{Operation, Topic};
use super::parameter::{Kind, Parameter};
use super::problem::Answer;
use crate::integrations::onboarding;
use crate::query::Query;
use crate::{Console, Level};
use axum::Json;
use axum::extract::{RawQuery, State};
use schemars::JsonSchema;
use serde::Serialize;

/// What is to be applied.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Onboarding {
    /// What to do, in order.
    steps: Vec<String>,
    /// What is applied.
    files: Vec<OnboardingFile>,
    /// The role to name in the integration, with `ACCOUNT_ID` for the account's number; null where there is none.
    role: Option<String>,
    /// The external id to name in the integration, made for this answer alone; null where none is asked for.
    external_id: Option<String>,
}

/// A file to be applied.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OnboardingFile {
    /// What to call it.
    name: String,
    /// What stands in it.
    text: String,
}

pub(crate) fn operation() -> Operation {
    let choice =
        |name, words: &[&'static str], text| Parameter::query(name, Kind::OneOf(words.to_vec()), text);
    Operation::get(
        "/api/v1/onboarding",
        "getOnboarding",
        Topic::Integrations,
        "What to apply in AWS so that Stance may read: CloudFormation, Terraform or commands",
        show,
    )
    .told("Stance writes nothing in AWS: whoever asks applies it. An external id is made anew for each answer.")
    .takes([
        choice("scope", &["account", "organization"], "what is to be read; `account` unless given"),
        choice(
            "access",
            &["account-role", "cloud-connector", "instance-role", "direct-keys"],
            "how Stance comes in; `account-role` unless given",
        ),
        Parameter::query(
            "principal",
            Kind::Text,
            "who assumes the role: an account's number or the ARN of a role or user; needed for `cloud-connector`",
        ),
        choice("form", &["cloudformation", "terraform", "commands"], "as what; `cloudformation` unless given"),
        choice(
            "policy",
            &["least", "managed"],
            "what it may read: what the rules need, or SecurityAudit with what it lacks; `least` unless given",
        ),
    ])
    .needs_everything(Level::Manage)
    .answers::<Onboarding>("what to apply, and how")
}

async fn show(State(console): State<Console>, RawQuery(query): RawQuery) -> Answer<Json<Onboarding>> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let made = onboarding(&query, console.facts())?;
    let files = made.texts.into_iter().map(|(name, text)| OnboardingFile { name, text });
    Ok(Json(Onboarding {
        steps: made.steps,
        files: files.collect(),
        role: made.role,
        external_id: made.external_id,
    }))
}
