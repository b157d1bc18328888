//! A syslog server, by RFC 5424 over TLS (RFC 5425), TCP with counted octets (RFC 6587) or UDP (RFC 5426).
//!
//! Syslog has no answers. Over TLS and TCP a batch goes through a connection of its own, which is then closed
//! and waited for, so that a server that went away is noticed. Over UDP nothing is.

use super::Receive;
use crate::SinkError;
use crate::answer::{Answer, ItemAnswer};
use crate::batch::Limits;
use crate::change::Change;
use crate::describe::{About, Describe, Give, stance};
use crate::document::Document;
use crate::severity::Level;
use crate::tls;
use chrono::SecondsFormat;
use futures_util::future::BoxFuture;
use rustls::pki_types::ServerName;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use stance_config::{Syslog, SyslogTransport};
use stance_model::{Finding, printable};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// The facility of audits, shifted as RFC 5424 wants it.
const FACILITY: u8 = 13 << 3;
/// How long a server may take to close its side; most do at once.
const CLOSING: Duration = Duration::from_secs(2);
/// The most that a datagram holds.
const DATAGRAM: usize = 65_507;

/// A server.
pub(super) struct Server {
    address: String,
    way: Way,
    timeout: Duration,
}

enum Way {
    Tls(TlsConnector, ServerName<'static>),
    Tcp,
    Udp,
}

impl Server {
    pub fn new(settings: &Syslog) -> Result<Self, String> {
        let address = settings.address.clone();
        let told = || format!("`{}` is not an address; write `HOST:PORT`", printable(&address));
        let (host, port) = address.rsplit_once(':').ok_or_else(told)?;
        port.parse::<u16>().map_err(|_| told())?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let way = match settings.transport {
            SyslogTransport::Tcp => Way::Tcp,
            SyslogTransport::Udp => Way::Udp,
            SyslogTransport::Tls => {
                let configuration = tls::configuration(settings.ca_file.as_ref().map(AsRef::as_ref))?;
                let name = ServerName::try_from(host).map_err(|_| told())?;
                Way::Tls(TlsConnector::from(Arc::new(configuration)), name)
            }
        };
        Ok(Self { address, way, timeout: settings.timeout.get() })
    }

    async fn exchange(&self, messages: &[String]) -> io::Result<Vec<ItemAnswer>> {
        if matches!(self.way, Way::Udp) {
            return self.datagrams(messages).await;
        }
        let stream = TcpStream::connect(&self.address).await?;
        let mut octets = String::new();
        for message in messages {
            octets.push_str(&message.len().to_string());
            octets.push(' ');
            octets.push_str(message);
        }
        match &self.way {
            Way::Tls(connector, name) => {
                push(connector.connect(name.clone(), stream).await?, &octets).await?;
            }
            Way::Tcp | Way::Udp => push(stream, &octets).await?,
        }
        Ok(vec![ItemAnswer::Taken; messages.len()])
    }

    async fn datagrams(&self, messages: &[String]) -> io::Result<Vec<ItemAnswer>> {
        let any = if self.address.starts_with('[') { "[::]:0" } else { "0.0.0.0:0" };
        let socket = UdpSocket::bind(any).await?;
        socket.connect(&self.address).await?;
        let mut answers = Vec::with_capacity(messages.len());
        for message in messages {
            if message.len() > DATAGRAM {
                let reason =
                    format!("{} bytes are more than a datagram holds; use TLS or TCP", message.len());
                answers.push(ItemAnswer::Refused(reason));
                continue;
            }
            socket.send(message.as_bytes()).await?;
            answers.push(ItemAnswer::Taken);
        }
        Ok(answers)
    }

    async fn post(&self, batch: &[Document]) -> Answer {
        let messages: Vec<String> = batch.iter().map(message).collect();
        match timeout(self.timeout, self.exchange(&messages)).await {
            Ok(Ok(answers)) => Answer::Each(answers),
            Ok(Err(error)) => Answer::later(format!("`{}` cannot be reached: {error}", self.address)),
            Err(_) => Answer::later(format!(
                "`{}` did not answer within {} s",
                self.address,
                self.timeout.as_secs()
            )),
        }
    }
}

/// Writes everything, closes our side, and waits for the server to close its own.
async fn push(mut stream: impl AsyncRead + AsyncWrite + Unpin, octets: &str) -> io::Result<()> {
    stream.write_all(octets.as_bytes()).await?;
    stream.flush().await?;
    stream.shutdown().await?;
    // a server that keeps its side open has not refused anything
    match timeout(CLOSING, stream.read(&mut [0; 64])).await {
        Ok(Err(error)) if error.kind() != io::ErrorKind::UnexpectedEof => Err(error),
        _ => Ok(()),
    }
}

/// What a message is made of.
#[derive(Serialize, Deserialize)]
struct Parts<T> {
    priority: u8,
    time: String,
    text: T,
}

/// The message of a document. It names no host: the finding does, and ours may be a container.
fn message(document: &Document) -> String {
    match serde_json::from_str::<Parts<Box<RawValue>>>(document.text()) {
        Ok(Parts { priority, time, text }) => {
            format!("<{priority}>1 {time} - stance - finding - {}", text.get())
        }
        // of another version of Stance
        Err(_) => format!("<{}>1 - - stance - finding - {}", FACILITY | 6, document.text()),
    }
}

impl Receive for Server {
    fn limits(&self) -> Limits {
        Limits { documents: 1_000, bytes: 1_000_000 }
    }

    fn describe(&self) -> Box<dyn Describe + '_> {
        Box::new(Messages)
    }

    fn send<'a>(&'a self, batch: &'a [Document]) -> BoxFuture<'a, Answer> {
        Box::pin(self.post(batch))
    }
}

struct Messages;

impl Describe for Messages {
    fn finding(
        &mut self,
        about: &About<'_>,
        finding: &Finding,
        change: Option<Change>,
        give: Give<'_>,
    ) -> Result<(), SinkError> {
        let parts: Parts<Value> = Parts {
            priority: FACILITY | severity(Level::of(finding, change)),
            time: about.report.scan.ended_at.to_rfc3339_opts(SecondsFormat::Micros, true),
            text: stance(about, finding, change)?,
        };
        give(Document::new(about.run.document(&finding.id), &parts)?)
    }
}

/// Its number in RFC 5424.
fn severity(level: Level) -> u8 {
    match level {
        Level::Information => 6,
        Level::Warning => 4,
        Level::Error => 3,
        Level::Critical => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{documents, report};
    use tokio::net::TcpListener;

    fn server(address: String, transport: SyslogTransport) -> Server {
        let timeout = "5s".parse().unwrap();
        Server::new(&Syslog { address, transport, ca_file: None, timeout }).unwrap()
    }

    #[tokio::test]
    async fn octets_are_counted_over_tcp() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = server(listener.local_addr().unwrap().to_string(), SyslogTransport::Tcp);
        let batch = documents(&server, &report(3));
        let received = async {
            let mut text = String::new();
            listener.accept().await.unwrap().0.read_to_string(&mut text).await.unwrap();
            text
        };
        let (answer, text) = tokio::join!(server.send(&batch), received);
        assert_eq!(answer, Answer::Each(vec![ItemAnswer::Taken; 3]));
        let mut rest = text.as_str();
        for document in &batch {
            let (length, after) = rest.split_once(' ').unwrap();
            let (message, after) = after.split_at(length.parse().unwrap());
            assert!(message.contains(">1 2026-01-31T00:10:00.000000Z - stance - finding - {"), "{message}");
            assert!(message.contains(&document.id));
            rest = after;
        }
        assert_eq!(rest, "");
    }

    #[tokio::test]
    async fn a_datagram_holds_one_message() {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let server = server(socket.local_addr().unwrap().to_string(), SyslogTransport::Udp);
        let mut batch = documents(&server, &report(1));
        batch.push(Document::new("long".into(), &"x".repeat(DATAGRAM)).unwrap());
        let Answer::Each(answers) = server.send(&batch).await else { panic!("no answers") };
        assert_eq!(answers[0], ItemAnswer::Taken);
        assert!(matches!(answers[1], ItemAnswer::Refused(_)));
        let mut bytes = vec![0; DATAGRAM];
        let length = socket.recv(&mut bytes).await.unwrap();
        assert!(bytes[..length].starts_with(b"<107>1 "));
    }

    #[tokio::test]
    async fn a_server_that_is_away_is_tried_again() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        drop(listener);
        let server = server(address, SyslogTransport::Tcp);
        assert!(matches!(server.send(&documents(&server, &report(1))).await, Answer::Later { .. }));
    }

    #[test]
    fn an_address_has_a_host_and_a_port() {
        for address in ["example.org", "example.org:x", ""] {
            let settings = Syslog {
                address: address.into(),
                transport: SyslogTransport::Tls,
                ca_file: None,
                timeout: "5s".parse().unwrap(),
            };
            assert!(Server::new(&settings).is_err(), "{address}");
        }
    }
}
