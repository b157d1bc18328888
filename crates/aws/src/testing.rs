//! Models and a server for tests.

use crate::client::Client;
use crate::credentials::Surroundings;
use crate::model::ApiModels;
use crate::options::ClientOptions;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_types::os_shim_internal::{Env, Fs};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The real table of endpoints, of the services that tests name.
pub(crate) const ENDPOINTS: &[u8] = include_bytes!("testing/endpoints.json");

/// Real `api.json` files, of few operations; at least one service for each protocol.
pub(crate) fn api(service: &str) -> Option<&'static [u8]> {
    Some(match service {
        "apigateway" => include_bytes!("testing/apigateway.json"),
        "ec2" => include_bytes!("testing/ec2.json"),
        "eks" => include_bytes!("testing/eks.json"),
        "iam" => include_bytes!("testing/iam.json"),
        "kms" => include_bytes!("testing/kms.json"),
        "s3" => include_bytes!("testing/s3.json"),
        "s3control" => include_bytes!("testing/s3control.json"),
        "sqs" => include_bytes!("testing/sqs.json"),
        "sts" => include_bytes!("testing/sts.json"),
        _ => return None,
    })
}

pub(crate) fn models() -> ApiModels {
    ApiModels::new(|service| api(service).map(Cow::Borrowed), ENDPOINTS).unwrap()
}

/// Options that end fast, for a server of our own.
pub(crate) fn options(endpoint_url: &str) -> ClientOptions {
    ClientOptions {
        region: Some("eu-central-1".into()),
        endpoint_url: Some(endpoint_url.into()),
        connect_timeout: Duration::from_secs(1),
        read_timeout: Duration::from_secs(2),
        attempt_timeout: Duration::from_secs(3),
        ..ClientOptions::default()
    }
}

/// An environment of these variables and a config file of this text, and nothing else.
pub(crate) fn surroundings(variables: &[(&str, &str)], config: &str) -> Surroundings {
    let mut all = vec![
        ("HOME", "/home"),
        ("AWS_CONFIG_FILE", "/config"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/none"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    all.extend(variables);
    Surroundings {
        environment: Some(Env::from_slice(&all)),
        files: Some(Fs::from_slice(&[("/config", config)])),
        profiles: Some(EnvConfigFiles::builder().with_contents(EnvConfigFileKind::Config, config).build()),
        credentials: None,
    }
}

/// The environment's credentials of all tests.
pub(crate) const KEYS: [(&str, &str); 2] =
    [("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "SECRETEXAMPLE")];

/// A client with made-up credentials.
pub(crate) async fn client(options: ClientOptions) -> Client {
    Client::connect_in(models(), options, surroundings(&KEYS, "")).await.unwrap()
}

/// A client of a server that gives these answers.
pub(crate) async fn served(answers: Vec<Answer>) -> (Server, Client) {
    let server = Server::start(answers).await;
    let client = client(options(&server.url)).await;
    (server, client)
}

/// A request as it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Received {
    /// `GET /path?query`.
    pub line: String,
    /// With names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// An answer to give.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

pub(crate) fn answer(status: u16, body: impl Into<String>) -> Answer {
    Answer { status, headers: vec![], body: body.into() }
}

/// A server that gives canned answers one after the other, the last one again and again.
pub(crate) struct Server {
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    pub async fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&received);
        let answers = Arc::new(Mutex::new(VecDeque::from(answers)));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&answers), Arc::clone(&log)));
            }
        });
        Self { url, received }
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, answers: Arc<Mutex<VecDeque<Answer>>>, log: Arc<Mutex<Vec<Received>>>) {
    let mut bytes = Vec::new();
    loop {
        let Some(request) = read_request(&mut stream, &mut bytes).await else { return };
        log.lock().unwrap().push(request);
        let answer = {
            let mut answers = answers.lock().unwrap();
            if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }
        };
        let Some(Answer { status, headers, body }) = answer else { return };
        let headers: String = headers.iter().flat_map(|(name, value)| [*name, ": ", value, "\r\n"]).collect();
        let head = format!("HTTP/1.1 {status} Canned\r\ncontent-length: {}\r\n{headers}", body.len());
        if stream.write_all(format!("{head}\r\n{body}").as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read_request(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<Received> {
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let mut lines = head.split("\r\n");
            let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_string();
            let headers: Vec<_> = lines
                .filter_map(|line| line.split_once(':'))
                .map(|(name, value)| (name.to_lowercase(), value.trim().to_string()))
                .collect();
            let length = headers.iter().find(|(name, _)| name == "content-length");
            let length: usize = length.map_or(0, |(_, value)| value.parse().unwrap());
            while bytes.len() < end + 4 + length {
                if stream.read_buf(bytes).await.ok()? == 0 {
                    return None;
                }
            }
            let body = String::from_utf8_lossy(&bytes[end + 4..end + 4 + length]).into_owned();
            bytes.drain(..end + 4 + length);
            return Some(Received { line, headers, body });
        }
        if stream.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    }
}
