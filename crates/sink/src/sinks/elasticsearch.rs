//! Elasticsearch and OpenSearch: documents into the data streams of Elastic's own agent, by the bulk API.

mod bulk;
mod ecs;
mod scores;
mod templates;

use super::Receive;
use crate::SinkError;
use crate::answer::Answer;
use crate::batch::Limits;
use crate::change::Change;
use crate::describe::{About, Describe, Give};
use crate::document::Document;
use crate::http::Client;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::BoxFuture;
use hyper::Method;
use hyper::header::AUTHORIZATION;
use stance_config::{Elasticsearch, Namespace};
use stance_model::Finding;
use std::sync::atomic::{AtomicBool, Ordering};

/// What the data streams are called, after `logs-` and before the namespace.
const FINDINGS: &str = "cloud_security_posture.findings";
const SCORES: &str = "cloud_security_posture.scores";

/// The data streams of a namespace.
pub(super) struct Streams {
    client: Client,
    namespace: Namespace,
    scores: bool,
    /// Whether templates are still to be installed.
    templates: AtomicBool,
}

impl Streams {
    pub fn new(settings: &Elasticsearch) -> Result<Self, String> {
        let client = Client::new(settings.url.as_str(), &settings.http)?;
        let name = AUTHORIZATION.as_str();
        let client = if let Some(key) = &settings.api_key {
            client.with_secret_header(name, "ApiKey ", key)?
        } else if let Some(token) = &settings.bearer_token {
            client.with_secret_header(name, "Bearer ", token)?
        } else if let (Some(user), Some(password)) = (&settings.username, &settings.password) {
            let encoded = STANDARD.encode(format!("{user}:{}", password.reveal()));
            client
                .with_secret_text_header(name, &format!("Basic {encoded}"), password.reveal())?
                .with_secret(&encoded)
        } else {
            client
        };
        Ok(Self {
            client,
            namespace: settings.namespace.clone(),
            scores: settings.scores,
            templates: AtomicBool::new(settings.install_templates),
        })
    }

    async fn post(&self, batch: &[Document]) -> Answer {
        if let Err(answer) = self.install_templates().await {
            return answer;
        }
        let uri = match self.client.address().join("/_bulk") {
            Ok(uri) => uri,
            Err(reason) => return Answer::TurnedAway { reason },
        };
        let body = bulk::body(batch, self.namespace.as_str());
        match self.client.request(Method::POST, uri, "application/x-ndjson", body, &[]).await {
            Ok(response) if response.status.is_success() => bulk::answer(&self.client, &response),
            Ok(response) => self.client.judge(&response),
            Err(answer) => answer,
        }
    }

    /// Installs the templates before the first batch.
    async fn install_templates(&self) -> Result<(), Answer> {
        if !self.templates.load(Ordering::Relaxed) {
            return Ok(());
        }
        for (name, template) in templates::all() {
            let turned_away = |reason| Answer::TurnedAway { reason };
            let uri = self.client.address().join(&format!("/_index_template/{name}")).map_err(turned_away)?;
            let response =
                self.client.request(Method::PUT, uri, "application/json", template.to_string(), &[]).await?;
            match self.client.judge(&response) {
                Answer::Taken => {}
                later @ Answer::Later { .. } => return Err(later),
                // a template that is refused is not the fault of any document
                _ => return Err(turned_away(self.client.reason(&response))),
            }
        }
        self.templates.store(false, Ordering::Relaxed);
        Ok(())
    }
}

impl Receive for Streams {
    fn limits(&self) -> Limits {
        // they advise 5 to 15 MB for one request
        Limits { documents: 2_000, bytes: 5_000_000 }
    }

    fn describe(&self) -> Box<dyn Describe + '_> {
        Box::new(Events(self))
    }

    fn send<'a>(&'a self, batch: &'a [Document]) -> BoxFuture<'a, Answer> {
        Box::pin(self.post(batch))
    }
}

struct Events<'a>(&'a Streams);

impl Describe for Events<'_> {
    fn finding(
        &mut self,
        about: &About<'_>,
        finding: &Finding,
        change: Option<Change>,
        give: Give<'_>,
    ) -> Result<(), SinkError> {
        let id = about.run.document(&finding.id);
        let event = ecs::event(about, finding, change, &id, self.0.namespace.as_str());
        give(Document::new(id, &event)?)
    }

    fn end(&mut self, about: &About<'_>, give: Give<'_>) -> Result<(), SinkError> {
        if !self.0.scores {
            return Ok(());
        }
        let scores = scores::document(about, self.0.namespace.as_str());
        give(Document::new(format!("scores-{}", about.run), &scores)?)
    }
}

#[cfg(test)]
mod tests;
