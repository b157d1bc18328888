//! Receivers of OpenTelemetry logs, by HTTP with JSON as its body.

use super::{Receive, list};
use crate::SinkError;
use crate::answer::Answer;
use crate::batch::Limits;
use crate::change::Change;
use crate::describe::{About, Describe, Give, change_members};
use crate::document::Document;
use crate::http::Client;
use crate::severity::Level;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};
use stance_config::Otlp;
use stance_model::Finding;
use std::fmt::Display;

const PATH: &str = "/v1/logs";

/// A receiver.
pub(super) struct Collector {
    client: Client,
}

impl Collector {
    pub fn new(settings: &Otlp) -> Result<Self, String> {
        let url = settings.endpoint.as_str();
        let base = url.trim_end_matches('/');
        let has_path = base.splitn(4, '/').nth(3).is_some();
        let url = if has_path { url.to_owned() } else { format!("{base}{PATH}") };
        let mut client = Client::new(&url, &settings.http)?;
        for (name, secret) in &settings.headers {
            client = client.with_secret_header(name, "", secret)?;
        }
        Ok(Self { client })
    }

    async fn post(&self, batch: &[Document]) -> Answer {
        let version = env!("CARGO_PKG_VERSION");
        let resource = json!({ "attributes": [
            attribute("service.name", "stance"),
            attribute("service.version", version),
        ] });
        let scope = json!({ "name": "stance", "version": version });
        let body = format!(
            r#"{{"resourceLogs":[{{"resource":{resource},"scopeLogs":[{{"scope":{scope},"logRecords":{}}}]}}]}}"#,
            list(batch)
        );
        match self.client.post("application/json", body).await {
            Ok(response) if response.status.is_success() => partial(&response.body)
                .map_or(Answer::Taken, |reason| Answer::PartlyRefused {
                    reason: self.client.conceal(&reason),
                }),
            Ok(response) => self.client.judge(&response),
            Err(answer) => answer,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Export {
    partial_success: PartialSuccess,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PartialSuccess {
    /// A number of 64 bits, which in the JSON of protocol buffers is a text.
    rejected_log_records: Value,
    error_message: String,
}

/// Why some records were refused, where some were; the rest must not be sent again.
fn partial(body: &[u8]) -> Option<String> {
    let PartialSuccess { rejected_log_records, error_message } =
        serde_json::from_slice::<Export>(body).ok()?.partial_success;
    let rejected = match &rejected_log_records {
        Value::String(text) => text.parse().unwrap_or(0),
        other => other.as_u64().unwrap_or(0),
    };
    let message = stance_model::printable(&error_message);
    (rejected > 0).then(|| format!("{rejected} records of the batch, it does not say which: {message}"))
}

impl Receive for Collector {
    fn limits(&self) -> Limits {
        // collectors take 4 MB unless told otherwise
        Limits { documents: 2_000, bytes: 3_500_000 }
    }

    fn describe(&self) -> Box<dyn Describe + '_> {
        Box::new(Records)
    }

    fn send<'a>(&'a self, batch: &'a [Document]) -> BoxFuture<'a, Answer> {
        Box::pin(self.post(batch))
    }
}

struct Records;

impl Describe for Records {
    fn finding(
        &mut self,
        about: &About<'_>,
        finding: &Finding,
        change: Option<Change>,
        give: Give<'_>,
    ) -> Result<(), SinkError> {
        let id = about.run.document(&finding.id);
        let (number, text) = severity(Level::of(finding, change));
        let time = nanoseconds(about.report.scan.ended_at);
        let record = json!({
            "timeUnixNano": time,
            "observedTimeUnixNano": time,
            "severityNumber": number,
            "severityText": text,
            "eventName": "stance.finding",
            "body": { "stringValue": finding.message },
            "attributes": attributes(about, finding, change, &id),
        });
        give(Document::new(id, &record)?)
    }
}

fn attributes(about: &About<'_>, finding: &Finding, change: Option<Change>, id: &str) -> Vec<Value> {
    let resource = &finding.resource;
    let rule = about.report.rules.get(&finding.rule);
    let controls: Vec<Value> = finding
        .controls
        .iter()
        .map(|control| json!({ "stringValue": format!("{} {}", control.benchmark, control.control) }))
        .collect();
    let mut all = vec![
        attribute("cloud.provider", resource.provider),
        attribute("cloud.account.id", &resource.scope),
        attribute("cloud.region", &resource.region),
        attribute("cloud.resource_id", &resource.id),
        attribute("stance.document.id", id),
        attribute("stance.run.id", &about.run),
        attribute("stance.finding.id", finding.id),
        attribute("stance.finding.status", finding.status.as_str()),
        attribute("stance.finding.severity", finding.severity),
        attribute("stance.finding.accepted", finding.exception.is_some().to_string()),
        attribute("stance.resource.type", &resource.resource_type),
        attribute("stance.resource.name", &resource.name),
        attribute("stance.rule.id", &finding.rule),
        json!({ "key": "stance.controls", "value": { "arrayValue": { "values": controls } } }),
    ];
    all.extend(rule.map(|rule| attribute("stance.rule.title", &rule.title)));
    all.extend(rule.map(|rule| attribute("stance.service", &rule.service)));
    all.extend(finding.sub_key.as_ref().map(|item| attribute("stance.resource.item", item)));
    all.extend(finding.scope_details.name.as_ref().map(|name| attribute("cloud.account.name", name)));
    for (key, value) in change_members(change) {
        all.push(attribute(&format!("stance.{key}"), value.as_str().unwrap_or_default()));
    }
    all
}

fn attribute(key: &str, value: impl Display) -> Value {
    json!({ "key": key, "value": { "stringValue": value.to_string() } })
}

/// Nanoseconds since 1970; in the JSON of protocol buffers, a number of 64 bits is a text.
fn nanoseconds(time: DateTime<Utc>) -> String {
    time.timestamp_nanos_opt().unwrap_or_default().max(0).to_string()
}

/// Their number and text.
fn severity(level: Level) -> (u8, &'static str) {
    match level {
        Level::Information => (9, "INFO"),
        Level::Warning => (13, "WARN"),
        Level::Error => (17, "ERROR"),
        Level::Critical => (21, "FATAL"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Double, documents, http, report};

    async fn collector(answer: &str) -> (Double, Collector) {
        let double = Double::answering(200, answer).await;
        let endpoint = double.url("").parse().unwrap();
        let collector = Collector::new(&Otlp { endpoint, headers: [].into(), http: http() }).unwrap();
        (double, collector)
    }

    #[tokio::test]
    async fn records_go_to_the_path_of_logs() {
        let (double, collector) = collector("{}").await;
        let batch = documents(&collector, &report(2));
        assert_eq!(collector.send(&batch).await, Answer::Taken);
        assert_eq!(double.received()[0].line, "POST /v1/logs");
        let body: Value = serde_json::from_str(&double.received()[0].body).unwrap();
        let records = &body["resourceLogs"][0]["scopeLogs"][0]["logRecords"];
        assert_eq!(records.as_array().unwrap().len(), 2);
        insta::assert_json_snapshot!(records[0]);
    }

    #[tokio::test]
    async fn records_that_were_refused_are_told_and_not_sent_again() {
        for number in ["3", "\"3\""] {
            let answer =
                format!(r#"{{"partialSuccess":{{"rejectedLogRecords":{number},"errorMessage":"too old"}}}}"#);
            let (_double, collector) = collector(&answer).await;
            let answer = collector.send(&documents(&collector, &report(4))).await;
            assert!(
                matches!(&answer, Answer::PartlyRefused { reason } if reason.ends_with("too old")),
                "{answer:?}"
            );
        }
        assert_eq!(partial(br#"{"partialSuccess":{}}"#), None);
        assert_eq!(partial(b"not json"), None);
    }
}
