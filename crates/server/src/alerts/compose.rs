//! What a message says.

use crate::Console;
use crate::dimension::Dimension;
use crate::facts::Facts;
use crate::filter::{Filter, Sort};
use crate::parts::time::exact;
use crate::query::Query;
use crate::viewer::Visible;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use stance_sink::{Line, Message};
use stance_store::{
    Accounts, Alert, Cause, Census, DueMessage, FindingRow, Opened, Result, RunId, RunState, Store,
    StoreError,
};
use std::sync::Arc;

/// Findings that a message names.
const WORST: usize = 10;

/// What there is to tell.
pub(super) enum Composed {
    Message(Box<Message>, Option<u64>),
    Nothing,
    /// It can never be told.
    Unfit(String),
}

/// Finds out what a message says. `reach` is what its maker may see.
pub(super) fn compose(
    console: &Console,
    store: &Store,
    due: &DueMessage,
    reach: &Accounts,
    now: DateTime<Utc>,
) -> Result<Composed> {
    let about = About { console, alert: &due.alert, id: id(due) };
    match &due.message.cause {
        Cause::Done(run) => about.findings(store, *run, reach, now),
        // why a run failed, and of which accounts it was, is for those who may see all
        Cause::Failed(_) if *reach != Accounts::All => Ok(Composed::Nothing),
        Cause::Failed(run) => about.failed(store, *run),
        Cause::Overdue { integration, due_at } => {
            let fact = format!("It should have run at {}", exact(*due_at));
            let of = json!({ "integration": integration, "due_at": stamp(*due_at) });
            let headline = format!("Stance: {integration} is overdue");
            Ok(about.plain("overdue", headline, vec![fact], of, "/runs"))
        }
        Cause::Test(_) => {
            let name = &due.alert.chosen.name;
            let headline = format!("Stance: a test of the alert {name}");
            let fact = "If you read this, its messages arrive.".to_owned();
            Ok(about.plain("test", headline, vec![fact], json!({}), "/alerts"))
        }
    }
}

/// The same however often a message is sent, and no other's: alerts have a moment at which they were made.
fn id(due: &DueMessage) -> String {
    let alert = &due.alert;
    format!("alert-{}-{}-{}", alert.id.number(), alert.made_at.timestamp_millis(), due.message.id.number())
}

fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

struct About<'a> {
    console: &'a Console,
    alert: &'a Alert,
    id: String,
}

impl About<'_> {
    fn link(&self, path: &str) -> Option<String> {
        self.console.public_url().map(|url| format!("{url}{path}"))
    }

    fn document(&self, event: &str, of: Value) -> Value {
        let alert = json!({ "id": self.alert.id.number(), "name": self.alert.chosen.name });
        let mut document = json!({ "type": "alert", "event": event, "alert": alert });
        if let (Some(members), Value::Object(of)) = (document.as_object_mut(), of) {
            members.extend(of);
        }
        document
    }

    fn plain(&self, event: &str, headline: String, facts: Vec<String>, of: Value, path: &str) -> Composed {
        let message = Message {
            id: self.id.clone(),
            headline,
            facts,
            lines: Vec::new(),
            unlisted: 0,
            link: self.link(path),
            document: self.document(event, of),
        };
        Composed::Message(Box::new(message), None)
    }

    fn failed(&self, store: &Store, run: RunId) -> Result<Composed> {
        let summary = match store.summary(run) {
            Ok(summary) => summary,
            Err(StoreError::Missing { .. }) => return Ok(Composed::Nothing),
            Err(error) => return Err(error),
        };
        let (number, name) = (run.number(), &summary.uid);
        let error = match (summary.state, &summary.error) {
            (_, Some(error)) => error.clone(),
            (RunState::Abandoned, None) => "its process ended before it did".to_owned(),
            (_, None) => "it said nothing about why".to_owned(),
        };
        let facts = vec![format!("{name}, begun {}", exact(summary.started_at)), error.clone()];
        let of = json!({ "run": { "number": number, "name": name, "started_at": stamp(summary.started_at) }, "error": error });
        Ok(self.plain(
            "run-failed",
            format!("Stance: run #{number} failed"),
            facts,
            of,
            &format!("/runs/{number}"),
        ))
    }

    fn findings(&self, store: &Store, run: RunId, reach: &Accounts, now: DateTime<Utc>) -> Result<Composed> {
        let query = Query::parse(&self.alert.chosen.filter);
        let mut filter = match Filter::read(&query, None, now) {
            Ok(filter) => filter,
            Err(message) => return Ok(Composed::Unfit(message)),
        };
        // whoever asks for no status means what fails
        filter.wanted.entry(Dimension::Standing).or_insert_with(|| ["failed".to_owned()].into());
        let visible = match reach {
            Accounts::All => Visible::All,
            Accounts::Only(accounts) => Visible::Only(Arc::new(accounts.clone())),
        };
        let (census, facts) = (store.census()?, self.console.facts());
        let mut cells = filter.cells(&census, facts, &visible);
        Sort::Severity.apply(&mut cells, &census);
        let opened = store.opened_by(run, &census, &cells, &filter.constraints, WORST)?;
        if opened.total() == 0 {
            return Ok(Composed::Nothing);
        }
        let at = census.runs.get(&run.number()).copied();
        let link = |query: Query| self.link(&query.address("/findings"));
        let all = at.map_or(query.clone(), |at| query.clone().set("since", stamp(at)));
        let all = if query.first("status").is_some() { all } else { all.set("status", "failed") };
        let message = Message {
            id: self.id.clone(),
            headline: headline(&opened, &self.alert.chosen.name),
            facts: told(&opened, run, at),
            lines: opened.first.iter().map(|row| self.line(row, &census, facts)).collect(),
            unlisted: opened.total().saturating_sub(opened.first.len() as u64),
            link: link(all),
            document: self.document("findings", self.of(&opened, run, at, &census, facts)),
        };
        Ok(Composed::Message(Box::new(message), Some(opened.total())))
    }

    fn line(&self, row: &FindingRow, census: &Census, facts: &Facts) -> Line {
        let account = census.scope(row.scope).map(|scope| match scope.details.name.as_deref() {
            Some(name) => format!("{name} ({})", scope.id),
            None => scope.id.to_string(),
        });
        let subject = match &row.sub_key {
            Some(key) => format!("{} › {key}", row.resource_name),
            None => row.resource_name.clone(),
        };
        Line {
            severity: row.severity,
            title: facts.title(row.rule.as_str()).to_owned(),
            subject,
            place: format!("{}, {}, {}", account.unwrap_or_default(), row.region, change(row)),
            link: self.link(&format!("/findings/{}", row.id)),
        }
    }

    fn of(
        &self,
        opened: &Opened,
        run: RunId,
        at: Option<DateTime<Utc>>,
        census: &Census,
        facts: &Facts,
    ) -> Value {
        let finding = |row: &FindingRow| {
            json!({
                "id": row.id,
                "rule": row.rule,
                "title": facts.title(row.rule.as_str()),
                "severity": row.severity.as_str(),
                "change": change(row),
                "account": census.scope(row.scope).map(|scope| scope.id.as_str()),
                "region": row.region,
                "resource": { "id": row.resource_id, "type": row.resource_type, "name": row.resource_name },
                "sub_key": row.sub_key,
                "link": self.link(&format!("/findings/{}", row.id)),
            })
        };
        let counts: serde_json::Map<String, Value> =
            opened.counts.iter().map(|(severity, count)| (severity.to_string(), (*count).into())).collect();
        json!({
            "run": { "number": run.number(), "as_of": at.map(stamp) },
            "count": opened.total(),
            "severities": counts,
            "findings": opened.first.iter().map(finding).collect::<Vec<_>>(),
        })
    }
}

fn headline(opened: &Opened, name: &str) -> String {
    let verb = if opened.total() == 1 { "is" } else { "are" };
    let noun = if opened.total() == 1 { "finding" } else { "findings" };
    format!("Stance: {} {noun} {verb} new or came back ({name})", opened.total())
}

fn told(opened: &Opened, run: RunId, at: Option<DateTime<Utc>>) -> Vec<String> {
    let counts: Vec<String> =
        opened.counts.iter().rev().map(|(severity, count)| format!("{count} {severity}")).collect();
    let mut told = vec![counts.join(", ")];
    told.extend(at.map(|at| format!("Run #{}, {}", run.number(), exact(at))));
    if opened.is_partial {
        told.push("The words of the filter mean too many resources; some findings may be missing".to_owned());
    }
    told
}

/// What happened to a finding in the run.
fn change(row: &FindingRow) -> &'static str {
    match (row.first_seen == row.since, row.reopened > 0) {
        (true, _) => "new",
        (false, true) => "came back",
        (false, false) => "turned",
    }
}
