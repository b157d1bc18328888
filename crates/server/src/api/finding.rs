//! A finding with all that is known of it.

use super::findings::Finding;
use super::operation::{Operation, Topic};
use super::parameter::{Kind, Parameter};
use super::problem::{Answer, Problem};
use super::words::Status;
use crate::facts::Facts;
use crate::pages::finding::as_finding;
use crate::{Console, Viewer};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use stance_model::UnknownCause;
use stance_report::remediation::fill_all;
use stance_store::{Census, FindingDetail, Scope};

/// A finding with all that is known of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FindingInFull {
    /// As in lists.
    #[serde(flatten)]
    finding: Finding,
    /// One sentence about this resource.
    message: Option<String>,
    /// The values that decided.
    evidence: Vec<EvidenceValue>,
    /// Why the status is unknown.
    causes: Vec<Cause>,
    /// Who accepts it, where somebody does.
    exception: Option<Acceptance>,
    /// What is wrong where the rule fails, and why that matters.
    rationale: Option<String>,
    /// How to mend it, with the resource's own names filled in.
    remedy: Option<Remedy>,
    /// Pages of the provider's documentation.
    references: Vec<String>,
    /// Its statuses, the earliest first.
    history: Vec<Period>,
    /// The controls of benchmarks that it touches.
    controls: Vec<ControlName>,
    /// The resource's configuration in the provider's words, where it was read.
    configuration: Option<Value>,
}

/// A value that decided.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct EvidenceValue {
    /// Path from the resource.
    path: String,
    /// What stood there; null where the provider said that there is nothing.
    value: Value,
    /// The operation that told it.
    operation: String,
}

/// Why a status is unknown.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Cause {
    /// In a sentence.
    text: String,
    /// The permissions to grant, where some were missing.
    permissions: Vec<String>,
}

impl Cause {
    pub(crate) fn of(cause: &UnknownCause) -> Self {
        let permissions = match cause {
            UnknownCause::Unreadable { failure, .. } => failure.permissions.clone(),
            UnknownCause::NotRead { .. } | UnknownCause::UnexpectedAnswer { .. } => Vec::new(),
        };
        Self { text: cause.to_string(), permissions }
    }
}

/// Who accepts a finding.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Acceptance {
    /// Why.
    reason: String,
    /// Who answers for it.
    owner: String,
    /// The last day on which it holds; null where it has no end.
    until: Option<NaiveDate>,
}

/// How to mend a finding.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Remedy {
    /// In a sentence or two.
    pub(crate) text: String,
    /// With the provider's command line.
    pub(crate) cli: Option<String>,
    /// With Terraform.
    pub(crate) terraform: Option<String>,
    /// In the provider's console.
    pub(crate) console: Option<String>,
}

impl From<stance_model::Remediation> for Remedy {
    fn from(remediation: stance_model::Remediation) -> Self {
        let stance_model::Remediation { text, cli, terraform, console } = remediation;
        Self { text, cli, terraform, console }
    }
}

/// A time in which the status was the same.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Period {
    /// What it was.
    status: Status,
    /// From when on.
    from: DateTime<Utc>,
    /// Until when; null where it is so now.
    to: Option<DateTime<Utc>>,
}

/// A control of a benchmark.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ControlName {
    /// The benchmark's id.
    benchmark: String,
    /// The control's number.
    control: String,
}

/// The controls that a rule touches.
pub(crate) fn controls(rule: &str, facts: &Facts) -> Vec<ControlName> {
    let name = |place: &crate::facts::Place| ControlName {
        benchmark: place.benchmark.clone(),
        control: place.control.clone(),
    };
    facts.places(rule).iter().map(name).collect()
}

pub(crate) fn operation() -> Operation {
    Operation::get("/api/v1/findings/{id}", "getFinding", Topic::Findings, "A finding in full", show)
        .takes([Parameter::path("id", Kind::FindingId, "the finding's id")])
        .answers::<FindingInFull>("the finding: evidence, causes, remedy, history")
        .refuses(StatusCode::NOT_FOUND, "there is no such finding")
}

async fn show(
    State(console): State<Console>,
    Path(id): Path<String>,
    viewer: Viewer,
) -> Answer<Json<FindingInFull>> {
    let asked = id.clone();
    let found = console
        .ask(move |store, facts, census| {
            let visible = &viewer.visible;
            let detail = store.finding(census, &asked, |scope| visible.holds_numbered(scope, census))?;
            let scope = census.scope(detail.row.scope);
            Ok(scope.map(|scope| in_full(detail, scope, census, facts)))
        })
        .await?;
    // whoever may not see it is not told that it is there
    found.map(Json).ok_or_else(|| Problem::missing("finding", &id))
}

fn in_full(detail: FindingDetail, scope: &Scope, census: &Census, facts: &Facts) -> FindingInFull {
    let rule = facts.rule(detail.row.rule.as_str());
    let said = detail.said.as_ref();
    FindingInFull {
        message: said.map(|said| said.message.clone()),
        evidence: said
            .into_iter()
            .flat_map(|said| &said.evidence)
            .map(|evidence| EvidenceValue {
                path: evidence.path.clone(),
                value: evidence.value.clone(),
                operation: evidence.operation.to_string(),
            })
            .collect(),
        causes: said.into_iter().flat_map(|said| &said.causes).map(Cause::of).collect(),
        exception: said.and_then(|said| said.exception.as_ref()).map(|mark| Acceptance {
            reason: mark.reason.clone(),
            owner: mark.owner.clone(),
            until: mark.until,
        }),
        rationale: rule.map(|rule| rule.text.rationale.trim().to_owned()),
        remedy: rule.map(|rule| fill_all(&rule.text.remediation, &as_finding(&detail.row, scope)).into()),
        references: rule.map(|rule| rule.text.references.clone()).unwrap_or_default(),
        history: detail
            .periods
            .iter()
            .map(|period| Period {
                status: Status::of(period.status, period.is_excepted),
                from: period.from,
                to: period.to,
            })
            .collect(),
        controls: controls(detail.row.rule.as_str(), facts),
        configuration: detail.configuration.as_ref().and_then(|held| serde_json::to_value(held).ok()),
        finding: Finding::of(detail.row, census, facts),
    }
}
