//! How the server is reached, and by whom.

use super::Throttle;
use axum::http::{HeaderMap, header};
use std::net::IpAddr;
use tokio::sync::Semaphore;

/// Passwords that are hashed at once: each takes a thread and 19 MiB.
const HASHED_AT_ONCE: usize = 2;

/// Who may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Whoever can reach the server sees everything and changes nothing. For a demonstration, on loopback only.
    Open,
    /// People with a password, and programs with a token.
    People,
}

/// How the server is reached, and by whom.
pub struct Entrance {
    pub(crate) access: Access,
    pub(crate) has_tls: bool,
    pub(crate) names: Vec<String>,
    pub(crate) throttle: Throttle,
    pub(crate) hashing: Semaphore,
}

impl Entrance {
    /// Reached by the names of loopback, without TLS.
    pub fn of(access: Access) -> Self {
        Self {
            access,
            has_tls: false,
            names: ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned).into(),
            throttle: Throttle::default(),
            hashing: Semaphore::new(HASHED_AT_ONCE),
        }
    }

    /// Reached over TLS, so that cookies are kept to it.
    #[must_use]
    pub fn with_tls(self) -> Self {
        Self { has_tls: true, ..self }
    }

    /// Reached by these names too.
    #[must_use]
    pub fn with_names(mut self, names: &[String]) -> Self {
        self.names.extend(names.iter().map(|name| name.to_ascii_lowercase()));
        self
    }

    /// What the addresses of this server begin with, by the name that it was asked by.
    pub(crate) fn asked_address(&self, headers: &HeaderMap) -> String {
        let scheme = if self.has_tls { "https" } else { "http" };
        // the guard has let only names of this server through
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        format!("{scheme}://{host}")
    }

    /// Reached by an address itself, which nobody's name server can pretend to be.
    #[must_use]
    pub(crate) fn with_address(mut self, address: IpAddr) -> Self {
        if !address.is_unspecified() {
            self.names.push(match address {
                IpAddr::V4(address) => address.to_string(),
                IpAddr::V6(address) => format!("[{address}]"),
            });
        }
        self
    }
}
