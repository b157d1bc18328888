//! Issues in GitHub: one for each rule and account that fails, found again by a marker in its text, kept up to
//! date, and closed when nothing fails any more.

use super::tracker::{Tracker, Tracking, check_label};
use crate::answer::Answer;
use crate::http::{Client, Response};
use crate::tickets::{Block, Key, Span, Ticket};
use hyper::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use stance_config::GitHubIssues;
use std::collections::BTreeMap;

/// The version of the API.
const VERSION: (&str, &str) = ("x-github-api-version", "2022-11-28");
/// The most that one page holds.
const PAGE: usize = 100;
/// More pages are not read; so many issues nobody works on.
const MOST_PAGES: usize = 50;

/// The issues of a repository that bear the label.
pub(super) struct Issues {
    client: Client,
    repository: String,
    label: String,
}

#[derive(Clone, Deserialize)]
pub(super) struct Issue {
    number: u64,
    #[serde(default)]
    title: String,
    /// None where somebody emptied it.
    body: Option<String>,
    /// The list has pull requests too.
    pull_request: Option<Value>,
}

impl Issues {
    /// The receiver with those settings.
    ///
    /// # Errors
    /// A setting is wrong, in words for people.
    pub fn open(settings: &GitHubIssues) -> Result<Tracking<Self>, String> {
        let client = Client::new(settings.api_url.as_str(), &settings.http)?.with_secret_header(
            "authorization",
            "Bearer ",
            &settings.token,
        )?;
        check_label(&settings.label)?;
        let repository = settings.repository.to_string();
        let tracker = Self { client, repository, label: settings.label.clone() };
        Ok(Tracking { tracker, most: settings.most_issues.get() })
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> Result<Response, Answer> {
        let path = format!("/repos/{}/issues{path}", self.repository);
        let uri = self.client.address().join(&path).map_err(|reason| Answer::TurnedAway { reason })?;
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let headers =
            [(VERSION.0, VERSION.1.to_owned()), ("accept", "application/vnd.github+json".to_owned())];
        let response = self.client.request(method, uri, "application/json", body, &headers).await?;
        match self.client.judge(&response) {
            Answer::Taken => Ok(response),
            // their limit on bursts comes under this status too, and says when to come again
            Answer::TurnedAway { reason } if response.status == 403 && response.retry_after.is_some() => {
                Err(Answer::Later { reason, after: response.retry_after, throttled: true })
            }
            other => Err(other),
        }
    }
}

impl Tracker for Issues {
    type Issue = Issue;

    async fn open_issues(&self) -> Result<BTreeMap<Key, Issue>, Answer> {
        let mut open = BTreeMap::new();
        for page in 1..=MOST_PAGES {
            let query = format!(
                "?state=open&labels={}&sort=created&direction=asc&per_page={PAGE}&page={page}",
                self.label
            );
            let response = self.call(Method::GET, &query, &Value::Null).await?;
            let Ok(issues) = serde_json::from_slice::<Vec<Issue>>(&response.body) else {
                return Err(Answer::later(format!("{} gave no list of issues", self.client.address())));
            };
            let full = issues.len() >= PAGE;
            for issue in issues.into_iter().filter(|issue| issue.pull_request.is_none()) {
                if let Some(key) = issue.body.as_deref().and_then(Key::find) {
                    open.entry(key).or_insert(issue);
                }
            }
            if !full {
                break;
            }
        }
        Ok(open)
    }

    fn says(&self, issue: &Issue, ticket: &Ticket) -> bool {
        issue.title == ticket.headline() && issue.body.as_deref() == Some(text(ticket).as_str())
    }

    async fn create(&self, ticket: &Ticket) -> Result<(), Answer> {
        let issue = json!({ "title": ticket.headline(), "body": text(ticket), "labels": [self.label] });
        self.call(Method::POST, "", &issue).await.map(drop)
    }

    async fn update(&self, issue: &Issue, ticket: &Ticket) -> Result<(), Answer> {
        let wanted = json!({ "title": ticket.headline(), "body": text(ticket) });
        self.call(Method::PATCH, &format!("/{}", issue.number), &wanted).await.map(drop)
    }

    async fn close(&self, issue: &Issue) -> Result<(), Answer> {
        let closed = json!({ "state": "closed", "state_reason": "completed" });
        self.call(Method::PATCH, &format!("/{}", issue.number), &closed).await.map(drop)
    }
}

/// The ticket in Markdown, below the marker that nobody sees.
fn text(ticket: &Ticket) -> String {
    let blocks: Vec<String> = ticket.blocks().iter().map(block).collect();
    format!("{}\n{}", ticket.key.marker(), blocks.join("\n\n"))
}

fn block(block: &Block<'_>) -> String {
    match block {
        Block::Paragraph(spans) => spans.iter().map(span).collect(),
        Block::Heading(text) => format!("### {text}"),
        Block::List(items) => {
            let items: Vec<String> = items.iter().map(|item| format!("- {}", span(item))).collect();
            items.join("\n")
        }
    }
}

fn span(span: &Span<'_>) -> String {
    match span {
        Span::Words(text) => text.clone(),
        Span::Name(name) => format!("`{}`", name.replace('`', "'")),
        Span::Link(link) => format!("<{link}>"),
    }
}

#[cfg(test)]
mod tests;
