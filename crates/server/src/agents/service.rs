//! Who may call, and what each call does.

use super::attendance::Attendance;
use super::{described, receive};
use crate::Console;
use crate::access::Peer;
use axum::Router;
use stance_link::v1::agent_service_server::{AgentService, AgentServiceServer, SERVICE_NAME};
use stance_link::v1::{
    AttendRequest, AttendResponse, DeliverRunRequest, DeliverRunResponse, EnrollRequest, EnrollResponse,
};
use stance_store::{Agent, StoreError};
use std::pin::Pin;
use std::time::Duration;
use tokio::sync::mpsc;
use tonic::codegen::tokio_stream::Stream;
use tonic::{Request, Response, Status, Streaming};

/// Messages that wait to be sent to an agent.
const WAITING: usize = 8;
/// Tokens that are wrong are answered so late: guessing one is hopeless, and need not be quick.
const WRONG_TOKEN: Duration = Duration::from_secs(1);

/// What agents can call.
pub(crate) fn router(console: Console) -> Router {
    let service = AgentServiceServer::new(Link { console });
    Router::new().route_service(&format!("/{SERVICE_NAME}/{{*call}}"), service)
}

struct Link {
    console: Console,
}

impl Link {
    /// The agent whose credential a request shows.
    async fn known<T>(&self, request: &Request<T>) -> Result<Agent, Status> {
        let shown = request.metadata().get("authorization").and_then(|value| value.to_str().ok());
        let shown = shown.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default().to_owned();
        let agent = self.console.look(move |store| store.agent_of_credential(&shown)).await;
        agent.map_err(|error| refused(&error))?.ok_or_else(unknown)
    }
}

#[tonic::async_trait]
impl AgentService for Link {
    async fn enroll(&self, request: Request<EnrollRequest>) -> Result<Response<EnrollResponse>, Status> {
        let address = address(&request);
        let asked = request.into_inner();
        let (description, now) = (described(asked.agent), self.console.now());
        let (token, from) = (asked.token, address.clone());
        let enrolled = self.console.look(move |store| store.enroll(&token, &description, &from, now)).await;
        let Some(enrolled) = enrolled.map_err(|error| refused(&error))? else {
            tracing::warn!(address, "an enrolment token was shown that is none");
            tokio::time::sleep(WRONG_TOKEN).await;
            return Err(Status::unauthenticated("the token was used, has ended, or never was"));
        };
        tracing::info!(agent = enrolled.name, address, "enrolled");
        Ok(Response::new(EnrollResponse {
            agent: enrolled.agent.number(),
            name: enrolled.name,
            policy: enrolled.policy,
            credential: enrolled.credential,
        }))
    }

    type AttendStream = Pin<Box<dyn Stream<Item = Result<AttendResponse, Status>> + Send>>;

    async fn attend(
        &self,
        request: Request<Streaming<AttendRequest>>,
    ) -> Result<Response<Self::AttendStream>, Status> {
        let agent = self.known(&request).await?;
        let address = address(&request);
        let (sender, messages) = mpsc::channel(WAITING);
        let attendance = Attendance::of(self.console.clone(), agent, address, sender);
        tokio::spawn(attendance.run(request.into_inner()));
        let stream = futures_util::stream::unfold(messages, |mut messages| async {
            messages.recv().await.map(|message| (message, messages))
        });
        Ok(Response::new(Box::pin(stream)))
    }

    async fn deliver_run(
        &self,
        request: Request<Streaming<DeliverRunRequest>>,
    ) -> Result<Response<DeliverRunResponse>, Status> {
        let agent = self.known(&request).await?;
        receive::take(&self.console, &agent, request.into_inner()).await.map(Response::new)
    }
}

/// The network address that a request comes from.
fn address<T>(request: &Request<T>) -> String {
    request.extensions().get::<Peer>().map(|peer| peer.0.ip().to_canonical().to_string()).unwrap_or_default()
}

pub(super) fn unknown() -> Status {
    Status::unauthenticated("the server does not know this agent, or has shut it out")
}

/// What an agent is told of an error of the store: it is to try again, and the log says more.
pub(super) fn refused(error: &StoreError) -> Status {
    tracing::error!(%error, "the store fails an agent");
    Status::unavailable("the store does not answer as it should; the server's log tells more")
}
