//! Where the server listens, and how it treats connections.

mod accept;
mod options;
mod patient;
mod tls;

pub use options::{ListenOptions, ServeOptions, TlsFiles};

use crate::alerts::keep_delivering;
use crate::{Access, Console, Entrance, ServeError, agents, housekeeping, router, scans};
use accept::{Limits, Services, accept};
use axum::Router;
use options::checked;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A server that listens already, and answers as soon as it runs.
pub struct Server {
    console: Console,
    entrance: Entrance,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    address: SocketAddr,
    limits: Limits,
    url: String,
}

impl Server {
    /// Listens.
    ///
    /// # Errors
    /// If it would be reached from elsewhere without protection, the certificate cannot be used, or nobody can
    /// connect.
    pub async fn bind(console: Console, options: &ServeOptions) -> Result<Self, ServeError> {
        checked(options)?;
        let listen = &options.listen;
        let failed = |source| ServeError::Listen { address: listen.address.to_string(), source };
        let tls = listen.tls.as_ref().map(tls::acceptor).transpose()?;
        let listener = TcpListener::bind(listen.address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let mut entrance =
            Entrance::of(options.access).with_names(&listen.public_names).with_address(address.ip());
        if tls.is_some() {
            entrance = entrance.with_tls();
        }
        let url = url(address, tls.is_some(), listen);
        if !listen.public_names.is_empty() {
            console.know_url(&url);
        }
        Ok(Self { console, entrance, listener, tls, address, limits: Limits::default(), url })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What people open in their browser, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address by which the first administrator comes in, once and within an hour, to be printed where only
    /// whoever started the server reads it. Nothing where there is an administrator, or nobody has to sign in.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn administrator_link(&self) -> Result<Option<String>, ServeError> {
        if self.entrance.access == Access::Open {
            return Ok(None);
        }
        let now = self.console.now();
        let link = self.console.look(move |store| store.first_administrator_link(now)).await?;
        Ok(link.map(|link| format!("{}/welcome/{}", self.url, link.reveal())))
    }

    /// Answers, and scans what is due, until `stop` is ready; answers that are under way then are finished, for a few
    /// seconds, and scans put away what they have read.
    ///
    /// # Errors
    /// None at present: what happens to one connection does not end the server.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) -> Result<(), ServeError> {
        let console = self.console.clone();
        let order = tokio::spawn(housekeeping::run(console.clone(), console.stopping()));
        // a demonstration tells nobody anything
        let is_open = self.entrance.access == Access::Open;
        let sending = (!is_open).then(|| tokio::spawn(keep_delivering(console.clone())));
        let scans = console
            .scanner()
            .map(|scanner| tokio::spawn(scans::run(console.clone(), scanner, console.stopping())));
        // a demonstration has none
        let agents = if is_open { Router::new() } else { agents::router(self.console.clone()) };
        let services = Services { console: router(self.console, self.entrance), agents };
        let stop = async {
            stop.await;
            // agents attend until they are told; what else goes on ends meanwhile
            console.stop();
        };
        accept(self.listener, self.tls, services, self.limits, stop).await;
        // they say themselves what goes wrong
        let _ = order.await;
        if let Some(scans) = scans {
            let _ = scans.await;
        }
        if let Some(sending) = sending {
            // what is being sent now is sent again under the same id
            sending.abort();
        }
        Ok(())
    }
}

fn url(address: SocketAddr, has_tls: bool, listen: &ListenOptions) -> String {
    let scheme = if has_tls { "https" } else { "http" };
    let host = match listen.public_names.first() {
        Some(name) => name.clone(),
        None if address.ip().is_unspecified() => "localhost".to_owned(),
        None if address.is_ipv6() => format!("[{}]", address.ip()),
        None => address.ip().to_string(),
    };
    match (has_tls, address.port()) {
        (true, 443) | (false, 80) => format!("{scheme}://{host}"),
        (_, port) => format!("{scheme}://{host}:{port}"),
    }
}

#[cfg(test)]
mod tests;
