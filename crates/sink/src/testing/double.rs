//! A server that does as it is told, one script a request, the last one again and again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// `POST /path?query`.
    pub line: String,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Script {
    /// Answers.
    Answer { status: u16, headers: Vec<(&'static str, String)>, body: String },
    /// Promises more than it gives, and closes.
    CutAnswer,
    /// Closes without a word.
    Close,
    /// Says nothing for that long.
    Hang(Duration),
}

impl Script {
    pub fn answer(status: u16, body: impl Into<String>) -> Self {
        Self::Answer { status, headers: Vec::new(), body: body.into() }
    }

    pub fn answer_with(status: u16, name: &'static str, value: impl Into<String>) -> Self {
        Self::Answer { status, headers: vec![(name, value.into())], body: String::new() }
    }
}

/// The server.
pub(crate) struct Double {
    url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Double {
    /// A server in a thread of its own, for tests that are not asynchronous.
    pub fn in_thread(scripts: Vec<Script>) -> Self {
        let (started, starting) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                started.send(Self::of(scripts).await).unwrap();
                std::future::pending::<()>().await;
            });
        });
        starting.recv().unwrap()
    }

    /// A server that always answers so.
    pub async fn answering(status: u16, body: impl Into<String>) -> Self {
        Self::of(vec![Script::answer(status, body)]).await
    }

    pub async fn of(scripts: Vec<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&received);
        let scripts = Arc::new(Mutex::new(VecDeque::from(scripts)));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&scripts), Arc::clone(&log)));
            }
        });
        Self { url, received }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, scripts: Arc<Mutex<VecDeque<Script>>>, log: Arc<Mutex<Vec<Received>>>) {
    let mut bytes = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut bytes).await {
        log.lock().unwrap().push(request);
        let script = {
            let mut scripts = scripts.lock().unwrap();
            if scripts.len() > 1 { scripts.pop_front() } else { scripts.front().cloned() }
        };
        let text = match script {
            Some(Script::Answer { status, headers, body }) => {
                let headers: String =
                    headers.iter().flat_map(|(name, value)| [*name, ": ", value, "\r\n"]).collect();
                format!("HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
            }
            Some(Script::CutAnswer) => {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"items\"").await;
                return;
            }
            Some(Script::Hang(time)) => {
                tokio::time::sleep(time).await;
                return;
            }
            Some(Script::Close) | None => return,
        };
        if stream.write_all(text.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read_request(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<Received> {
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let mut lines = head.split("\r\n");
            let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
            let headers: Vec<_> = lines
                .filter_map(|line| line.split_once(':'))
                .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
                .collect();
            let length = headers.iter().find(|(name, _)| name == "content-length");
            let body_end = end + 4 + length.map_or(0, |(_, value)| value.parse::<usize>().unwrap());
            while bytes.len() < body_end {
                if stream.read_buf(bytes).await.ok()? == 0 {
                    return None;
                }
            }
            let body = String::from_utf8_lossy(&bytes[end + 4..body_end]).into_owned();
            bytes.drain(..body_end);
            return Some(Received { line, headers, body });
        }
        if stream.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    }
}
