//! Issues in GitHub: one for each rule and account that fails, found again by a marker in its text, kept up to
//! date, and closed when nothing fails any more.

use super::Receive;
use crate::answer::Answer;
use crate::batch::Limits;
use crate::describe::Describe;
use crate::document::Document;
use crate::http::{Client, Response};
use crate::tickets::{Key, Ticket, Ticketing, Tickets};
use futures_util::future::BoxFuture;
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
    most: u32,
}

#[derive(Clone, Deserialize)]
struct Issue {
    number: u64,
    #[serde(default)]
    title: String,
    /// None where somebody emptied it.
    body: Option<String>,
    /// The list has pull requests too.
    pull_request: Option<Value>,
}

impl Issues {
    pub fn new(settings: &GitHubIssues) -> Result<Self, String> {
        let client = Client::new(settings.api_url.as_str(), &settings.http)?.with_secret_header(
            "authorization",
            "Bearer ",
            &settings.token,
        )?;
        let suits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if settings.label.is_empty() || !settings.label.chars().all(suits) {
            return Err("its label may hold letters, digits and any of `-_.`".to_owned());
        }
        Ok(Self {
            client,
            repository: settings.repository.to_string(),
            label: settings.label.clone(),
            most: settings.most_issues.get(),
        })
    }

    async fn post(&self, batch: &[Document]) -> Answer {
        for document in batch {
            let Ok(tickets) = serde_json::from_str::<Tickets>(document.text()) else {
                return Answer::Unfit { reason: "these are tickets of another version of Stance".to_owned() };
            };
            // each step is found done when all are tried again
            if let Err(answer) = self.bring_up_to_date(&tickets).await {
                return answer;
            }
        }
        Answer::Taken
    }

    async fn bring_up_to_date(&self, tickets: &Tickets) -> Result<(), Answer> {
        let open = self.open_issues().await?;
        for ticket in &tickets.failing {
            let (title, body) = (title(ticket), text(ticket));
            let wanted = json!({ "title": title, "body": body });
            match open.get(&ticket.key) {
                None => {
                    let mut issue = wanted;
                    if let Some(members) = issue.as_object_mut() {
                        members.insert("labels".into(), json!([self.label]));
                    }
                    self.call(Method::POST, "", &issue).await?;
                }
                Some(issue) if issue.title == title && issue.body.as_deref() == Some(body.as_str()) => {}
                Some(issue) => {
                    self.call(Method::PATCH, &format!("/{}", issue.number), &wanted).await?;
                }
            }
        }
        for (key, issue) in open.iter().filter(|(key, _)| tickets.mended(key)) {
            tracing::info!("closing issue {} about `{}` in {}", issue.number, key.rule, key.account);
            let closed = json!({ "state": "closed", "state_reason": "completed" });
            self.call(Method::PATCH, &format!("/{}", issue.number), &closed).await?;
        }
        Ok(())
    }

    /// Our open issues; of two about the same, the older one.
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
            // no single document is at fault: it is a whole run
            Answer::Unfit { reason } => Err(Answer::TurnedAway { reason }),
            other => Err(other),
        }
    }
}

fn title(ticket: &Ticket) -> String {
    format!("[{}] {} ({})", ticket.severity, ticket.title, ticket.key.account)
}

/// A text in which names call nobody and make no link.
fn quoted(text: &str) -> String {
    format!("`{}`", text.replace('`', "'"))
}

fn text(ticket: &Ticket) -> String {
    let Ticket { key, count, resources, .. } = ticket;
    let resource = if *count == 1 { "resource fails" } else { "resources fail" };
    let mut lines = vec![
        key.marker(),
        format!("{count} {resource} the rule {} in account {}.", quoted(&key.rule), quoted(&key.account)),
        String::new(),
        ticket.rationale.clone(),
        String::new(),
    ];
    lines.extend(resources.iter().map(|resource| format!("- {}", quoted(resource))));
    let more = count.saturating_sub(crate::metrics::count(resources.len()));
    if more > 0 {
        lines.push(format!("- and {more} more"));
    }
    if !ticket.remediation.is_empty() {
        lines.extend([
            String::new(),
            "### How to mend it".to_owned(),
            String::new(),
            ticket.remediation.clone(),
        ]);
    }
    if !ticket.references.is_empty() {
        lines.push(String::new());
        lines.extend(ticket.references.iter().map(|reference| format!("- <{reference}>")));
    }
    lines.push(String::new());
    lines.push(
        "Stance keeps this text up to date and closes the issue when nothing fails any more.".to_owned(),
    );
    lines.join("\n")
}

impl Receive for Issues {
    fn limits(&self) -> Limits {
        Limits { documents: 1, bytes: usize::MAX }
    }

    fn describe(&self) -> Box<dyn Describe + '_> {
        Box::new(Ticketing::new(self.most))
    }

    fn send<'a>(&'a self, batch: &'a [Document]) -> BoxFuture<'a, Answer> {
        Box::pin(self.post(batch))
    }

    fn needs_all(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
