//! By which name the server is called. A page of elsewhere can have its own name point here (DNS rebinding); what it
//! asks then bears that name.

use axum::extract::Request;
use axum::http::header;

/// The host that a request asks for, with its port; nothing where there is none, several, or two that differ.
pub(super) fn asked(request: &Request) -> Option<String> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = hosts.next()?.to_str().ok()?.to_ascii_lowercase();
    let differs =
        request.uri().authority().is_some_and(|authority| !authority.as_str().eq_ignore_ascii_case(&host));
    (hosts.next().is_none() && !differs).then_some(host)
}

/// Whether a host is one of the names, whatever its port.
pub(super) fn is_known(host: &str, names: &[String]) -> bool {
    let name = match host.rsplit_once(':') {
        // the colons of an address in brackets are not about a port
        Some((name, port)) if !port.contains(']') => {
            if port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
                return false;
            }
            name
        }
        _ => host,
    };
    names.iter().any(|known| known == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_names_are_answered_on_any_port() {
        let names = ["localhost", "[::1]", "stance.example.com"].map(str::to_owned);
        for host in ["localhost", "localhost:8080", "[::1]", "[::1]:1", "stance.example.com:443"] {
            assert!(is_known(host, &names), "{host}");
        }
        for host in [
            "",
            ":80",
            "evil.example",
            "localhost.evil.example",
            "localhost:80@evil.example",
            "localhost:",
            "localhost:8o",
            "evil.example:localhost",
            "::1",
            "xlocalhost",
            "stance.example.com.",
        ] {
            assert!(!is_known(host, &names), "{host}");
        }
    }
}
