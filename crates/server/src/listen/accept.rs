//! Connections: how many, how long they may take to say what they want, and how they end. People and programs speak
//! HTTP/1.1, agents HTTP/2.

use super::patient::Patient;
use super::tls::HTTP2;
use crate::access::Peer;
use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

/// What connections may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Connections at once; others wait to be accepted.
    pub(super) connections: usize,
    /// Connections at once from one address that is not of this machine.
    pub(super) from_one_address: usize,
    /// For the handshake of TLS, and for the head of each request, the waiting for it included.
    pub(super) head: Duration,
    /// For one write, while the other end does not read.
    pub(super) write: Duration,
    /// For answers that are under way when the server stops.
    pub(super) stop: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            from_one_address: 256,
            head: Duration::from_secs(20),
            write: Duration::from_secs(30),
            stop: Duration::from_secs(10),
        }
    }
}

/// Bytes of a request's head.
const HEAD: usize = 32 * 1024;
/// Headers of a request.
const HEADERS: usize = 64;
/// What a connection of HTTP/2 without TLS begins with; no method of HTTP/1.1 does.
const PREFACE: &[u8] = b"PRI";
/// Requests at once on a connection of an agent, which needs two.
const STREAMS: u32 = 16;
/// How often it is asked whether the other end of an agent's connection is there, and how long it may take to answer.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// How long to wait where a connection cannot be accepted, such as when files run out.
const PAUSE: Duration = Duration::from_millis(100);

/// Who answers what.
#[derive(Clone)]
pub(super) struct Services {
    /// People and programs.
    pub(super) console: Router,
    /// Agents.
    pub(super) agents: Router,
}

/// Answers connections until `stop` is ready.
pub(super) async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    services: Services,
    limits: Limits,
    stop: impl Future<Output = ()> + Send,
) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(limits.connections));
    let guests = Guests::default();
    let mut stop = std::pin::pin!(stop);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            next = next => next,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let Some(guest) = guests.admit(peer.ip().to_canonical(), limits.from_one_address) else { continue };
        let (tls, services, watcher) = (tls.clone(), services.clone(), graceful.watcher());
        tokio::spawn(async move {
            connection(stream, peer, tls, services, watcher, limits).await;
            drop((place, guest));
        });
    }
    drop(listener);
    if tokio::time::timeout(limits.stop, graceful.shutdown()).await.is_err() {
        tracing::warn!("answers that took too long were cut off");
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    services: Services,
    watcher: Watcher,
    limits: Limits,
) {
    // small answers must not wait for more
    let _ = stream.set_nodelay(true);
    match tls {
        None => match tokio::time::timeout(limits.head, is_http2(&stream)).await {
            Ok(true) => answer_agent(stream, peer, services.agents, watcher, limits).await,
            Ok(false) => answer(stream, peer, services.console, watcher, limits).await,
            Err(_) => tracing::debug!("a connection said nothing for too long"),
        },
        Some(tls) => match tokio::time::timeout(limits.head, tls.accept(stream)).await {
            Ok(Ok(stream)) if stream.get_ref().1.alpn_protocol() == Some(HTTP2) => {
                answer_agent(stream, peer, services.agents, watcher, limits).await;
            }
            Ok(Ok(stream)) => answer(stream, peer, services.console, watcher, limits).await,
            Ok(Err(error)) => tracing::debug!(%error, "a handshake of TLS failed"),
            Err(_) => tracing::debug!("a handshake of TLS took too long"),
        },
    }
}

/// Whether what comes first says that the connection is of HTTP/2; it is left to be read.
async fn is_http2(stream: &TcpStream) -> bool {
    let mut first = [0; PREFACE.len()];
    loop {
        // what is wrong with the connection is found by whoever reads it
        let Ok(count) = stream.peek(&mut first).await else { return false };
        let seen = first.get(..count).unwrap_or_default();
        if seen.is_empty() || !PREFACE.starts_with(seen) {
            return false;
        }
        if seen.len() == PREFACE.len() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Has a service answer, that is told who asks.
fn answering(
    service: Router,
    peer: SocketAddr,
) -> impl Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send + 'static> + Clone
{
    service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        service.clone().oneshot(request)
    })
}

async fn answer(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    service: Router,
    watcher: Watcher,
    limits: Limits,
) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(HEAD)
        .max_headers(HEADERS)
        .serve_connection(TokioIo::new(Patient::new(stream, limits.write)), answering(service, peer));
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer_agent(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    service: Router,
    watcher: Watcher,
    limits: Limits,
) {
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(u32::try_from(HEAD).unwrap_or(u32::MAX))
        .serve_connection(TokioIo::new(Patient::new(stream, limits.write)), answering(service, peer));
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "an agent's connection ended early");
    }
}

/// How many connections each address has.
#[derive(Clone, Default)]
struct Guests(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// A connection that is counted as long as this is held.
struct Guest {
    guests: Guests,
    address: IpAddr,
}

impl Guests {
    /// Counts a connection in, unless its address has enough; loopback may be a proxy, and is not counted.
    fn admit(&self, address: IpAddr, bound: usize) -> Option<Guest> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(address).or_default();
        if *count >= bound && !address.is_loopback() {
            return None;
        }
        *count += 1;
        Some(Guest { guests: self.clone(), address })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut held = self.guests.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_take_all_places() {
        let guests = Guests::default();
        let address: IpAddr = "192.0.2.1".parse().unwrap();
        let first = guests.admit(address, 2);
        let second = guests.admit(address, 2);
        assert!(first.is_some() && second.is_some() && guests.admit(address, 2).is_none());
        assert!(guests.admit("192.0.2.2".parse().unwrap(), 2).is_some());
        drop(first);
        assert!(guests.admit(address, 2).is_some());
        drop(second);
        assert!(guests.0.lock().unwrap().is_empty());
    }
}
