//! The receivers, one module each.

mod chat;
mod coralogix;
mod elasticsearch;
pub(crate) mod email;
mod file;
mod github;
mod jira;
mod otlp;
mod s3;
mod security_hub;
pub(crate) mod slack;
mod stdout;
mod syslog;
mod teams;
mod tracker;
pub mod webhook;

use crate::answer::Answer;
use crate::batch::Limits;
use crate::describe::Describe;
use crate::document::Document;
use futures_util::future::BoxFuture;
use stance_config::SinkKind;

/// A receiver: what it is told, and how.
pub(crate) trait Receive {
    /// The most that one request may hold.
    fn limits(&self) -> Limits;

    /// Makes the documents of one run.
    fn describe(&self) -> Box<dyn Describe + '_>;

    /// Sends a batch, once.
    fn send<'a>(&'a self, batch: &'a [Document]) -> BoxFuture<'a, Answer>;

    /// Whether it has to see all findings of a run to know what is mended.
    fn needs_all(&self) -> bool {
        false
    }

    /// Whether it is written to directly, as it cannot be away and come back; then there is no spool.
    fn is_direct(&self) -> bool {
        false
    }
}

/// A receiver with those settings.
///
/// # Errors
/// A setting is wrong, in words for people.
pub(crate) fn open(kind: &SinkKind) -> Result<Box<dyn Receive>, String> {
    Ok(match kind {
        SinkKind::File(settings) => Box::new(file::Lines::new(settings)),
        SinkKind::Stdout(settings) => Box::new(stdout::Stdout::new(settings)),
        SinkKind::Webhook(settings) => Box::new(webhook::Hook::new(settings)?),
        SinkKind::Coralogix(settings) => Box::new(coralogix::Coralogix::new(settings)?),
        SinkKind::Elasticsearch(settings) | SinkKind::Opensearch(settings) => {
            Box::new(elasticsearch::Streams::new(settings)?)
        }
        SinkKind::Otlp(settings) => Box::new(otlp::Collector::new(settings)?),
        SinkKind::Syslog(settings) => Box::new(syslog::Server::new(settings)?),
        SinkKind::Slack(settings) => Box::new(slack::open(settings)?),
        SinkKind::Teams(settings) => Box::new(teams::open(settings)?),
        SinkKind::Email(settings) => Box::new(email::Mailbox::new(settings)?),
        SinkKind::GithubIssues(settings) => Box::new(github::Issues::open(settings)?),
        SinkKind::Jira(settings) => Box::new(jira::Jira::open(settings)?),
        SinkKind::SecurityHub(settings) => Box::new(security_hub::Hub::new(settings)?),
        SinkKind::S3(settings) => Box::new(s3::Bucket::new(settings)?),
    })
}

/// The documents of a batch as the items of a JSON list.
pub(crate) fn list<'a>(batch: impl IntoIterator<Item = &'a Document>) -> String {
    let texts: Vec<&str> = batch.into_iter().map(Document::text).collect();
    format!("[{}]", texts.join(","))
}
