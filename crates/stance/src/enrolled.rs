//! An agent that scans what a server says.

use crate::agent_state::{AgentState, RoundEnd};
use crate::cli::Enrollment;
use crate::commands::scan::scan_watched;
use crate::delivery;
use crate::integration::Work;
use crate::keeping::Aside;
use crate::watching::Watching;
use anyhow::Context;
use chrono::Utc;
use stance_config::Loaded;
use stance_link::agent::{Agent, Credential, Host, Spool, Watch, enroll};
use stance_link::v1;
use stance_model::{Finding, Findings, ListingState, Report, Snapshot};
use stance_sink::http2_channel;
use stance_store::{RuleSettings, RunProgress};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// The variable that holds an enrolment token.
const TOKEN: &str = "STANCE_ENROLLMENT_TOKEN";
/// The file in the state folder with what the agent proves by that it is the one.
const CREDENTIAL: &str = "credential.json";
/// The folder in the state folder where runs wait until the server has them.
const SPOOL: &str = "runs";
/// Permissions that are named of those that are missing.
const NAMED: usize = 5;

/// Attends a server until `ending` turns true; becomes its agent first, where this host is none yet.
///
/// # Errors
/// If the host cannot become an agent, or the server shuts it out.
pub fn attend(
    server: &str,
    choice: &Enrollment,
    state: AgentState,
    loaded: Loaded,
    ending: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let (channel, origin) = http2_channel(server, choice.server_ca_file.as_deref())
        .map_err(anyhow::Error::msg)
        .context("`--enroll`")?;
    let file = state.folder().join(CREDENTIAL);
    let spool = Spool::open(&state.folder().join(SPOOL))?;
    let known = Credential::read(&file)
        .with_context(|| format!("`{}` cannot be read; remove it to enrol this host anew", file.display()))?;
    let host = Arc::new(Scanning { state, loaded, complaints: Mutex::default() });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let attended = runtime.block_on(async {
        let credential = match known.filter(|known| known.server == origin.to_string()) {
            Some(known) => known,
            None => {
                let enrolled =
                    enroll(channel.clone(), origin.clone(), &token(choice)?, host.description()).await?;
                let told = || format!("`{}` cannot be written, and the token is used", file.display());
                enrolled.write(&file).with_context(told)?;
                tracing::info!(agent = enrolled.name, "enrolled");
                enrolled
            }
        };
        let agent = Agent { origin, credential, spool, host };
        stance_link::agent::attend(agent, channel, ending).await?;
        anyhow::Ok(())
    });
    // a scan that hangs must not keep the process
    runtime.shutdown_background();
    attended
}

fn token(choice: &Enrollment) -> anyhow::Result<String> {
    let token = match (&choice.token_file, std::env::var(TOKEN)) {
        (Some(file), _) => std::fs::read_to_string(file)
            .with_context(|| format!("the enrolment token cannot be read from `{}`", file.display()))?,
        (None, Ok(token)) => token,
        (None, Err(_)) => anyhow::bail!(
            "this host is no agent of the server yet; make an enrolment token in its console under Agents, and set {TOKEN} or name a file by `--enrollment-token-file`"
        ),
    };
    Ok(token.trim().to_owned())
}

/// Scans what the server says, with this host's sinks, exceptions and catalog.
struct Scanning {
    state: AgentState,
    loaded: Loaded,
    /// What was not as it should be at the last scan.
    complaints: Mutex<Vec<String>>,
}

impl Host for Scanning {
    fn carry_out(&self, run: &v1::Run, watch: &Watch) -> Result<File, String> {
        let began = Utc::now();
        let scanned = self.scan(run, watch);
        let end = match &scanned {
            Ok(_) => RoundEnd::Done,
            Err(error) => RoundEnd::Failed { error: format!("{error:#}") },
        };
        if let Err(error) = self.state.ended(began, began, Utc::now(), &end) {
            tracing::warn!("{error:#}");
        }
        scanned.map_err(|error| format!("{error:#}"))
    }

    fn description(&self) -> v1::AgentDescription {
        v1::AgentDescription {
            host: host_name(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        }
    }

    fn complaints(&self) -> Vec<String> {
        self.complaints.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn alive(&self) {
        self.state.alive(Utc::now());
    }
}

impl Scanning {
    fn scan(&self, run: &v1::Run, watch: &Watch) -> anyhow::Result<File> {
        let work = Work::of(&run.configuration, &self.loaded).context("the integration's configuration")?;
        let (rules, options) = work.rules(&self.loaded, None, &settings(run)?)?;
        let aside = Aside::begin(&rules)?;
        let told = watch.clone();
        let observer =
            Arc::new(Watching::telling(move |progress| told.tell(|status| tell(progress, status))));
        let judged = |snapshot: &Snapshot, findings: &[Finding]| aside.judged(snapshot, findings);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let settings = work.settings.clone();
        let scan =
            scan_watched(&work.catalog, &rules, &options, settings, &judged, observer, watch.stopping());
        let report = runtime.block_on(Box::pin(scan));
        // calls that hang must not keep a scan that was stopped from telling what it has
        runtime.shutdown_background();
        let report = report?;
        let mut complaints = complaints(&report);
        let sinks = delivery::open(&self.loaded.config, false)?;
        if !delivery::deliver_each(&sinks, &report, |line| tracing::info!("{line}")) {
            complaints.push("results wait to be delivered to a sink of this agent".to_owned());
        }
        *self.complaints.lock().unwrap_or_else(PoisonError::into_inner) = complaints;
        aside.end(&report)
    }
}

/// What people have set of rules at the server.
fn settings(run: &v1::Run) -> anyhow::Result<RuleSettings> {
    let parameters = run.parameters.iter().map(|set| {
        let value = serde_json::from_str(&set.value)
            .with_context(|| format!("the parameter `{}` of `{}`", set.parameter, set.rule))?;
        Ok((set.rule.clone(), set.parameter.clone(), value))
    });
    let parameters: Vec<_> = parameters.collect::<anyhow::Result<_>>()?;
    Ok(RuleSettings::told(run.rules_off.iter().cloned(), parameters, Utc::now()))
}

fn tell(progress: &RunProgress, status: &mut v1::RunStatus) {
    status.accounts = progress.accounts;
    status.accounts_done = progress.accounts_done;
    status.listings = progress.listings;
    status.listings_done = progress.listings_done;
    if let Some((account, resource_type)) = &progress.last {
        status.last_account.clone_from(account);
        status.last_resource_type.clone_from(resource_type);
    }
}

/// What a scan could not do, in lines for people.
fn complaints(report: &Report<impl Findings>) -> Vec<String> {
    let mut complaints = Vec::new();
    for scope in &report.unscanned {
        if let stance_model::UnscannedReason::Failed { message } = &scope.reason {
            complaints.push(format!("account {} was not scanned: {message}", scope.scope));
        }
    }
    let listings = report.runs.iter().flat_map(|run| &run.listings);
    let missing: BTreeSet<&str> = listings
        .filter_map(|listing| match &listing.state {
            ListingState::Unreadable { failure } => Some(failure.permissions.iter().map(String::as_str)),
            ListingState::Read { .. } | ListingState::Unsupported => None,
        })
        .flatten()
        .collect();
    if !missing.is_empty() {
        let named: Vec<&str> = missing.iter().copied().take(NAMED).collect();
        let more = missing.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        complaints
            .push(format!("permissions are missing: {}{more}; the run's page tells all", named.join(", ")));
    }
    complaints
}

/// The name of this host; empty where it has none.
fn host_name() -> String {
    let named = || std::fs::read_to_string(Path::new("/proc/sys/kernel/hostname")).ok();
    std::env::var("HOSTNAME").ok().or_else(named).unwrap_or_default().trim().to_owned()
}
