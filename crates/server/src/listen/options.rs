//! What the server is told when it is started.

use crate::{Access, ServeError};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenOptions {
    /// Address and port; port 0 takes a free one.
    pub address: SocketAddr,
    /// Certificate and key, where the server does TLS itself.
    pub tls: Option<TlsFiles>,
    /// Whether it may be reached from elsewhere without TLS, since something in front of it does that.
    pub allow_plain: bool,
    /// Names by which it is reached beside those of loopback, without port.
    pub public_names: Vec<String>,
}

/// Files in the PEM form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and those that lead to its root.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// What the server is told when it is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeOptions {
    /// Where it listens.
    pub listen: ListenOptions,
    /// Who may come in.
    pub access: Access,
}

/// Refuses what would let others in or listen in.
pub(super) fn checked(options: &ServeOptions) -> Result<(), ServeError> {
    let listen = &options.listen;
    let address = || listen.address.to_string();
    if let Some(name) = listen.public_names.iter().find(|name| !is_host(name)) {
        return Err(ServeError::Name { name: name.clone() });
    }
    if listen.address.ip().to_canonical().is_loopback() {
        return Ok(());
    }
    match (options.access, listen.tls.is_some() || listen.allow_plain) {
        (Access::Open, _) => Err(ServeError::Open { address: address() }),
        (Access::People, false) => Err(ServeError::Plain { address: address() }),
        (Access::People, true) => Ok(()),
    }
}

/// A name of letters, digits, points and hyphens, or an address in brackets.
fn is_host(name: &str) -> bool {
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    match address {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(address: &str, access: Access) -> ServeOptions {
        let listen = ListenOptions {
            address: address.parse().unwrap(),
            tls: None,
            allow_plain: false,
            public_names: Vec::new(),
        };
        ServeOptions { listen, access }
    }

    #[test]
    fn beyond_loopback_there_is_no_plain_server_unless_said_and_no_open_one_at_all() {
        for address in ["127.0.0.1:0", "[::1]:0", "127.1.2.3:80", "[::ffff:127.0.0.1]:80"] {
            checked(&options(address, Access::People)).unwrap();
            checked(&options(address, Access::Open)).unwrap();
        }
        for address in ["0.0.0.0:80", "[::]:80", "192.0.2.1:80", "[2001:db8::1]:80"] {
            let mut options = options(address, Access::People);
            assert!(matches!(checked(&options), Err(ServeError::Plain { .. })), "{address}");
            options.listen.allow_plain = true;
            checked(&options).unwrap();
            options.access = Access::Open;
            assert!(matches!(checked(&options), Err(ServeError::Open { .. })), "{address}");
        }
    }

    #[test]
    fn names_are_hosts_and_nothing_else() {
        let with = |name: &str| {
            let mut options = options("127.0.0.1:0", Access::People);
            options.listen.public_names.push(name.to_owned());
            checked(&options)
        };
        for name in ["stance.example.com", "stance", "[2001:db8::1]", "192.0.2.1"] {
            with(name).unwrap();
        }
        for name in ["", "*", "https://stance.example.com", "stance:80", "a/b", "a b", "[x]"] {
            assert!(matches!(with(name), Err(ServeError::Name { .. })), "{name}");
        }
    }
}
