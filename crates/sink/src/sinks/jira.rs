//! Issues in Jira: one for each rule and account that fails, found again by a label, kept up to date, and
//! closed by a transition when nothing fails any more.
//!
//! Jira Cloud is asked by version 3 of its API, where a description is a document, Data Center by version 2,
//! where it is wiki markup. Search in the cloud lags behind; issues of which we know that they are new are
//! named in it, as only then it is sure to see them.

mod markup;

use super::tracker::{Tracker, Tracking, check_label};
use crate::answer::Answer;
use crate::http::{Client, Response};
use crate::tickets::{Key, Ticket};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use hyper::header::AUTHORIZATION;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json};
use stance_model::printable;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The most that one page holds.
const PAGE: usize = 100;
/// More pages are not read; so many issues nobody works on.
const MOST_PAGES: usize = 50;
/// The most issues that a search can be told to see.
const MOST_NEW: usize = 50;
/// The longest summary that Jira takes, in characters.
const LONGEST_SUMMARY: usize = 254;

/// The issues of a project that bear the label.
pub(super) struct Jira {
    client: Client,
    edition: Edition,
    project: String,
    issue_type: String,
    label: String,
    close_transition: String,
    /// Ids of issues that we opened, the newest last.
    opened: Mutex<Vec<u64>>,
}

/// Which Jira it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edition {
    Cloud,
    DataCenter,
}

impl Edition {
    /// Where its API begins.
    fn api(self) -> &'static str {
        match self {
            Self::Cloud => "/rest/api/3",
            Self::DataCenter => "/rest/api/2",
        }
    }

    /// What a ticket says, in its markup.
    fn description(self, ticket: &Ticket) -> Value {
        match self {
            Self::Cloud => markup::document(&ticket.blocks()),
            Self::DataCenter => markup::wiki(&ticket.blocks()).into(),
        }
    }
}

#[derive(Deserialize)]
struct Page {
    issues: Vec<Issue>,
    /// In the cloud: what the next page is asked for by.
    #[serde(default, rename = "nextPageToken")]
    next: Option<String>,
    /// In Data Center: how many there are in all.
    #[serde(default)]
    total: usize,
}

#[derive(Deserialize)]
pub(super) struct Issue {
    key: String,
    fields: Fields,
}

#[derive(Deserialize)]
struct Fields {
    #[serde(default)]
    summary: String,
    /// Null where somebody emptied it.
    #[serde(default)]
    description: Value,
    #[serde(default)]
    labels: Vec<String>,
}

#[derive(Deserialize)]
struct Created {
    id: String,
}

#[derive(Deserialize)]
struct Transitions {
    transitions: Vec<Transition>,
}

#[derive(Deserialize)]
struct Transition {
    id: String,
    name: String,
    to: Status,
}

/// What a transition leads to.
#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    name: String,
}

impl Jira {
    /// The receiver with those settings.
    ///
    /// # Errors
    /// A setting is wrong, in words for people.
    pub fn open(settings: &stance_config::Jira) -> Result<Tracking<Self>, String> {
        let client = Client::new(settings.url.as_str(), &settings.http)?;
        let name = AUTHORIZATION.as_str();
        let (client, edition) = match (&settings.email, &settings.api_token, &settings.access_token) {
            (Some(email), Some(token), None) => {
                let encoded = STANDARD.encode(format!("{email}:{}", token.reveal()));
                let client =
                    client.with_secret_text_header(name, &format!("Basic {encoded}"), token.reveal())?;
                (client.with_secret(&encoded), Edition::Cloud)
            }
            (None, None, Some(token)) => {
                (client.with_secret_header(name, "Bearer ", token)?, Edition::DataCenter)
            }
            _ => {
                return Err(
                    "it needs `email` and `api_token` for Jira Cloud, or `access_token` for Data Center"
                        .to_owned(),
                );
            }
        };
        check_label(&settings.label)?;
        let tracker = Self {
            client,
            edition,
            project: settings.project.to_string(),
            issue_type: settings.issue_type.clone(),
            label: settings.label.clone(),
            close_transition: settings.close_transition.clone(),
            opened: Mutex::default(),
        };
        Ok(Tracking { tracker, most: settings.most_issues.get() })
    }

    /// One page of our open issues. `after`: what the page before said, and how many there were up to it.
    async fn page(&self, after: Option<&str>, seen: usize) -> Result<Page, Answer> {
        let query = format!(
            "project = \"{}\" AND labels = \"{}\" AND statusCategory != Done ORDER BY created ASC",
            self.project, self.label
        );
        let fields = ["summary", "description", "labels"];
        let response = match self.edition {
            Edition::Cloud => {
                let mut search = json!({ "jql": query, "maxResults": PAGE, "fields": fields });
                if let Some(members) = search.as_object_mut() {
                    members.insert("reconcileIssues".into(), json!(self.newest()));
                    members.extend(after.map(|after| ("nextPageToken".to_owned(), after.into())));
                }
                self.call(Method::POST, "/search/jql", &search).await?
            }
            Edition::DataCenter => {
                let query = utf8_percent_encode(&query, NON_ALPHANUMERIC);
                let fields = fields.join(",");
                let path = format!("/search?jql={query}&fields={fields}&maxResults={PAGE}&startAt={seen}");
                self.call(Method::GET, &path, &Value::Null).await?
            }
        };
        self.read(&response, "list of issues")
    }

    /// Ids of the issues that we opened last.
    fn newest(&self) -> Vec<u64> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        opened.iter().rev().take(MOST_NEW).copied().collect()
    }

    fn summary(ticket: &Ticket) -> String {
        ticket.headline().chars().take(LONGEST_SUMMARY).collect()
    }

    fn read<T: serde::de::DeserializeOwned>(&self, response: &Response, what: &str) -> Result<T, Answer> {
        serde_json::from_slice(&response.body)
            .map_err(|_| Answer::later(format!("{} gave no {what}", self.client.address())))
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> Result<Response, Answer> {
        let path = format!("{}{path}", self.edition.api());
        let uri = self.client.address().join(&path).map_err(|reason| Answer::TurnedAway { reason })?;
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let headers = [("accept", "application/json".to_owned())];
        let response = self.client.request(method, uri, "application/json", body, &headers).await?;
        match self.client.judge(&response) {
            Answer::Taken => Ok(response),
            other => Err(other),
        }
    }
}

impl Tracker for Jira {
    type Issue = Issue;

    async fn open_issues(&self) -> Result<BTreeMap<Key, Issue>, Answer> {
        let (mut open, mut seen, mut after) = (BTreeMap::new(), 0, None);
        for _ in 0..MOST_PAGES {
            let page = self.page(after.as_deref(), seen).await?;
            seen += page.issues.len();
            let is_last = page.issues.is_empty() || (page.next.is_none() && seen >= page.total);
            for issue in page.issues {
                if let Some(key) = issue.fields.labels.iter().find_map(|label| Key::read(label)) {
                    open.entry(key).or_insert(issue);
                }
            }
            if is_last {
                break;
            }
            after = page.next;
        }
        Ok(open)
    }

    fn says(&self, issue: &Issue, ticket: &Ticket) -> bool {
        let wanted = self.edition.description(ticket);
        issue.fields.summary == Self::summary(ticket)
            && markup::words(&issue.fields.description) == markup::words(&wanted)
    }

    async fn create(&self, ticket: &Ticket) -> Result<(), Answer> {
        let issue = json!({ "fields": {
            "project": { "key": self.project },
            "issuetype": { "name": self.issue_type },
            "summary": Self::summary(ticket),
            "description": self.edition.description(ticket),
            "labels": [self.label, ticket.key.word()],
        } });
        let response = self.call(Method::POST, "/issue", &issue).await?;
        // it is there in any case; without its id a search may overlook it for a while
        if let Ok(id) = self.read(&response, "id").and_then(|created: Created| {
            created.id.parse::<u64>().map_err(|_| Answer::later("the id is no number"))
        }) {
            self.opened.lock().unwrap_or_else(PoisonError::into_inner).push(id);
        }
        Ok(())
    }

    async fn update(&self, issue: &Issue, ticket: &Ticket) -> Result<(), Answer> {
        let wanted = json!({ "fields": {
            "summary": Self::summary(ticket),
            "description": self.edition.description(ticket),
        } });
        self.call(Method::PUT, &format!("/issue/{}", issue.key), &wanted).await.map(drop)
    }

    async fn close(&self, issue: &Issue) -> Result<(), Answer> {
        let path = format!("/issue/{}/transitions", issue.key);
        let response = self.call(Method::GET, &path, &Value::Null).await?;
        let Transitions { transitions } = self.read(&response, "list of transitions")?;
        let wanted = |name: &str| name.eq_ignore_ascii_case(&self.close_transition);
        let named = transitions.iter().find(|it| wanted(&it.name));
        let Some(transition) = named.or_else(|| transitions.iter().find(|it| wanted(&it.to.name))) else {
            let names: Vec<String> =
                transitions.iter().map(|it| format!("`{}`", printable(&it.name))).collect();
            let reason = format!(
                "an issue that is mended has no transition `{}`; set `close_transition` to one of {}",
                printable(&self.close_transition),
                if names.is_empty() { "those of its workflow".to_owned() } else { names.join(", ") }
            );
            return Err(Answer::TurnedAway { reason });
        };
        self.call(Method::POST, &path, &json!({ "transition": { "id": transition.id } })).await.map(drop)
    }
}

#[cfg(test)]
mod tests;
