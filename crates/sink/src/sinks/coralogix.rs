//! Coralogix, by its public log ingestion API (`/logs/v1/singles`).

use super::{Receive, list};
use crate::SinkError;
use crate::answer::Answer;
use crate::batch::Limits;
use crate::change::Change;
use crate::describe::{About, Describe, Give, stance};
use crate::document::Document;
use crate::http::Client;
use crate::severity::Level;
use futures_util::future::BoxFuture;
use serde_json::json;
use stance_config::CoralogixSink;
use stance_model::Finding;

const PATH: &str = "/logs/v1/singles";

/// Their API takes messages of 2 MB, which are about 3,000 logs.
const LIMITS: Limits = Limits { documents: 3_000, bytes: 1_900_000 };

/// Regions and the domains of their clusters.
const DOMAINS: [(&str, &str); 7] = [
    ("EU1", "coralogix.com"),
    ("EU2", "eu2.coralogix.com"),
    ("US1", "coralogix.us"),
    ("US2", "cx498.coralogix.com"),
    ("AP1", "coralogix.in"),
    ("AP2", "coralogixsg.com"),
    ("AP3", "ap3.coralogix.com"),
];

/// A cluster.
pub(super) struct Coralogix {
    client: Client,
    application: String,
    subsystem: String,
}

impl Coralogix {
    pub fn new(settings: &CoralogixSink) -> Result<Self, String> {
        let endpoint = endpoint(settings)?;
        let client = Client::new(&endpoint, &settings.http)?.with_secret_header(
            "authorization",
            "Bearer ",
            &settings.api_key,
        )?;
        Ok(Self {
            client,
            application: settings.application_name.clone(),
            subsystem: settings.subsystem_name.clone(),
        })
    }

    async fn post(&self, batch: &[Document]) -> Answer {
        match self.client.post("application/json", list(batch)).await {
            Ok(response) => self.client.judge(&response),
            Err(answer) => answer,
        }
    }
}

/// Where logs go: the endpoint as it is given, or that of the domain.
fn endpoint(settings: &CoralogixSink) -> Result<String, String> {
    if let Some(url) = &settings.logs_endpoint {
        let base = url.as_str().trim_end_matches('/');
        let path = base.splitn(4, '/').nth(3);
        return Ok(if path.is_some() { base.to_owned() } else { format!("{base}{PATH}") });
    }
    let known = || DOMAINS.map(|(region, domain)| format!("{region} ({domain})")).join(", ");
    let Some(wanted) = &settings.domain else {
        return Err(format!("it has neither `domain` nor `logs_endpoint`; domains are {}", known()));
    };
    let found = DOMAINS
        .iter()
        .find(|(region, domain)| region.eq_ignore_ascii_case(wanted) || domain.eq_ignore_ascii_case(wanted));
    match found {
        Some((_, domain)) => Ok(format!("https://ingress.{domain}{PATH}")),
        None => Err(format!(
            "`{}` is not a known domain; use one of {}, or set `logs_endpoint`",
            stance_model::printable(wanted),
            known()
        )),
    }
}

impl Receive for Coralogix {
    fn limits(&self) -> Limits {
        LIMITS
    }

    fn describe(&self) -> Box<dyn Describe + '_> {
        Box::new(Logs(self))
    }

    fn send<'a>(&'a self, batch: &'a [Document]) -> BoxFuture<'a, Answer> {
        Box::pin(self.post(batch))
    }
}

struct Logs<'a>(&'a Coralogix);

impl Describe for Logs<'_> {
    fn finding(
        &mut self,
        about: &About<'_>,
        finding: &Finding,
        change: Option<Change>,
        give: Give<'_>,
    ) -> Result<(), SinkError> {
        let log = json!({
            // milliseconds since 1970
            "timestamp": about.report.scan.ended_at.timestamp_millis(),
            "applicationName": self.0.application,
            "subsystemName": self.0.subsystem,
            "computerName": finding.resource.scope,
            "severity": severity(Level::of(finding, change)),
            "category": "cspm",
            "className": finding.rule,
            "text": stance(about, finding, change)?,
        });
        give(Document::new(about.run.document(&finding.id), &log)?)
    }
}

/// Their levels: 1 debug, 2 verbose, 3 info, 4 warning, 5 error, 6 critical.
fn severity(level: Level) -> u8 {
    match level {
        Level::Information => 3,
        Level::Warning => 4,
        Level::Error => 5,
        Level::Critical => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Double, documents, http, report, secret};

    fn settings(domain: Option<&str>, endpoint: Option<&str>) -> CoralogixSink {
        CoralogixSink {
            domain: domain.map(str::to_owned),
            logs_endpoint: endpoint.map(|url| url.parse().unwrap()),
            api_key: secret("cxtp_key"),
            application_name: "stance".into(),
            subsystem_name: "cspm".into(),
            http: http(),
        }
    }

    #[test]
    fn the_endpoint_is_that_of_the_region_the_domain_or_as_given() {
        for (domain, url, expected) in [
            (Some("eu2"), None, "https://ingress.eu2.coralogix.com/logs/v1/singles"),
            (Some("coralogix.in"), None, "https://ingress.coralogix.in/logs/v1/singles"),
            (None, Some("https://ingress.coralogix.us"), "https://ingress.coralogix.us/logs/v1/singles"),
            (None, Some("https://ingress.coralogix.us/"), "https://ingress.coralogix.us/logs/v1/singles"),
            (None, Some("https://proxy/cx/logs"), "https://proxy/cx/logs"),
        ] {
            assert_eq!(endpoint(&settings(domain, url)).as_deref(), Ok(expected));
        }
        assert!(endpoint(&settings(Some("EU9"), None)).unwrap_err().contains("EU2 (eu2.coralogix.com)"));
        assert!(endpoint(&settings(None, None)).is_err());
    }

    #[tokio::test]
    async fn logs_go_as_one_list_with_the_key() {
        let double = Double::answering(200, "").await;
        let sink = Coralogix::new(&settings(None, Some(&double.url("")))).unwrap();
        let report = report(4);
        let batch = documents(&sink, &report);
        assert_eq!(sink.send(&batch).await, Answer::Taken);
        let request = &double.received()[0];
        assert_eq!(request.line, "POST /logs/v1/singles");
        assert_eq!(request.header("authorization"), Some("Bearer cxtp_key"));
        let logs: Vec<serde_json::Value> = serde_json::from_str(&request.body).unwrap();
        assert_eq!(logs.len(), 4);
        assert_eq!(logs[0]["text"]["document_id"], batch[0].id);
        insta::assert_json_snapshot!(logs[0]);
    }
}
