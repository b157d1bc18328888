//! Attends the server: says how the agent is, takes runs, hears when they are to end.

use super::AgentError;
use super::channel::{Channel, request};
use super::courier::{Standing, carry};
use super::enroll::Credential;
use super::pace::Pace;
use super::spool::Spool;
use super::work::{Host, Watch};
use crate::v1::agent_service_client::AgentServiceClient;
use crate::v1::attend_request::Message as Said;
use crate::v1::attend_response::Message as Heard;
use crate::v1::end_run::Reason;
use crate::v1::{AttendRequest, Ready, Run, RunFailed, Status as Standings};
use std::fs::File;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;
use tonic::codegen::http::Uri;
use tonic::{Code, Status, Streaming};

/// How often the agent says how it is, unless the server says otherwise.
const BEAT: Duration = Duration::from_secs(10);
/// How often the host hears that the agent lives.
const ALIVE: Duration = Duration::from_secs(10);
/// How long a run has to put away what it has read when the agent ends, and then to be delivered.
const FAREWELL: Duration = Duration::from_secs(45);
/// Messages that wait to be sent.
const WAITING: usize = 8;

/// An agent.
pub struct Agent {
    /// Where the server is.
    pub origin: Uri,
    /// What the agent proves by that it is the one.
    pub credential: Credential,
    /// Where runs wait that are done.
    pub spool: Spool,
    /// Who carries runs out.
    pub host: Arc<dyn Host>,
}

/// Attends the server until `stopping` turns true: then the run that goes on ends, and is delivered if that goes
/// quickly. A server that is away is waited for.
///
/// # Errors
/// If the server shuts the agent out or does not have the link, or the spool cannot be used.
pub async fn attend<C: Channel>(
    agent: Agent,
    channel: C,
    stopping: watch::Receiver<bool>,
) -> Result<(), AgentError> {
    let client = AgentServiceClient::with_origin(channel, agent.origin.clone());
    let (news, news_heard) = watch::channel(0);
    let (tell, standing) = watch::channel(Standing::Empty);
    let secret = agent.credential.secret().to_owned();
    let courier = tokio::spawn(carry(client.clone(), secret, agent.spool.clone(), news_heard, tell));
    let mut attendance = Attendance { agent, news, standing, current: None };
    let ended = attendance.run(client, stopping).await;
    courier.abort();
    ended
}

struct Attendance {
    agent: Agent,
    /// Tells the courier that a run waits.
    news: watch::Sender<u64>,
    standing: watch::Receiver<Standing>,
    current: Option<Current>,
}

/// A run that goes on.
struct Current {
    run: String,
    watch: Watch,
    stop: watch::Sender<bool>,
    work: JoinHandle<Result<File, String>>,
}

/// Why a connection is left.
enum Left {
    /// The agent ends.
    Stopping,
    /// The connection is lost, or the server ends it.
    Lost(Status),
}

impl Attendance {
    async fn run<C: Channel>(
        &mut self,
        mut client: AgentServiceClient<C>,
        mut stopping: watch::Receiver<bool>,
    ) -> Result<(), AgentError> {
        let mut pace = Pace::default();
        // what came to nothing while nobody was there to hear it
        let mut unheard = Vec::new();
        while !*stopping.borrow() {
            let left = match self.connect(&mut client).await {
                Ok((sender, incoming)) => {
                    pace.reset();
                    tracing::info!("attends the server");
                    self.converse(sender, incoming, &mut unheard, &mut stopping).await?
                }
                Err(status) => Left::Lost(status),
            };
            let status = match left {
                Left::Stopping => break,
                Left::Lost(status) => status,
            };
            match status.code() {
                Code::Unauthenticated => return Err(AgentError::ShutOut),
                Code::Unimplemented => return Err(AgentError::OtherVersion),
                _ => {}
            }
            let wait = pace.next();
            tracing::warn!(wait = ?wait, "the server is away: {}", told(&status));
            self.wait(wait, &mut unheard, &mut stopping).await;
        }
        self.end().await;
        Ok(())
    }

    async fn connect<C: Channel>(
        &self,
        client: &mut AgentServiceClient<C>,
    ) -> Result<(mpsc::Sender<AttendRequest>, Streaming<crate::v1::AttendResponse>), Status> {
        let (sender, messages) = mpsc::channel(WAITING);
        // the server answers once it has heard the first message
        say(&sender, Said::Status(self.standings())).await?;
        let asked = request(ReceiverStream::new(messages), self.agent.credential.secret())?;
        let incoming = client.attend(asked).await?.into_inner();
        Ok((sender, incoming))
    }

    /// Hears and speaks until the connection ends.
    async fn converse(
        &mut self,
        sender: mpsc::Sender<AttendRequest>,
        mut incoming: Streaming<crate::v1::AttendResponse>,
        unheard: &mut Vec<RunFailed>,
        stopping: &mut watch::Receiver<bool>,
    ) -> Result<Left, AgentError> {
        let mut beat = tokio::time::interval(BEAT);
        let mut alive = tokio::time::interval(ALIVE);
        let mut has_asked = false;
        loop {
            for failed in unheard.split_off(0) {
                if let Err(status) = say(&sender, Said::Failed(failed.clone())).await {
                    unheard.push(failed);
                    return Ok(Left::Lost(status));
                }
            }
            if self.standing_is(&Standing::ShutOut) {
                return Err(AgentError::ShutOut);
            }
            if !has_asked && self.current.is_none() && self.standing_is(&Standing::Empty) {
                has_asked = true;
                if let Err(status) = say(&sender, Said::Ready(Ready {})).await {
                    return Ok(Left::Lost(status));
                }
            }
            tokio::select! {
                message = incoming.message() => match message {
                    Ok(Some(message)) => match message.message {
                        Some(Heard::Welcome(welcome)) => {
                            tracing::info!(agent = welcome.agent, policy = welcome.policy, server = welcome.version, "welcome");
                            beat = tokio::time::interval(Duration::from_secs(welcome.beat_seconds.clamp(1, 60).into()));
                        }
                        Some(Heard::Run(run)) => {
                            has_asked = false;
                            self.begin(run);
                        }
                        Some(Heard::End(end)) => self.told_to_end(&end.run, end.reason()),
                        // of a later version
                        None => {}
                    },
                    Ok(None) => return Ok(Left::Lost(Status::unavailable("the server ended the connection"))),
                    Err(status) => return Ok(Left::Lost(status)),
                },
                ended = ended(&mut self.current) => {
                    unheard.extend(self.put_away(ended));
                    if let Err(status) = say(&sender, Said::Status(self.standings())).await {
                        return Ok(Left::Lost(status));
                    }
                }
                changed = self.standing.changed() => {
                    if changed.is_err() {
                        return Err(AgentError::ShutOut);
                    }
                }
                _ = beat.tick() => {
                    if let Err(status) = say(&sender, Said::Status(self.standings())).await {
                        return Ok(Left::Lost(status));
                    }
                }
                _ = alive.tick() => self.agent.host.alive(),
                () = until(stopping) => return Ok(Left::Stopping),
            }
        }
    }

    /// Waits to try again, while a run goes on.
    async fn wait(
        &mut self,
        wait: Duration,
        unheard: &mut Vec<RunFailed>,
        stopping: &mut watch::Receiver<bool>,
    ) {
        let mut waited = std::pin::pin!(tokio::time::sleep(wait));
        let mut alive = tokio::time::interval(ALIVE);
        loop {
            tokio::select! {
                () = &mut waited => return,
                () = until(stopping) => return,
                ended = ended(&mut self.current) => unheard.extend(self.put_away(ended)),
                _ = alive.tick() => self.agent.host.alive(),
            }
        }
    }

    fn begin(&mut self, run: Run) {
        if let Some(current) = &self.current {
            tracing::error!(run = run.run, at = current.run, "was given a run while at another; it is left");
            return;
        }
        tracing::info!(run = run.run, integration = run.integration_name, "scan begins");
        let (stop, stopping) = watch::channel(false);
        let watch = Watch::of(&run.run, stopping);
        let (host, watching, name) = (Arc::clone(&self.agent.host), watch.clone(), run.run.clone());
        let work = tokio::task::spawn_blocking(move || host.carry_out(&run, &watching));
        self.current = Some(Current { run: name, watch, stop, work });
    }

    fn told_to_end(&self, run: &str, reason: Reason) {
        let Some(current) = self.current.as_ref().filter(|current| current.run == run) else { return };
        tracing::info!(run, reason = reason.as_str_name(), "the server wants the run to end");
        current.stop.send_replace(true);
    }

    /// Puts a run that has ended into the spool; or gives what is to be said of one that came to nothing.
    fn put_away(&self, (run, outcome): (String, Result<File, String>)) -> Option<RunFailed> {
        let error = match outcome {
            Ok(file) => match self.agent.spool.put(&run, file) {
                Ok(()) => {
                    tracing::info!(run, "scan ended");
                    // the courier is to look
                    self.news.send_modify(|number| *number += 1);
                    return None;
                }
                // a disk that is full is no reason to end: the server hears of it
                Err(error) => format!("the run cannot be kept: {error}"),
            },
            Err(error) => error,
        };
        tracing::error!(run, error, "scan failed");
        Some(RunFailed { run, error })
    }

    fn standing_is(&self, wanted: &Standing) -> bool {
        // the courier may not have looked yet
        let is_empty = || self.agent.spool.waiting().is_ok_and(|waiting| waiting.is_empty());
        let standing = &*self.standing.borrow();
        standing == wanted && (*wanted != Standing::Empty || is_empty())
    }

    fn standings(&self) -> Standings {
        let mut complaints = self.agent.host.complaints();
        complaints.extend(self.agent.spool.complaint());
        let (waiting_runs, waiting_bytes) = match &*self.standing.borrow() {
            Standing::Waiting { runs, bytes, reason } => {
                complaints.extend(reason.as_ref().map(|reason| format!("a run waits: {reason}")));
                (*runs, *bytes)
            }
            Standing::Empty | Standing::ShutOut => (0, 0),
        };
        Standings {
            agent: Some(self.agent.host.description()),
            runs: self.current.iter().map(|current| current.watch.progress()).collect(),
            complaints,
            waiting_runs,
            waiting_bytes,
        }
    }

    /// Ends the run that goes on, and gives the courier a moment.
    async fn end(&mut self) {
        let Some(current) = &self.current else { return };
        current.stop.send_replace(true);
        let farewell = async {
            let ended = ended(&mut self.current).await;
            if self.put_away(ended).is_none() {
                while !self.standing_is(&Standing::Empty) {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        };
        if tokio::time::timeout(FAREWELL, farewell).await.is_err() {
            tracing::warn!("the last run is not with the server yet; it is delivered after the next start");
        }
    }
}

/// Waits until the run that goes on has ended; for good where none does.
async fn ended(current: &mut Option<Current>) -> (String, Result<File, String>) {
    let Some(at) = current else { return std::future::pending().await };
    let outcome = (&mut at.work).await.unwrap_or_else(|error| Err(format!("the scan broke off: {error}")));
    let run = at.run.clone();
    *current = None;
    (run, outcome)
}

async fn until(stopping: &mut watch::Receiver<bool>) {
    if stopping.wait_for(|stopping| *stopping).await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn say(sender: &mpsc::Sender<AttendRequest>, message: Said) -> Result<(), Status> {
    let sent = sender.send(AttendRequest { message: Some(message) }).await;
    sent.map_err(|_| Status::unavailable("the connection is lost"))
}

/// What a status says, for people: its message, or the cause beneath it.
pub(super) fn told(status: &Status) -> String {
    let mut told = match status.message() {
        "" => status.code().description().to_owned(),
        message => message.to_owned(),
    };
    let mut cause = std::error::Error::source(status);
    while let Some(error) = cause {
        told = error.to_string();
        cause = error.source();
    }
    stance_model::printable(&told).into_owned()
}
