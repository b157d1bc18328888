//! `POST /xdr/get-report`: the findings of a run in the request and response of Coralogix's public report API, so
//! that what asks there can ask here.

use super::body;
use super::operation::{Operation, Topic};
use super::problem::{Answer, Problem};
use super::seen::Seen;
use super::stream::stream;
use crate::facts::Facts;
use crate::{Console, Viewer};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use stance_model::{Severity, Standing};
use stance_store::{Census, PastFinding, RunId, RunState, StoreError};
use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::Arc;

/// As large as a request may be, in bytes.
const LONGEST: usize = 1 << 16;

/// What is asked for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ReportRequest {
    /// The number or the name of a run; the last one that is done unless given.
    #[serde(default)]
    execution_id: Option<String>,
    /// Which findings; all of them unless given.
    #[serde(default)]
    filter: Option<ReportFilter>,
}

/// Which findings. What is empty or null takes all.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ReportFilter {
    /// Regions, as `eu-central-1`.
    #[serde(default)]
    region: Wanted<String>,
    /// Ids of accounts.
    #[serde(default)]
    account: Wanted<String>,
    /// Ids or titles of benchmarks.
    #[serde(default)]
    compliance_framework: Wanted<String>,
    /// Providers, as `aws`.
    #[serde(default)]
    provider: Wanted<String>,
    /// Services, as `s3`.
    #[serde(default)]
    service: Wanted<String>,
    /// Ids of rules.
    #[serde(default)]
    test_name: Wanted<String>,
    /// How the test went.
    #[serde(default)]
    result: Wanted<TestResult>,
    /// From 1, low (and informational), to 4, critical.
    #[serde(default)]
    severity: Wanted<SeverityNumber>,
    /// Whether the rule still judges.
    #[serde(default)]
    active: Wanted<Activity>,
}

/// One value, several, or nothing, which takes all.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "give one fitting value, several in a list, or null")]
pub(crate) enum Wanted<T> {
    /// Several; none of them takes all.
    Several(Vec<T>),
    /// One; null takes all.
    One(Option<T>),
}

impl<T> Default for Wanted<T> {
    fn default() -> Self {
        Self::One(None)
    }
}

impl<T> Wanted<T> {
    /// Whether something is wanted that `is_it` knows.
    fn takes(&self, is_it: impl Fn(&T) -> bool) -> bool {
        match self {
            Self::One(None) => true,
            Self::One(Some(one)) => is_it(one),
            Self::Several(several) => several.is_empty() || several.iter().any(is_it),
        }
    }
}

impl Wanted<String> {
    fn names(&self, name: &str) -> bool {
        self.takes(|wanted| wanted.is_empty() || wanted.eq_ignore_ascii_case(name))
    }
}

/// How a test went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub(crate) enum TestResult {
    Passed,
    /// It failed, or could not be told.
    Failed,
}

/// Whether a rule still judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) enum Activity {
    Enabled,
    Disabled,
}

/// From 1, low, to 4, critical.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "u8")]
pub(crate) struct SeverityNumber(u8);

impl JsonSchema for SeverityNumber {
    fn schema_name() -> Cow<'static, str> {
        "SeverityNumber".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": 4, "description": "from 1, low, to 4, critical" })
    }
}

impl TryFrom<f64> for SeverityNumber {
    type Error = String;

    /// JSON knows no whole numbers: `3.0` is `3`.
    fn try_from(number: f64) -> Result<Self, String> {
        let known = (1..=4_u8).find(|known| f64::from(*known).total_cmp(&number).is_eq());
        known.map(Self).ok_or_else(|| format!("`{number}` is not a severity; use 1 (low) to 4 (critical)"))
    }
}

impl From<SeverityNumber> for u8 {
    fn from(severity: SeverityNumber) -> Self {
        severity.0
    }
}

impl From<Severity> for SeverityNumber {
    fn from(severity: Severity) -> Self {
        Self(match severity {
            Severity::Info | Severity::Low => 1,
            Severity::Medium => 2,
            Severity::High => 3,
            Severity::Critical => 4,
        })
    }
}

/// What is answered.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReportAnswer {
    /// The number of the run.
    execution_id: String,
    /// Its findings.
    data: Vec<TestOutcome>,
}

/// A finding.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TestOutcome {
    /// Where the resource lives.
    region: String,
    /// The account's id.
    account: String,
    /// Ids of the benchmarks that the rule is part of.
    compliance_frameworks: Vec<String>,
    /// Whose estate it is in.
    provider: String,
    /// The rule's themes, with commas between.
    category: String,
    /// The service; empty where the catalog no longer has the rule.
    service: String,
    /// The rule's id.
    test_name: String,
    /// From 1, low (and informational), to 4, critical.
    severity: SeverityNumber,
    /// The resource's name.
    resource_name: String,
    /// The resource's canonical id.
    resource_id: String,
    /// Whether it passed; what could not be read has not.
    passed: bool,
    /// Whether the rule still judges.
    active: Activity,
}

pub(crate) fn operation() -> Operation {
    Operation::post("/xdr/get-report", "getReport", Topic::Reports, "The findings of a run, as Coralogix's report API tells them", report)
        .told("Every part of the request is optional. What a rule could not tell has not passed. The findings are those of the run's accounts and rules, as they stood when it was done.")
        .reads::<ReportRequest>()
        .answers::<ReportAnswer>("the findings")
        .refuses(StatusCode::NOT_FOUND, "there is no such run, or none yet")
        .refuses(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large")
        .refuses(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the request is not said to be JSON")
}

async fn report(
    State(console): State<Console>,
    viewer: Viewer,
    headers: HeaderMap,
    body: Body,
) -> Answer<Response> {
    let ReportRequest { execution_id, filter } = read(&headers, body).await?;
    let asked = execution_id.filter(|id| !id.is_empty());
    let wanted = asked.clone();
    let (census, run, seen) = console
        .ask(move |store, _, census| {
            let seen = Seen::of(census, &viewer.visible);
            let run = match &wanted {
                Some(wanted) => seen.run(store, wanted)?.filter(|run| run.state == RunState::Done),
                None => seen.last_done(store)?,
            };
            Ok((Arc::clone(census), run, seen))
        })
        .await?;
    let run = run.ok_or_else(|| match &asked {
        Some(asked) => Problem::missing("run that is done", asked),
        None => Problem::new(StatusCode::NOT_FOUND, "there was no run yet"),
    })?;
    let teller = Teller { console, census, run: run.id, seen, filter: filter.unwrap_or_default() };
    let body = stream(move |out| teller.write(out)).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

async fn read(headers: &HeaderMap, body: Body) -> Answer<ReportRequest> {
    let Some(request) = body::json(headers, body, LONGEST).await? else {
        return Ok(ReportRequest::default());
    };
    // serde would take a list for an object, its members by their order
    let filter = request.get("filter").filter(|filter| !filter.is_null());
    if !request.is_object() || filter.is_some_and(|filter| !filter.is_object()) {
        return Err(body::wrong("the request and its `filter` must be objects"));
    }
    ReportRequest::deserialize(request).map_err(|error| body::wrong(&error.to_string()))
}

struct Teller {
    console: Console,
    census: Arc<Census>,
    run: RunId,
    seen: Seen,
    filter: ReportFilter,
}

#[derive(Debug, thiserror::Error)]
enum TellError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Written(#[from] io::Error),
}

impl Teller {
    /// Writes a [`ReportAnswer`] with its findings one by one.
    fn write(&self, out: &mut dyn Write) -> Result<(), TellError> {
        write!(out, "{{\"executionId\":\"{}\",\"data\":[", self.run.number())?;
        let mut between = "";
        let chosen = |scope: i64| {
            self.seen.holds(scope)
                && self.census.scope(scope).is_some_and(|scope| {
                    self.filter.account.names(scope.id.as_str())
                        && self.filter.provider.names(&scope.provider.to_string())
                })
        };
        let store = self.console.store();
        store.each_finding_of_run(&self.census, self.run, chosen, |finding| -> Result<(), TellError> {
            let Some(outcome) = self.outcome(finding) else { return Ok(()) };
            out.write_all(between.as_bytes())?;
            between = ",";
            serde_json::to_writer(&mut *out, &outcome).map_err(io::Error::from)?;
            Ok(())
        })?;
        out.write_all(b"]}")?;
        Ok(())
    }

    /// A finding, if it is asked for.
    fn outcome(&self, finding: PastFinding) -> Option<TestOutcome> {
        let (filter, facts) = (&self.filter, self.console.facts());
        let scope = self.census.scope(finding.scope)?;
        let rule = facts.rule(finding.rule.as_str());
        let frameworks = frameworks(finding.rule.as_str(), facts);
        let severity = finding.severity.or_else(|| rule.map(|rule| rule.text.severity));
        let outcome = TestOutcome {
            region: finding.region.to_string(),
            account: scope.id.to_string(),
            provider: scope.provider.to_string(),
            category: rule.map(|rule| rule.text.categories.join(", ")).unwrap_or_default(),
            service: rule.map(|rule| rule.service.clone()).unwrap_or_default(),
            test_name: finding.rule.to_string(),
            severity: severity.unwrap_or(Severity::Info).into(),
            resource_name: finding.resource_name,
            resource_id: finding.resource_id,
            passed: finding.standing == Standing::Passing,
            active: if self.census.judged.contains(&finding.rule) {
                Activity::Enabled
            } else {
                Activity::Disabled
            },
            compliance_frameworks: frameworks,
        };
        let of_framework = |wanted: &String| {
            wanted.is_empty()
                || outcome.compliance_frameworks.iter().any(|id| {
                    let title = facts.benchmark(id).map(|benchmark| benchmark.title.as_str());
                    wanted.eq_ignore_ascii_case(id)
                        || title.is_some_and(|title| wanted.eq_ignore_ascii_case(title))
                })
        };
        let is_wanted = filter.region.names(&outcome.region)
            && filter.service.names(&outcome.service)
            && filter.test_name.names(&outcome.test_name)
            && filter.compliance_framework.takes(of_framework)
            && filter.result.takes(|wanted| (*wanted == TestResult::Passed) == outcome.passed)
            && filter.severity.takes(|wanted| *wanted == outcome.severity)
            && filter.active.takes(|wanted| *wanted == outcome.active);
        is_wanted.then_some(outcome)
    }
}

/// Ids of the benchmarks that a rule is part of.
fn frameworks(rule: &str, facts: &Facts) -> Vec<String> {
    let mut ids: Vec<String> = facts.places(rule).iter().map(|place| place.benchmark.clone()).collect();
    ids.sort();
    ids.dedup();
    ids
}
