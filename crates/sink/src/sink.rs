//! A sink, ready to deliver to.

use crate::batch::{Batcher, Limits};
use crate::courier::Courier;
use crate::dead_letters::DeadLetters;
use crate::describe::describe;
use crate::memory::Comparison;
use crate::pace::{Backoff, RateLimit};
use crate::preview::Previewing;
use crate::sinks::{self, Receive};
use crate::spool::Spool;
use crate::{Changes, Ending, Meter, Outcome, Results, SinkError, folder};
use stance_config::{Delivery, What};
use std::path::{Path, PathBuf};
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
        let comparison = self.comparison(results)?;
        if comparison.as_ref().is_some_and(Comparison::is_first) {
            return Ok(Ending::NothingToCompare);
        }
        let results = compared(results, comparison.as_ref());
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
        let folder = self.folder()?;
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
        let comparison = self.comparison(results)?;
        if let Some(comparison) = &comparison {
            if comparison.is_first() {
                comparison.settle()?;
                let ending = courier.end();
                return Ok(if ending == Ending::Delivered { Ending::NothingToCompare } else { ending });
            }
            comparison.unsettle()?;
        }
        let results = compared(results, comparison.as_ref());
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
        if let Some(comparison) = comparison.filter(|_| self.meter.read().not_accepted == 0) {
            comparison.settle()?;
        }
        Ok(courier.end())
    }

    /// Writes to a receiver that cannot be away and come back.
    fn send_directly(&self, results: Results<'_>, runtime: &Runtime) -> Result<Ending, SinkError> {
        // no two processes remember in the same folder
        let _spool = if self.remembers(results) { Some(Spool::open(self.folder()?, 0)?) } else { None };
        let comparison = self.comparison(results)?;
        if let Some(comparison) = &comparison {
            if comparison.is_first() {
                comparison.settle()?;
                return Ok(Ending::NothingToCompare);
            }
            comparison.unsettle()?;
        }
        let results = compared(results, comparison.as_ref());
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
        if let Some(comparison) = comparison.filter(|_| failure.is_none()) {
            comparison.settle()?;
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

    fn folder(&self) -> Result<&Path, SinkError> {
        self.folder.as_deref().ok_or_else(|| SinkError::NoFolder { sink: self.name.clone() })
    }

    /// Whether it remembers by itself what it was told.
    fn remembers(&self, results: Results<'_>) -> bool {
        self.delivery.what == What::Changes && results.changes.is_none()
    }

    /// The run beside what was told before it, where nobody else knows what changed.
    fn comparison<'a>(&'a self, results: Results<'a>) -> Result<Option<Comparison<'a>>, SinkError> {
        if !self.remembers(results) {
            return Ok(None);
        }
        Comparison::open(self.folder()?, results.report).map(Some)
    }
}

/// The results with what the comparison says of changes.
fn compared<'a>(results: Results<'a>, comparison: Option<&'a Comparison<'a>>) -> Results<'a> {
    let own = comparison.map(|comparison| comparison as &dyn Changes);
    Results { changes: results.changes.or(own), ..results }
}

#[cfg(test)]
mod tests;
