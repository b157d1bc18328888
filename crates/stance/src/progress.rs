//! How a scan goes: bars on a terminal, log lines otherwise.

use indicatif::{ProgressBar, ProgressStyle};
use stance_collect::Observer;
use stance_model::{Listing, ListingState};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicUsize, Ordering};
use tracing_subscriber::EnvFilter;

/// Starts the log on standard error; `RUST_LOG` wins over the flags.
pub fn start_log(verbose: u8) {
    let default = match verbose {
        // the credentials chain warns of every place where it finds none; the error that follows says it once
        0 => "warn,stance=info,aws_config=error",
        1 => "info",
        _ => "debug",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    // a second start, as in tests, leaves the first one in place
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .without_time()
        .with_target(false)
        .try_init();
}

/// Shows how a collection goes.
pub struct Progress {
    bar: ProgressBar,
    done: AtomicUsize,
    planned: AtomicUsize,
    on_terminal: bool,
}

impl Progress {
    /// A bar where standard error is a terminal; log lines otherwise.
    pub fn new() -> Self {
        let on_terminal = std::io::stderr().is_terminal();
        let bar = if on_terminal { ProgressBar::new(0) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} listings, {elapsed}, {msg}") {
            bar.set_style(style);
        }
        Self { bar, done: AtomicUsize::new(0), planned: AtomicUsize::new(0), on_terminal }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Progress {
    fn planned(&self, listings: usize) {
        self.planned.store(listings, Ordering::Relaxed);
        self.bar.set_length(listings as u64);
        if !self.on_terminal {
            tracing::info!(listings, "reading");
        }
    }

    fn listed(&self, listing: &Listing) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        self.bar.set_position(done as u64);
        self.bar.set_message(listing.resource_type.to_string());
        if let ListingState::Unreadable { failure } = &listing.state {
            tracing::debug!(what = %listing.resource_type, region = %listing.region, code = %failure.code, "could not be listed");
        }
        // one line for each tenth is enough for a log
        let planned = self.planned.load(Ordering::Relaxed).max(1);
        if !self.on_terminal && done * 10 / planned != (done - 1) * 10 / planned {
            tracing::info!("{done} of {planned} listings read");
        }
    }
}
