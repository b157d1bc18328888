//! How a scan goes: bars on a terminal, log lines otherwise.

use crate::cli::LogForm;
use indicatif::{ProgressBar, ProgressStyle};
use stance_collect::Observer;
use stance_model::{Listing, ListingState, ScopeId};
use stance_scan::ScanObserver;
use std::io::IsTerminal;
use std::sync::Arc;
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
    let filter = filter(default);
    // a second start, as in tests, leaves the first one in place
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .without_time()
        .with_target(false)
        .try_init();
}

/// Starts the log of a server on standard error, with the time of each line.
pub fn start_server_log(verbose: u8, form: LogForm) {
    let filter =
        filter(if verbose == 0 { "warn,stance=info,stance_server=info,aws_config=error" } else { "debug" });
    let log =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let _ = match form {
        LogForm::Text => log.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogForm::Json => {
            log.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
        }
    };
}

/// What `RUST_LOG` says, and else that.
fn filter(default: &str) -> EnvFilter {
    EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default))
}

/// Shows how a scan goes.
pub struct Progress {
    bar: ProgressBar,
    listings: Arc<Listings>,
}

/// The listings of all accounts, counted together.
struct Listings {
    bar: ProgressBar,
    on_terminal: bool,
    done: AtomicUsize,
    planned: AtomicUsize,
    accounts: AtomicUsize,
    accounts_done: AtomicUsize,
}

/// One account's part of it.
struct AccountProgress {
    listings: Arc<Listings>,
    account: ScopeId,
}

impl Progress {
    /// A bar where standard error is a terminal; log lines otherwise.
    pub fn new() -> Self {
        let on_terminal = std::io::stderr().is_terminal();
        let bar = if on_terminal { ProgressBar::new(0) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} listings, {elapsed}, {msg}") {
            bar.set_style(style);
        }
        let listings = Listings {
            bar: bar.clone(),
            on_terminal,
            done: AtomicUsize::new(0),
            planned: AtomicUsize::new(0),
            accounts: AtomicUsize::new(1),
            accounts_done: AtomicUsize::new(0),
        };
        Self { bar, listings: Arc::new(listings) }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl ScanObserver for Progress {
    fn accounts(&self, count: usize) {
        self.listings.accounts.store(count, Ordering::Relaxed);
        if count > 1 && !self.listings.on_terminal {
            tracing::info!("{count} accounts to scan");
        }
    }

    fn begins(&self, account: &ScopeId) -> Arc<dyn Observer> {
        Arc::new(AccountProgress { listings: Arc::clone(&self.listings), account: account.clone() })
    }

    fn ended(&self, account: &str, failure: Option<&str>) {
        let accounts = self.listings.accounts.load(Ordering::Relaxed);
        let done = self.listings.accounts_done.fetch_add(1, Ordering::Relaxed) + 1;
        // an only account's failure is the command's own error
        if let (Some(message), true) = (failure, accounts > 1) {
            let (account, message) = (stance_model::printable(account), stance_model::printable(message));
            self.bar.suspend(|| tracing::warn!("{account} could not be scanned: {message}"));
        }
        if accounts > 1 && !self.listings.on_terminal {
            tracing::info!("{done} of {accounts} accounts done");
        }
    }
}

impl Observer for AccountProgress {
    fn planned(&self, listings: usize) {
        let all = self.listings.planned.fetch_add(listings, Ordering::Relaxed) + listings;
        self.listings.bar.set_length(all as u64);
        if !self.listings.on_terminal {
            tracing::info!(listings, account = %self.account, "reading");
        }
    }

    fn listed(&self, listing: &Listing) {
        let all = &self.listings;
        let done = all.done.fetch_add(1, Ordering::Relaxed) + 1;
        let accounts = all.accounts.load(Ordering::Relaxed);
        all.bar.set_position(done as u64);
        let what = stance_model::printable(listing.resource_type.as_str()).into_owned();
        all.bar.set_message(if accounts > 1 {
            let accounts_done = all.accounts_done.load(Ordering::Relaxed);
            format!("{accounts_done} of {accounts} accounts, {} {what}", self.account)
        } else {
            what
        });
        if let ListingState::Unreadable { failure } = &listing.state {
            tracing::debug!(account = %self.account, what = %listing.resource_type, region = %listing.region, code = %failure.code, "could not be listed");
        }
        // one line for each tenth is enough for a log
        let planned = all.planned.load(Ordering::Relaxed).max(1);
        if !all.on_terminal && accounts == 1 && done * 10 / planned != (done - 1) * 10 / planned {
            tracing::info!("{done} of {planned} listings read");
        }
    }
}
