//! Trackers of issues: one issue for each rule and account that fails, found again, kept up to date, and
//! closed when nothing fails any more. What a tracker calls these things is its own module's.

use super::Receive;
use crate::answer::Answer;
use crate::batch::Limits;
use crate::describe::Describe;
use crate::document::Document;
use crate::tickets::{Key, Ticket, Ticketing, Tickets};
use futures_util::future::BoxFuture;
use std::collections::BTreeMap;
use std::future::Future;

/// A tracker of issues.
pub(super) trait Tracker: Send + Sync {
    /// An open issue, as the tracker lists it.
    type Issue: Send + Sync;

    /// Our open issues; of two about the same, the older one.
    fn open_issues(&self) -> impl Future<Output = Result<BTreeMap<Key, Self::Issue>, Answer>> + Send;

    /// Whether the issue says already what the ticket says.
    fn says(&self, issue: &Self::Issue, ticket: &Ticket) -> bool;

    /// Opens an issue.
    fn create(&self, ticket: &Ticket) -> impl Future<Output = Result<(), Answer>> + Send;

    /// Lets an issue say what the ticket says.
    fn update(&self, issue: &Self::Issue, ticket: &Ticket)
    -> impl Future<Output = Result<(), Answer>> + Send;

    /// Closes an issue about what is mended.
    fn close(&self, issue: &Self::Issue) -> impl Future<Output = Result<(), Answer>> + Send;
}

/// The receiver that a tracker is.
pub(super) struct Tracking<T> {
    pub tracker: T,
    /// Most issues of one run.
    pub most: u32,
}

impl<T: Tracker> Tracking<T> {
    async fn post(&self, batch: &[Document]) -> Answer {
        for document in batch {
            let Ok(tickets) = serde_json::from_str::<Tickets>(document.text()) else {
                return Answer::Unfit { reason: "these are tickets of another version of Stance".to_owned() };
            };
            // each step is found done when all are tried again
            if let Err(answer) = self.bring_up_to_date(&tickets).await {
                return match answer {
                    // no single document is at fault: it is a whole run
                    Answer::Unfit { reason } => Answer::TurnedAway { reason },
                    other => other,
                };
            }
        }
        Answer::Taken
    }

    async fn bring_up_to_date(&self, tickets: &Tickets) -> Result<(), Answer> {
        let open = self.tracker.open_issues().await?;
        for ticket in &tickets.failing {
            match open.get(&ticket.key) {
                None => self.tracker.create(ticket).await?,
                Some(issue) if self.tracker.says(issue, ticket) => {}
                Some(issue) => self.tracker.update(issue, ticket).await?,
            }
        }
        for (key, issue) in open.iter().filter(|(key, _)| tickets.mended(key)) {
            tracing::info!("closing the issue about `{}` in {}", key.rule, key.account);
            self.tracker.close(issue).await?;
        }
        Ok(())
    }
}

impl<T: Tracker> Receive for Tracking<T> {
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

/// Whether a text can be a label with every tracker.
pub(super) fn check_label(label: &str) -> Result<(), String> {
    let suits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if label.is_empty() || !label.chars().all(suits) {
        return Err("its label may hold letters, digits and any of `-_.`".to_owned());
    }
    Ok(())
}
