//! Where a receiver answers.

use hyper::Uri;
use std::fmt;
use std::net::IpAddr;

/// Where a receiver answers, without its path and query in any message: they may hold a token.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address {
    uri: Uri,
    /// Whether the host is this machine.
    local: bool,
}

impl Address {
    /// Reads an address of a sink. Without TLS it is taken only of this machine, or where that is allowed.
    ///
    /// # Errors
    /// What is wrong with it, for people, without what may be secret in it.
    pub fn read(text: &str, allow_plain_http: bool) -> Result<Self, String> {
        Self::checked(text, allow_plain_http, "; use `https://`, or set `allow_plain_http`")
    }

    /// Reads the address of a server of Stance. Without TLS it is taken only of this machine.
    ///
    /// # Errors
    /// What is wrong with it, for people, without what may be secret in it.
    pub fn of_server(text: &str) -> Result<Self, String> {
        Self::checked(text, false, "; use `https://`")
    }

    fn checked(text: &str, allow_plain_http: bool, mend: &str) -> Result<Self, String> {
        let uri: Uri = text.trim().parse().map_err(|_| "its URL is not well-formed".to_owned())?;
        let host = uri.host().unwrap_or_default().to_owned();
        if host.is_empty() || uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err("its URL must have a host, and no user or password in it".to_owned());
        }
        let local = is_local(&host);
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if local || allow_plain_http => {}
            Some("http") => {
                return Err(format!(
                    "`http://{host}` would send everything, the key included, for all to read{mend}"
                ));
            }
            _ => return Err("its URL must begin with `https://`".to_owned()),
        }
        Ok(Self { uri, local })
    }

    /// The whole address.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Whether TLS is used.
    pub fn is_secure(&self) -> bool {
        self.uri.scheme_str() == Some("https")
    }

    /// Whether the host is this machine.
    pub fn is_local(&self) -> bool {
        self.local
    }

    /// The address with another path, which begins with `/`; the address's own path comes before it.
    ///
    /// # Errors
    /// The two do not make an address.
    pub fn join(&self, path: &str) -> Result<Uri, String> {
        let base = self.uri.path().trim_end_matches('/');
        let authority = self.uri.authority().map(hyper::http::uri::Authority::as_str).unwrap_or_default();
        let scheme = self.uri.scheme_str().unwrap_or("https");
        format!("{scheme}://{authority}{base}{path}")
            .parse()
            .map_err(|_| "its URL is not well-formed".to_owned())
    }
}

/// Whether a host is this machine, by a name or number that cannot lead elsewhere.
fn is_local(host: &str) -> bool {
    let number = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || number.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.uri.scheme_str().unwrap_or_default();
        let host = self.uri.host().unwrap_or_default();
        match self.uri.port_u16() {
            Some(port) => write!(f, "{scheme}://{host}:{port}"),
            None => write!(f, "{scheme}://{host}"),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_unless_allowed() {
        for text in ["http://127.0.0.1:9200", "http://[::1]/x", "http://localhost/", "https://example.org"] {
            assert!(Address::read(text, false).is_ok(), "{text}");
        }
        for text in ["http://example.org", "http://localhost.example.org", "http://127.0.0.1.nip.io"] {
            assert!(Address::read(text, false).unwrap_err().contains("allow_plain_http"), "{text}");
            assert!(Address::read(text, true).is_ok(), "{text}");
        }
    }

    #[test]
    fn no_message_tells_what_may_be_secret() {
        let address = Address::read("https://example.org:8443/hook/TOKEN?key=TOKEN", false).unwrap();
        assert_eq!(address.to_string(), "https://example.org:8443");
        assert_eq!(format!("{address:?}"), "Address(https://example.org:8443)");
        for text in [
            "https://ada:TOKEN@example.org/",
            "ftp://example.org/TOKEN",
            "TOKEN",
            "https:///TOKEN",
            "https://a b/TOKEN",
        ] {
            assert!(!Address::read(text, true).unwrap_err().contains("TOKEN"), "{text}");
        }
    }

    #[test]
    fn a_path_goes_behind_that_of_the_address() {
        let address = Address::read("https://example.org/elastic/", false).unwrap();
        assert_eq!(address.join("/_bulk").unwrap().to_string(), "https://example.org/elastic/_bulk");
    }
}
