//! One agent's connection: what it says is kept, what is due is handed to it, and it is told when a run is to end.

use super::service::{refused, unknown};
use super::{described, progress, status};
use crate::Console;
use crate::scans::told;
use serde_json::Value;
use stance_link::v1;
use stance_link::v1::attend_request::Message as Heard;
use stance_link::v1::attend_response::Message as Said;
use stance_link::v1::end_run::Reason;
use stance_store::{Agent, Handed, Instruction, RuleSettings, Secret, Store};
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::mpsc;
use tonic::{Status, Streaming};

/// How often it is looked whether something is due.
const LOOK: Duration = Duration::from_secs(2);
/// How often the agent is to say how it is: many times within a lease, and people wait so long for a run to stop.
const BEAT: Duration = Duration::from_secs(5);
/// How long an agent may say nothing before it is taken for gone.
const SILENCE: Duration = Duration::from_mins(1);

/// One agent's connection.
pub(super) struct Attendance {
    console: Console,
    agent: Agent,
    address: String,
    sender: mpsc::Sender<Result<v1::AttendResponse, Status>>,
    /// Runs that the agent is at, and whether it was told to end them.
    handed: HashMap<String, (Handed, bool)>,
    /// Whether it has room for a run.
    is_ready: bool,
}

/// Why a connection ends, where the agent is told.
type Ended = Status;

impl Attendance {
    pub(super) fn of(
        console: Console,
        agent: Agent,
        address: String,
        sender: mpsc::Sender<Result<v1::AttendResponse, Status>>,
    ) -> Self {
        Self { console, agent, address, sender, handed: HashMap::new(), is_ready: false }
    }

    /// Attends the agent until it goes, or the server stops.
    pub(super) async fn run(mut self, incoming: Streaming<v1::AttendRequest>) {
        tracing::info!(agent = self.agent.name, address = self.address, "attends");
        match self.converse(incoming).await {
            Ok(()) => tracing::info!(agent = self.agent.name, "gone"),
            Err(status) => {
                tracing::warn!(agent = self.agent.name, reason = status.message(), "sent away");
                // it may be gone already
                let _ = self.sender.send(Err(status)).await;
            }
        }
    }

    async fn converse(&mut self, mut incoming: Streaming<v1::AttendRequest>) -> Result<(), Ended> {
        let mut stopping = self.console.stopping();
        let policy = self.agent.policy;
        let policy = self.console.look(move |store| store.agent_policy(policy)).await;
        let policy = policy.map_err(|error| refused(&error))?;
        self.say(Said::Welcome(v1::Welcome {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            agent: self.agent.name.clone(),
            policy: policy.name,
            beat_seconds: u32::try_from(BEAT.as_secs()).unwrap_or(5),
        }))
        .await;
        let mut look = tokio::time::interval(LOOK);
        let mut silence = std::pin::pin!(tokio::time::sleep(SILENCE));
        loop {
            tokio::select! {
                message = incoming.message() => {
                    let Ok(Some(message)) = message else { return Ok(()) };
                    silence.as_mut().reset(tokio::time::Instant::now() + SILENCE);
                    match message.message {
                        Some(Heard::Status(said)) => self.hear(said).await?,
                        Some(Heard::Ready(_)) => self.is_ready = true,
                        Some(Heard::Failed(failed)) => self.failed(failed).await?,
                        // of a later version
                        None => {}
                    }
                }
                _ = look.tick() => {
                    if self.is_ready {
                        self.hand().await?;
                    }
                }
                () = &mut silence => return Err(Status::deadline_exceeded("nothing was heard for a minute")),
                () = told(&mut stopping) => return Err(Status::unavailable("the server stops")),
                () = self.sender.closed() => return Ok(()),
            }
        }
    }

    /// Keeps how the agent is, and what it is at.
    async fn hear(&mut self, said: v1::Status) -> Result<(), Ended> {
        let (id, address, now) = (self.agent.id, self.address.clone(), self.console.now());
        let (description, status) = (described(said.agent.clone()), status(&said));
        let is_known =
            self.console.look(move |store| store.hear_agent(id, &description, &status, &address, now)).await;
        if !is_known.map_err(|error| refused(&error))? {
            return Err(unknown());
        }
        // what it is no longer at was delivered, or failed
        self.handed.retain(|run, _| said.runs.iter().any(|at| at.run == *run));
        for at in &said.runs {
            let reason = self.renew(at).await?;
            if let Some(reason) = reason {
                let end = v1::EndRun { run: at.run.clone(), reason: reason.into() };
                self.say(Said::End(end)).await;
            }
        }
        Ok(())
    }

    /// Says for the agent that it is at a run; why the run is to end, if it is.
    async fn renew(&mut self, at: &v1::RunStatus) -> Result<Option<Reason>, Ended> {
        let known = self.handed.remove(&at.run);
        let (agent, run, progress, now) = (self.agent.id, at.run.clone(), progress(at), self.console.now());
        let renewed = self.console.look(move |store| {
            // it may have been handed out by another server, or before this one was started anew
            let found = match known {
                Some(known) => Some(known),
                None => store.still_handed(agent, &run)?.map(|handed| (handed, false)),
            };
            let Some((handed, was_told)) = found else { return Ok((None, Instruction::GiveUp)) };
            let instruction = handed.renew(store, &progress, now)?;
            Ok((Some((handed, was_told)), instruction))
        });
        let (known, instruction) = renewed.await.map_err(|error| refused(&error))?;
        let reason = match instruction {
            Instruction::GoOn => None,
            Instruction::Stop => Some(Reason::Asked),
            Instruction::GiveUp => Some(Reason::TakenOver),
        };
        let was_told = known.as_ref().is_some_and(|(_, was_told)| *was_told);
        if let Some((handed, _)) = known {
            self.handed.insert(at.run.clone(), (handed, was_told || reason.is_some()));
        }
        Ok(reason.filter(|_| !was_told))
    }

    /// Hands the agent what is due.
    async fn hand(&mut self) -> Result<(), Ended> {
        let (agent, now) = (self.agent.id, self.console.now());
        let due = self.console.look(move |store: &Store| {
            // a name that no other run has
            let random = Secret::random()?.derived("run");
            let name = format!("{}-{}", now.format("%Y%m%dT%H%M%SZ"), random.get(..16).unwrap_or_default());
            let Some(handed) = store.hand_due(agent, &name, now)? else { return Ok(None) };
            Ok(Some((handed, store.rule_settings()?)))
        });
        let Some((handed, settings)) = due.await.map_err(|error| refused(&error))? else { return Ok(()) };
        self.is_ready = false;
        tracing::info!(
            agent = self.agent.name,
            integration = handed.claim.integration.name,
            run = handed.name,
            "handed out"
        );
        let run = message(&handed, &settings);
        self.handed.insert(handed.name.clone(), (handed, false));
        self.say(Said::Run(run)).await;
        Ok(())
    }

    async fn failed(&mut self, failed: v1::RunFailed) -> Result<(), Ended> {
        tracing::warn!(agent = self.agent.name, run = failed.run, error = failed.error, "a run failed");
        self.handed.remove(&failed.run);
        let (agent, now) = (self.agent.id, self.console.now());
        let kept = self.console.look(move |store| store.fail_handed(agent, &failed.run, &failed.error, now));
        kept.await.map(|_| ()).map_err(|error| refused(&error))
    }

    async fn say(&self, message: Said) {
        // whether the agent is gone is noticed elsewhere
        let _ = self.sender.send(Ok(v1::AttendResponse { message: Some(message) })).await;
    }
}

/// A run as the agent is given it.
fn message(handed: &Handed, settings: &RuleSettings) -> v1::Run {
    let integration = &handed.claim.integration;
    let parameter = |(rule, parameter, value): (&str, &str, &Value)| v1::RuleParameter {
        rule: rule.to_owned(),
        parameter: parameter.to_owned(),
        value: value.to_string(),
    };
    v1::Run {
        run: handed.name.clone(),
        integration: integration.id.number(),
        integration_name: integration.name.clone(),
        namespace: integration.namespace.clone(),
        configuration: integration.configuration.clone(),
        rules_off: settings.off_for_all().into_iter().map(str::to_owned).collect(),
        parameters: settings.all_parameters().map(parameter).collect(),
    }
}
