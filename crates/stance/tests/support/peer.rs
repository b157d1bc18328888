//! A small HTTP server on loopback that keeps every request, and passes on what it does not answer itself.

use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as it came in.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// With the query, and with scheme and host where a proxy is asked.
    pub path: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The access key that the request is signed with; nothing where it is not signed.
    pub fn access_key(&self) -> Option<&str> {
        self.credential().next()
    }

    /// The region that the request is signed for.
    pub fn signing_region(&self) -> Option<&str> {
        self.credential().nth(2)
    }

    fn credential(&self) -> impl Iterator<Item = &str> {
        let credential = self.header("authorization").and_then(|value| value.split("Credential=").nth(1));
        credential.into_iter().flat_map(|credential| credential.split('/'))
    }

    /// The operation of a service with the query protocol, such as STS and IAM.
    pub fn action(&self) -> Option<String> {
        self.parameter("Action")
    }

    /// A parameter of the form in the body.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let body = std::str::from_utf8(&self.body).ok()?;
        let value = body.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
        Some(percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned())
    }

    /// Sends the request to another server and gives its answer as it is.
    fn send_to(&self, address: &str) -> Vec<u8> {
        let kept = |name: &str| name != "connection" && name != "content-length";
        let headers =
            self.headers.iter().filter(|(name, _)| kept(name)).map(|(n, v)| (n.as_str(), v.as_str()));
        let message = message(&format!("{} {} HTTP/1.1", self.method, self.path), headers, &self.body);
        let mut stream = TcpStream::connect(address).expect("the mock AWS answers");
        stream.write_all(&message).expect("the mock AWS reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("the mock AWS answers to the end");
        answer
    }
}

/// An answer of a peer's own.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

impl Reply {
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: vec![("content-type", "text/plain".into())], body: body.into() }
    }

    pub fn json(body: &serde_json::Value) -> Self {
        Self {
            status: 200,
            headers: vec![("content-type", "application/json".into())],
            body: body.to_string(),
        }
    }

    /// An error in the form of the query protocol.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        let body = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
             <RequestId>0</RequestId></ErrorResponse>"
        );
        Self { status, headers: vec![("content-type", "text/xml".into())], body }
    }

    fn into_bytes(self) -> Vec<u8> {
        let headers = self.headers.iter().map(|(name, value)| (*name, value.as_str()));
        message(&format!("HTTP/1.1 {} -", self.status), headers, self.body.as_bytes())
    }
}

/// The last message of a connection.
fn message<'m>(first: &str, headers: impl Iterator<Item = (&'m str, &'m str)>, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{first}\r\n").into_bytes();
    for (name, value) in headers {
        write!(bytes, "{name}: {value}\r\n").expect("memory takes it");
    }
    write!(bytes, "content-length: {}\r\nconnection: close\r\n\r\n", body.len()).expect("memory takes it");
    bytes.extend_from_slice(body);
    bytes
}

/// The server. Its threads end with the test's process.
pub struct Peer {
    address: String,
    received: Arc<Mutex<Vec<Request>>>,
}

impl Peer {
    /// Answers every request.
    pub fn answering(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(move |request| answer(request).into_bytes())
    }

    /// Stands before the mock AWS: answers what the guard answers, and passes on the rest.
    pub fn before_aws(guard: impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let aws = super::aws().trim_start_matches("http://").to_owned();
        Self::start(move |request| match guard(request) {
            Some(reply) => reply.into_bytes(),
            None => request.send_to(&aws),
        })
    }

    fn start(answer: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let received: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (answer, kept) = (Arc::new(answer), Arc::clone(&received));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, kept) = (Arc::clone(&answer), Arc::clone(&kept));
                std::thread::spawn(move || {
                    // a client that goes away, as an interrupted scan does, is no failure of the test
                    let Some(request) = read(&stream) else { return };
                    kept.lock().expect("no test panics here").push(request.clone());
                    let bytes = answer(&request);
                    let _ = (&stream).write_all(&bytes);
                });
            }
        });
        Self { address, received }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far.
    pub fn received(&self) -> Vec<Request> {
        self.received.lock().expect("no test panics here").clone()
    }

    /// The requests for an operation of a service with the query protocol.
    pub fn received_for(&self, action: &str) -> Vec<Request> {
        self.received().into_iter().filter(|request| request.action().as_deref() == Some(action)).collect()
    }
}

/// Sends a request of a test's own to the mock AWS.
pub fn ask_aws(request: &Request) -> String {
    let answer = request.send_to(super::aws().trim_start_matches("http://"));
    String::from_utf8(answer).expect("UTF-8")
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { method, path, headers, body })
}
