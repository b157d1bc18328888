//! The link as agents meet it: over real connections, with credentials and without.

// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use crate::access::tests::estate::{Estate, bundle, day};
use crate::{Access, Console, ListenOptions, ServeOptions, Server};
use sha2::{Digest, Sha256};
use stance_catalog::Catalog;
use stance_link::v1::agent_service_client::AgentServiceClient;
use stance_link::v1::attend_request::Message as Said;
use stance_link::v1::attend_response::Message as Heard;
use stance_link::v1::deliver_run_request::Part;
use stance_link::v1::deliver_run_response::Outcome;
use stance_link::v1::{
    AttendRequest, DeliverRunHeader, DeliverRunRequest, EnrollRequest, Ready, RunStatus, Status,
};
use stance_model::VerdictStatus::{Fail, Pass};
use stance_sink::{Http2Channel, http2_channel};
use stance_store::{
    Actor, Address, AgentId, IntegrationName, NewEnrollment, NewIntegration, RunState, Schedule, Store,
};
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;
use tonic::body::Body;
use tonic::{Code, Request, Streaming};

type Client = AgentServiceClient<Http2Channel<Body>>;

/// A server with a policy, an integration of it, and a token for two hosts.
struct Stage {
    store: Store,
    url: String,
    token: String,
    _stop: oneshot::Sender<()>,
    _folder: tempfile::TempDir,
}

fn root() -> Actor {
    Actor { name: "root".into(), address: "::1".into() }
}

async fn stage() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let address = Address::File(folder.path().join("stance.db"));
    let store = Store::open(&address).unwrap();
    let policy = store.add_agent_policy(&IntegrationName::of("eu").unwrap(), &root(), day(0)).unwrap();
    let new = NewIntegration {
        name: IntegrationName::of("prod").unwrap(),
        namespace: IntegrationName::of("default").unwrap(),
        configuration: "aws: {}\n".into(),
        schedule: Schedule::default(),
        enabled: true,
    };
    let integration = store.add_integration(&new, &root(), day(0)).unwrap();
    store.set_runner(integration, Some(policy), &root(), day(0)).unwrap();
    let new = NewEnrollment { policy, hosts: 2, ends_at: day(1) };
    let token = store.make_enrollment(&new, &root(), day(0)).unwrap();
    let console = Console::new(Store::open(&address).unwrap(), Catalog::built_in().unwrap(), || day(0));
    let listen = ListenOptions {
        address: "127.0.0.1:0".parse().unwrap(),
        tls: None,
        allow_plain: false,
        public_names: Vec::new(),
    };
    let server = Server::bind(console, &ServeOptions { listen, access: Access::People }).await.unwrap();
    let url = server.url().to_owned();
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(server.run(async move { drop(stopped.await) }));
    Stage { store, url, token, _stop: stop, _folder: folder }
}

impl Stage {
    fn client(&self) -> Client {
        let (channel, origin) = http2_channel(&self.url, None).unwrap();
        AgentServiceClient::with_origin(channel, origin)
    }

    async fn enroll(&self) -> (AgentId, String) {
        let asked = EnrollRequest { token: self.token.clone(), agent: None };
        let enrolled = self.client().enroll(asked).await.unwrap().into_inner();
        (enrolled.agent.into(), enrolled.credential)
    }
}

fn bearing<T>(message: T, credential: &str) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {credential}").parse().unwrap());
    request
}

/// An agent that attends: what it says, and what it hears.
async fn attend(
    stage: &Stage,
    credential: &str,
) -> Result<(mpsc::Sender<AttendRequest>, Streaming<stance_link::v1::AttendResponse>), tonic::Status> {
    let (sender, messages) = mpsc::channel(8);
    sender.send(said(Said::Status(Status::default()))).await.unwrap();
    let heard = stage.client().attend(bearing(ReceiverStream::new(messages), credential)).await?;
    Ok((sender, heard.into_inner()))
}

fn said(message: Said) -> AttendRequest {
    AttendRequest { message: Some(message) }
}

fn at(run: &str) -> AttendRequest {
    let runs = vec![RunStatus { run: run.into(), ..RunStatus::default() }];
    said(Said::Status(Status { runs, ..Status::default() }))
}

async fn next(heard: &mut Streaming<stance_link::v1::AttendResponse>) -> Heard {
    heard.message().await.unwrap().unwrap().message.unwrap()
}

/// The run that an agent is handed.
async fn handed(
    sender: &mpsc::Sender<AttendRequest>,
    heard: &mut Streaming<stance_link::v1::AttendResponse>,
) -> String {
    assert!(matches!(next(heard).await, Heard::Welcome(_)));
    sender.send(said(Said::Ready(Ready {}))).await.unwrap();
    let Heard::Run(run) = next(heard).await else { panic!("no run") };
    run.run
}

async fn deliver(
    stage: &Stage,
    credential: &str,
    header: DeliverRunHeader,
    content: &[u8],
) -> Result<Outcome, tonic::Status> {
    let parts = content.chunks(100).map(|part| Part::Content(part.to_vec()));
    let parts = std::iter::once(Part::Header(header)).chain(parts);
    let parts: Vec<_> = parts.map(|part| DeliverRunRequest { part: Some(part) }).collect();
    let answer = stage.client().deliver_run(bearing(tokio_stream::iter(parts), credential)).await?;
    Ok(answer.into_inner().outcome())
}

fn header(run: &str, content: &[u8]) -> DeliverRunHeader {
    DeliverRunHeader {
        run: run.into(),
        length: content.len() as u64,
        sha256: Sha256::digest(content).to_vec(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_handed_out_heard_of_and_taken_once() {
    let stage = stage().await;
    let (_, credential) = stage.enroll().await;
    let (sender, mut heard) = attend(&stage, &credential).await.unwrap();
    let run = handed(&sender, &mut heard).await;
    let number = stage.store.run_named(&run).unwrap().unwrap().id;
    assert!(stage.store.ask_to_stop(number, &root(), day(0)).unwrap());
    sender.send(at(&run)).await.unwrap();
    let Heard::End(end) = next(&mut heard).await else { panic!("no end") };
    assert_eq!((end.run.as_str(), end.reason().as_str_name()), (run.as_str(), "REASON_ASKED"));

    let content = bundle(&[Estate::of(&[("logs", [Fail, Pass])])], day(0));
    let whole = header(&run, &content);
    let cut = deliver(&stage, &credential, whole.clone(), &content[..content.len() - 1]).await;
    assert_eq!(cut.unwrap_err().code(), Code::DataLoss);
    let mut changed = content.clone();
    changed[20] ^= 1;
    assert_eq!(
        deliver(&stage, &credential, whole.clone(), &changed).await.unwrap_err().code(),
        Code::DataLoss
    );
    let unreadable = header(&run, b"no run");
    let refused = deliver(&stage, &credential, unreadable, b"no run").await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(stage.store.summary(number).unwrap().state, RunState::UnderWay);
    assert_eq!(deliver(&stage, &credential, whole.clone(), &content).await.unwrap(), Outcome::Taken);
    assert_eq!(deliver(&stage, &credential, whole, &content).await.unwrap(), Outcome::Known);
    assert_eq!(stage.store.summary(number).unwrap().score.failed, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_no_credential_or_that_of_another_gets_nothing() {
    let stage = stage().await;
    let ((_, one), (_, other)) = (stage.enroll().await, stage.enroll().await);
    let (sender, mut heard) = attend(&stage, &one).await.unwrap();
    let run = handed(&sender, &mut heard).await;
    let content = bundle(&[Estate::of(&[("logs", [Fail, Pass])])], day(0));
    let of_other = deliver(&stage, &other, header(&run, &content), &content).await.unwrap_err();
    assert_eq!(of_other.code(), Code::NotFound);
    let person = format!("stance_{}", "a".repeat(64));
    for credential in ["", "none", stage.token.as_str(), person.as_str()] {
        assert_eq!(attend(&stage, credential).await.unwrap_err().code(), Code::Unauthenticated);
        let refused = deliver(&stage, credential, header(&run, &content), &content).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated, "{credential}");
    }
    let asked = EnrollRequest { token: stage.token.clone(), agent: None };
    assert_eq!(stage.client().enroll(asked).await.unwrap_err().code(), Code::Unauthenticated, "a third host");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_is_shut_out_is_sent_away_and_what_it_scans_goes_to_another() {
    let stage = stage().await;
    let ((id, one), (_, other)) = (stage.enroll().await, stage.enroll().await);
    let (sender, mut heard) = attend(&stage, &one).await.unwrap();
    let run = handed(&sender, &mut heard).await;
    stage.store.revoke_agent(id, &root(), day(0)).unwrap();
    sender.send(at(&run)).await.unwrap();
    assert_eq!(heard.message().await.unwrap_err().code(), Code::Unauthenticated);
    let (sender, mut heard) = attend(&stage, &other).await.unwrap();
    assert_ne!(handed(&sender, &mut heard).await, run);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_comes_back_goes_on_and_one_that_has_lost_its_run_is_told_to_end_it() {
    let stage = stage().await;
    let ((_, one), _) = (stage.enroll().await, stage.enroll().await);
    let (sender, mut heard) = attend(&stage, &one).await.unwrap();
    let run = handed(&sender, &mut heard).await;
    drop((sender, heard));
    let (sender, mut heard) = attend(&stage, &one).await.unwrap();
    assert!(matches!(next(&mut heard).await, Heard::Welcome(_)));
    sender.send(at(&run)).await.unwrap();
    sender.send(at("another")).await.unwrap();
    // nothing is said of the one that it still holds
    let Heard::End(end) = next(&mut heard).await else { panic!("no end") };
    assert_eq!((end.run.as_str(), end.reason().as_str_name()), ("another", "REASON_TAKEN_OVER"));
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_have_no_pages_and_people_no_link() {
    let stage = stage().await;
    let (channel, origin) = http2_channel::<Body>(&stage.url, None).unwrap();
    let page = tonic::codegen::http::Request::get(format!("{origin}sign-in")).body(Body::empty()).unwrap();
    assert_eq!(channel.request(page).await.unwrap().status(), 404);
    let mut plain = tokio::net::TcpStream::connect(stage.url.trim_start_matches("http://")).await.unwrap();
    let asked = b"POST /stance.agent.v1.AgentService/Enroll HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut plain, asked).await.unwrap();
    let mut told = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut plain, &mut told).await.unwrap();
    assert!(told.starts_with("HTTP/1.1 404"), "{told}");
}
