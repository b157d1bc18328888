//! A sink, ready to deliver to.

use crate::batch::{Batcher, Limits};
use crate::courier::Courier;
use crate::dead_letters::DeadLetters;
use crate::describe::describe;
use crate::pace::{Backoff, RateLimit};
use crate::preview::Previewing;
use crate::sinks::{self, Receive};
use crate::spool::Spool;
use crate::{Ending, Meter, Outcome, Results, SinkError, folder};
use stance_config::{Delivery, What};
use std::path::PathBuf;
use tokio::runtime::{Builder, Runtime};

/// A place to which results are delivered.
pub struct Sink {
    name: String,
    delivery: Delivery,
    folder: Option<PathBuf>,
    receiver: Box<dyn Receive>,
    limits: Limits,
    pub(crate) backoff: Backoff,
    meter: Meter,
}

impl std::fmt::Debug for Sink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // the receiver holds secrets
        f.debug_struct("Sink").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Sink {
    /// A sink with those settings. Nothing is sent and no folder made yet.
    ///
    /// # Errors
    /// A setting is wrong, or a file that one names cannot be read.
    pub fn open(settings: &stance_config::Sink) -> Result<Self, SinkError> {
        let name = settings.name().to_owned();
        let delivery = settings.delivery.clone();
        let receiver = sinks::open(&settings.kind)
            .map_err(|reason| SinkError::Settings { sink: name.clone(), reason })?;
        if receiver.needs_all() && delivery.what == What::Changes {
            let reason =
                "it closes what is mended, and for that it needs all findings; set `what: all`".to_owned();
            return Err(SinkError::Settings { sink: name, reason });
        }
        let usual = receiver.limits();
        let size = |chosen: Option<stance_config::Count>, usual: usize| {
            chosen.map_or(usual, |count| usize::try_from(count.get()).unwrap_or(usize::MAX).min(usual))
        };
        let limits = Limits {
            documents: size(delivery.batch_documents, usual.documents),
            bytes: size(delivery.batch_bytes, usual.bytes),
        };
        let backoff = Backoff {
            first: Backoff::FIRST,
            longest: Backoff::LONGEST,
            attempts: delivery.attempts.get(),
            patience: delivery.patience.get(),
        };
        let folder = delivery.folder.clone().or_else(|| folder::usual(&name, |it| std::env::var_os(it)));
        Ok(Self { name, delivery, folder, receiver, limits, backoff, meter: Meter::default() })
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its numbers, which can be read while a delivery goes on.
    pub fn meter(&self) -> Meter {
        self.meter.clone()
    }

    /// Whether it only tells what it would send.
    pub fn is_dry_run(&self) -> bool {
        self.delivery.dry_run
    }

    /// Lets it only tell what it would send.
    #[must_use]
    pub fn dry_run(mut self) -> Self {
        self.delivery.dry_run = true;
        self
    }

    /// Delivers what earlier deliveries had to leave behind, and then the results of a run. Blocks, and must
    /// not be called from asynchronous code.
    ///
    /// # Errors
    /// The findings cannot be read, or the sink's folder cannot be used. What the receiver does is part of
    /// the outcome.
    pub fn deliver(&self, results: Results<'_>) -> Result<Outcome, SinkError> {
        self.meter.change(|metrics| *metrics = crate::Metrics::default());
        let ending = if self.delivery.dry_run { self.preview(results)? } else { self.send(results)? };
        Ok(Outcome { sink: self.name.clone(), metrics: self.meter.read(), ending })
    }

    fn preview(&self, results: Results<'_>) -> Result<Ending, SinkError> {
        if self.has_nothing_to_compare(results) {
            return Ok(Ending::NothingToCompare);
        }
        let mut previewing = Previewing::new(self.limits);
        self.describe(results, &mut |document| {
            previewing.add(document);
            Ok(())
        })?;
        Ok(Ending::DryRun(previewing.end()))
    }

    fn send(&self, results: Results<'_>) -> Result<Ending, SinkError> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(SinkError::Start)?;
        if self.receiver.is_direct() {
            return self.send_directly(results, &runtime);
        }
        let folder = self.folder.as_deref().ok_or_else(|| SinkError::NoFolder { sink: self.name.clone() })?;
        let most_bytes = u64::from(self.delivery.spool_megabytes.get()) * 1_000_000;
        let mut courier = Courier {
            receiver: self.receiver.as_ref(),
            spool: Spool::open(folder, most_bytes)?,
            dead_letters: DeadLetters::new(folder),
            backoff: self.backoff,
            rate: RateLimit::new(self.delivery.max_rate.map(stance_config::Rate::get)),
            meter: &self.meter,
            reasons: Vec::new(),
            reachable: true,
        };
        runtime.block_on(courier.deliver());
        if self.has_nothing_to_compare(results) {
            let ending = courier.end();
            return Ok(if ending == Ending::Delivered { Ending::NothingToCompare } else { ending });
        }
        let mut batcher = Batcher::new(self.limits);
        self.describe(results, &mut |document| {
            if let Some(batch) = batcher.add(document) {
                runtime.block_on(courier.take(&batch));
            }
            Ok(())
        })?;
        if let Some(batch) = batcher.rest() {
            runtime.block_on(courier.take(&batch));
        }
        Ok(courier.end())
    }

    /// Writes to a receiver that cannot be away and come back.
    fn send_directly(&self, results: Results<'_>, runtime: &Runtime) -> Result<Ending, SinkError> {
        if self.has_nothing_to_compare(results) {
            return Ok(Ending::NothingToCompare);
        }
        let mut batcher = Batcher::new(self.limits);
        let mut failure = None;
        let mut put = |batch: Vec<crate::document::Document>| {
            let documents = crate::metrics::count(batch.len());
            let taken = failure.is_none() && {
                let answer = runtime.block_on(self.receiver.send(&batch));
                if let crate::answer::Answer::Later { reason, .. } = &answer {
                    failure = Some(reason.clone());
                }
                failure.is_none()
            };
            self.meter.change(|metrics| {
                metrics.documents += documents;
                *(if taken { &mut metrics.delivered } else { &mut metrics.not_accepted }) += documents;
            });
        };
        self.describe(results, &mut |document| {
            if let Some(batch) = batcher.add(document) {
                put(batch);
            }
            Ok(())
        })?;
        if let Some(batch) = batcher.rest() {
            put(batch);
        }
        Ok(failure
            .map_or(Ending::Delivered, |reason| Ending::Failed { reasons: vec![reason], dead_letters: None }))
    }

    fn describe(&self, results: Results<'_>, give: crate::describe::Give<'_>) -> Result<(), SinkError> {
        let Delivery { what, filter, .. } = &self.delivery;
        let mut maker = self.receiver.describe();
        let left_out = describe(maker.as_mut(), results, *what, filter, give)?;
        self.meter.change(|metrics| metrics.left_out = left_out);
        Ok(())
    }

    fn has_nothing_to_compare(&self, results: Results<'_>) -> bool {
        self.delivery.what == What::Changes && results.changes.is_none()
    }
}

#[cfg(test)]
mod tests;
