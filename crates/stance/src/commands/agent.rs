//! `stance agent`: scans on a schedule by itself or what a server says, and sends what it finds to the sinks of its
//! configuration.

use crate::agent_state::{AgentState, Health, RoundEnd};
use crate::cli::{Agent, Choice};
use crate::commands::scan::Round;
use crate::exit::Outcome;
use crate::keeping::Kept;
use crate::signals::told_to_end;
use crate::{configuration, delivery, enrolled, output};
use anyhow::Context;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use stance_config::Loaded;
use stance_scan::Keep;
use stance_store::Schedule;
use std::path::Path;
use std::time::Duration;
use tokio::sync::watch;

/// How often it is looked whether a scan is due; short, since the clock may jump.
const LOOK: Duration = Duration::from_secs(1);

/// Scans until it is told to end.
pub fn run(agent: &Agent, config: Option<&Path>) -> anyhow::Result<Outcome> {
    let state = AgentState::open(agent.state.as_deref())?;
    if agent.health || agent.alive {
        return Ok(match (state.health(Utc::now()), agent.alive) {
            (Health::Silent, _) | (Health::Failed, false) => Outcome::Error,
            (Health::Well, _) | (_, true) => Outcome::Clean,
            (Health::Undelivered, false) => Outcome::Undelivered,
        });
    }
    // what is wrong is told at once, and not when the first scan is due
    let mut loaded = load(config)?;
    let schedule = schedule(&loaded)?;
    let ending = until_told_to_end()?;
    if let Some(server) = &agent.enroll.enroll {
        enrolled::attend(server, &agent.enroll, state, loaded, ending)?;
        return Ok(Outcome::Clean);
    }
    let mut due = first(&state, &schedule, Utc::now());
    loop {
        let jitter = if agent.once { TimeDelta::zero() } else { jitter(&loaded) };
        tracing::info!(at = %(due + jitter).format("%Y-%m-%dT%H:%M:%SZ"), "next scan");
        if !agent.once && !wait(due + jitter, &ending, &state) {
            return Ok(Outcome::Clean);
        }
        // the file may have changed; one that cannot be used leaves the last one in force
        match load(config) {
            Ok(again) => loaded = again,
            Err(error) => tracing::error!("the configuration is as before: {error:#}"),
        }
        let began = Utc::now();
        let outcome = state.watched(|| round(agent, &loaded, &ending));
        let end = match &outcome {
            Ok(outcome) => RoundEnd::of(*outcome),
            Err(error) => {
                tracing::error!("the scan failed: {error:#}");
                RoundEnd::Failed { error: format!("{error:#}") }
            }
        };
        state.ended(due, began, Utc::now(), &end)?;
        if agent.once {
            return outcome;
        }
        if *ending.borrow() {
            return Ok(Outcome::Clean);
        }
        due = self::schedule(&loaded)?.next(due, began);
    }
}

fn load(config: Option<&Path>) -> anyhow::Result<Loaded> {
    let loaded = configuration::load(config, Vec::new())?;
    delivery::open(&loaded.config, false)?;
    schedule(&loaded)?;
    Ok(loaded)
}

/// One scan, its reports and its deliveries.
fn round(agent: &Agent, loaded: &Loaded, ending: &watch::Receiver<bool>) -> anyhow::Result<Outcome> {
    let sinks = delivery::open(&loaded.config, agent.dry_run)?;
    let choice = Choice::default();
    let round = Round {
        loaded,
        choice: &choice,
        keep: Keep::Nowhere,
        mfa_code: None,
        database: agent.database.as_deref(),
        server: &agent.server,
        asked: Some(ending.clone()),
    };
    let (report, kept) = round.carry_out()?;
    output::put_configured(&report, &loaded.config.outputs)?;
    let outcome = Outcome::of(&report, None)?;
    let verdicts = report.score.verdicts;
    tracing::info!(
        passed = verdicts.passed,
        failed = verdicts.failed,
        unknown = verdicts.unknown,
        excepted = verdicts.excepted,
        "scanned"
    );
    if sinks.is_empty()
        && agent.server.server.is_none()
        && agent.database.is_none()
        && loaded.config.outputs.is_empty()
    {
        tracing::warn!("the results go nowhere: the configuration has neither `sinks` nor `outputs`");
    }
    let is_delivered = delivery::deliver_each(&sinks, &report, |line| tracing::info!("{line}"));
    Ok(if is_delivered && kept == Kept::Well { outcome } else { Outcome::Undelivered })
}

/// What the configuration says of when to scan; every 24 hours unless it does.
fn schedule(loaded: &Loaded) -> anyhow::Result<Schedule> {
    let configured = loaded.config.schedule.clone().unwrap_or_default();
    let every = TimeDelta::from_std(configured.every.get()).context("`schedule.every` is too long")?;
    let at =
        configured.at.and_then(|at| NaiveTime::from_hms_opt(u32::from(at.hour()), u32::from(at.minute()), 0));
    Schedule::of(every, at).context("`schedule`")
}

/// A random span up to what the configuration allows, so that many agents do not start together.
fn jitter(loaded: &Loaded) -> TimeDelta {
    let most = loaded.config.schedule.as_ref().map(|schedule| schedule.jitter.get()).unwrap_or_default();
    let random = getrandom::u64().unwrap_or_default();
    let milliseconds = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
    let chosen = if milliseconds == 0 { 0 } else { random % milliseconds };
    TimeDelta::milliseconds(i64::try_from(chosen).unwrap_or_default())
}

/// When the first scan is due: at once or at its time of day where there was none before, and else when it would have
/// been without this start.
fn first(state: &AgentState, schedule: &Schedule, now: DateTime<Utc>) -> DateTime<Utc> {
    match state.last() {
        // a clock that went back must not put it off for long
        Some((due, began)) if began <= now => schedule.next(due, began),
        _ => schedule.first(now),
    }
}

/// Waits until a moment; false where it was told to end before.
fn wait(until: DateTime<Utc>, ending: &watch::Receiver<bool>, state: &AgentState) -> bool {
    while Utc::now() < until {
        if *ending.borrow() {
            return false;
        }
        state.alive(Utc::now());
        std::thread::sleep(LOOK);
    }
    !*ending.borrow()
}

/// True once the process is told to end.
fn until_told_to_end() -> anyhow::Result<watch::Receiver<bool>> {
    let (tell, ending) = watch::channel(false);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::spawn(move || {
        runtime.block_on(told_to_end());
        tracing::info!("told to end");
        tell.send_replace(true);
    });
    Ok(ending)
}
