//! Batches from the spool to the receiver.

use crate::answer::{Answer, ItemAnswer};
use crate::dead_letters::DeadLetters;
use crate::document::Document;
use crate::metrics::count;
use crate::pace::{Backoff, RateLimit};
use crate::sinks::Receive;
use crate::spool::{NotAccepted, Spool};
use crate::{Ending, Meter};
use chrono::Utc;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Most reasons that are told; a receiver may have one for each document.
const MOST_REASONS: usize = 10;

/// A receiver that refused so many documents and took none refuses us, not the documents.
const ALL_REFUSED: u64 = 20;

/// Takes batches in and delivers them, the oldest first.
pub(crate) struct Courier<'a> {
    pub receiver: &'a dyn Receive,
    pub spool: Spool,
    pub dead_letters: DeadLetters,
    pub backoff: Backoff,
    pub rate: RateLimit,
    pub meter: &'a Meter,
    /// What went wrong so far.
    pub reasons: Vec<String>,
    /// Whether the receiver is still asked; once it was tried in vain, batches only go into the spool.
    pub reachable: bool,
}

impl Courier<'_> {
    /// Takes a batch into the spool, and delivers what is there.
    pub async fn take(&mut self, batch: &[Document]) {
        let documents = count(batch.len());
        self.meter.change(|metrics| metrics.documents += documents);
        if let Err(error) = self.spool.accept(batch) {
            self.meter.change(|metrics| metrics.not_accepted += documents);
            self.tell(error.to_string());
        }
        self.deliver().await;
    }

    /// Delivers what is in the spool, until it is empty or the receiver cannot be reached.
    pub async fn deliver(&mut self) {
        while self.reachable {
            match self.deliver_oldest().await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    self.tell(error.to_string());
                    self.reachable = false;
                }
            }
            self.measure();
        }
        self.measure();
    }

    /// How the delivery ended.
    pub fn end(self) -> Ending {
        self.measure();
        let metrics = self.meter.read();
        if self.reasons.is_empty() {
            return Ending::Delivered;
        }
        let dead_letters = (metrics.dead_letters > 0).then(|| self.dead_letters.path().to_owned());
        Ending::Failed { reasons: self.reasons, dead_letters }
    }

    fn measure(&self) {
        let (batches, documents, bytes) = self.spool.held();
        self.meter.change(|metrics| {
            metrics.spooled_batches = batches;
            metrics.spooled_documents = documents;
            metrics.spooled_bytes = bytes;
        });
    }

    fn tell(&mut self, reason: String) {
        if self.reasons.len() < MOST_REASONS && !self.reasons.contains(&reason) {
            tracing::info!("{reason}");
            self.reasons.push(reason);
        }
    }

    /// Delivers the oldest batch; false where there is none.
    async fn deliver_oldest(&mut self) -> Result<bool, NotAccepted> {
        let Some(documents) = self.spool.oldest()? else { return Ok(false) };
        let mut parts = VecDeque::from([documents]);
        while let Some(part) = parts.pop_front() {
            match self.deliver_part(part).await {
                Part::Done => {}
                Part::Split(first, second) => {
                    parts.push_front(second);
                    parts.push_front(first);
                }
                Part::Kept { left, reason } => {
                    self.reachable = false;
                    let left: Vec<_> = std::iter::once(left).chain(parts).flatten().collect();
                    self.tell(reason);
                    self.spool.keep_only(&left)?;
                    return Ok(true);
                }
            }
        }
        self.spool.acknowledge()?;
        Ok(true)
    }

    /// Sends a part of a batch until it is taken, refused or not worth trying any longer.
    async fn deliver_part(&mut self, mut part: Vec<Document>) -> Part {
        let start = Instant::now();
        let mut failures = 0;
        loop {
            self.rate.wait().await;
            self.meter.change(|metrics| {
                metrics.requests += 1;
                metrics.repeated += u64::from(failures > 0);
            });
            let (reason, asked) = match self.receiver.send(&part).await {
                Answer::Taken => {
                    self.delivered(part.len());
                    return Part::Done;
                }
                Answer::Each(answers) if answers.len() == part.len() => {
                    let (left, reason) = match self.sort(part, answers) {
                        Ok(sorted) => sorted,
                        Err(kept) => return kept,
                    };
                    if left.is_empty() {
                        return Part::Done;
                    }
                    part = left;
                    (reason, None)
                }
                Answer::Each(_) => ("the receiver answered for another number of documents".to_owned(), None),
                Answer::Later { reason, after, throttled } => {
                    self.meter.change(|metrics| metrics.throttled += u64::from(throttled));
                    (reason, after)
                }
                Answer::Unfit { reason } => return self.halve(part, &reason),
                Answer::PartlyRefused { reason } => return self.bury(part, &reason),
                Answer::TurnedAway { reason } => return Part::Kept { left: part, reason },
            };
            failures += 1;
            let Some(pause) = self.backoff.pause(failures, start.elapsed(), asked) else {
                let asked = asked.filter(|asked| *asked > Duration::ZERO);
                let asked =
                    asked.map(|it| format!(", and asks for {} s more", it.as_secs())).unwrap_or_default();
                let tried = if failures == 1 { "once".to_owned() } else { format!("{failures} times") };
                return Part::Kept { left: part, reason: format!("{reason} (tried {tried}{asked})") };
            };
            tracing::info!("{reason}; trying again in {} ms", pause.as_millis());
            sleep(pause).await;
        }
    }

    fn delivered(&self, documents: usize) {
        self.meter.change(|metrics| metrics.delivered += count(documents));
    }

    /// What is left of a part whose documents were answered one by one, and why.
    fn sort(
        &mut self,
        part: Vec<Document>,
        answers: Vec<ItemAnswer>,
    ) -> Result<(Vec<Document>, String), Part> {
        let (mut left, mut why) = (Vec::new(), String::new());
        let mut pairs = part.into_iter().zip(answers);
        while let Some((document, answer)) = pairs.next() {
            match answer {
                ItemAnswer::Taken => self.delivered(1),
                ItemAnswer::AlreadyThere => {
                    self.delivered(1);
                    self.meter.change(|metrics| metrics.already_there += 1);
                }
                ItemAnswer::Later(reason) => {
                    left.push(document);
                    why = reason;
                }
                ItemAnswer::Refused(reason) => {
                    if let Part::Kept { left: kept, reason } = self.bury(vec![document], &reason) {
                        left.extend(kept);
                        left.extend(pairs.map(|(document, _)| document));
                        return Err(Part::Kept { left, reason });
                    }
                }
            }
        }
        Ok((left, why))
    }

    /// Of a part that is refused as a whole, each half may be taken; a single document is refused for good.
    fn halve(&mut self, mut part: Vec<Document>, reason: &str) -> Part {
        if part.len() <= 1 {
            return self.bury(part, reason);
        }
        let second = part.split_off(part.len() / 2);
        Part::Split(part, second)
    }

    /// Puts documents that were refused for good to the dead letters. Where that cannot be written, they
    /// stay in the spool.
    fn bury(&mut self, part: Vec<Document>, reason: &str) -> Part {
        for (index, document) in part.iter().enumerate() {
            let metrics = self.meter.read();
            if metrics.delivered == 0 && metrics.dead_letters >= ALL_REFUSED {
                let left = part.into_iter().skip(index).collect();
                let reason = format!(
                    "the receiver refuses every document ({reason}); the rest is kept until it takes one"
                );
                return Part::Kept { left, reason };
            }
            if let Err(error) = self.dead_letters.add(document, reason, Utc::now()) {
                let path = self.dead_letters.path().display().to_string();
                let left = part.into_iter().skip(index).collect();
                return Part::Kept {
                    left,
                    reason: format!("the dead letters in `{path}` cannot be written: {error}"),
                };
            }
            self.meter.change(|metrics| metrics.dead_letters += 1);
        }
        self.tell(format!("the receiver refuses some documents for good: {reason}"));
        Part::Done
    }
}

/// What became of a part of a batch.
enum Part {
    /// It was taken, or buried.
    Done,
    /// Its halves are to be tried.
    Split(Vec<Document>, Vec<Document>),
    /// These stay in the spool.
    Kept { left: Vec<Document>, reason: String },
}
