//! A client of one receiver.

use super::Address;
use super::route::Route;
use crate::answer::Answer;
use crate::pace::retry_after;
use crate::tls;
use chrono::Utc;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};
use stance_config::{Http, Secret};
use stance_model::printable;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Longer answers are cut, and then are no answers.
const LONGEST_ANSWER: usize = 64 << 20;
/// So much of an answer is told.
const TOLD: usize = 300;
/// What stands where a secret was.
const HIDDEN: &str = "(hidden)";

/// A client of one receiver.
pub(crate) struct Client {
    pool: Pool<HttpsConnector<Route>, Full<Bytes>>,
    address: Address,
    timeout: Duration,
    headers: Vec<(HeaderName, HeaderValue)>,
    secrets: Vec<String>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Response {
    pub status: StatusCode,
    pub retry_after: Option<Duration>,
    pub body: Bytes,
}

impl Client {
    /// A client of the receiver at that address.
    ///
    /// # Errors
    /// A setting is wrong, in words for people.
    pub fn new(url: &str, http: &Http) -> Result<Self, String> {
        Self::at(Address::read(url, http.allow_plain_http)?, http)
    }

    /// A client of what answers at that address.
    ///
    /// # Errors
    /// A setting is wrong, in words for people.
    pub fn at(address: Address, http: &Http) -> Result<Self, String> {
        let route = Route::to(&address, &Matcher::from_env())?;
        Self::on(address, route, http)
    }

    fn on(address: Address, route: Route, http: &Http) -> Result<Self, String> {
        let tls = tls_to(&address, http.ca_file.as_ref().map(AsRef::as_ref))?;
        let pool = Pool::builder(TokioExecutor::new()).build(HttpsConnector::from((route, Arc::new(tls))));
        let agent = HeaderValue::from_static(concat!("stance/", env!("CARGO_PKG_VERSION")));
        Ok(Self {
            pool,
            address,
            timeout: http.timeout.get(),
            headers: vec![(USER_AGENT, agent)],
            secrets: Vec::new(),
        })
    }

    /// The receiver's address.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Adds a header with a secret to every request; `before` comes before the secret.
    ///
    /// # Errors
    /// The name or the secret cannot be a header, in words for people.
    pub fn with_secret_header(self, name: &str, before: &str, secret: &Secret) -> Result<Self, String> {
        self.with_secret_text_header(name, &format!("{before}{}", secret.reveal()), secret.reveal())
    }

    /// Adds a header with a text that was made with a secret to every request.
    ///
    /// # Errors
    /// The name or the text cannot be a header, in words for people.
    pub fn with_secret_text_header(mut self, name: &str, text: &str, secret: &str) -> Result<Self, String> {
        let header: HeaderName =
            name.parse().map_err(|_| format!("`{}` is not the name of a header", printable(name)))?;
        let told = |_| format!("the secret for the header `{header}` holds characters that cannot be sent");
        let mut value = HeaderValue::from_str(text).map_err(told)?;
        value.set_sensitive(true);
        self.headers.push((header, value));
        Ok(self.with_secret(secret))
    }

    /// Never shows that text, should an answer repeat it.
    pub fn with_secret(mut self, secret: &str) -> Self {
        if !secret.is_empty() {
            self.secrets.push(secret.to_owned());
            // the longest first, should one be part of another
            self.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        }
        self
    }

    /// Never shows the path and the query of the address, nor any longer part of them.
    pub fn with_secret_address(self) -> Self {
        let uri = self.address.uri().clone();
        let whole = uri.path_and_query().map(|it| it.as_str().to_owned()).unwrap_or_default();
        let parts: Vec<String> = whole.split(['/', '?', '&', '=']).map(str::to_owned).collect();
        // a shorter part is a word that may stand anywhere
        let parts = parts.into_iter().filter(|part| part.len() >= 8);
        let whole = Some(whole.clone()).filter(|whole| whole.len() > 1);
        parts.chain(whole).fold(self, |client, part| client.with_secret(&part))
    }

    /// Sends a request to the receiver's own address.
    pub async fn post(&self, content: &'static str, body: String) -> Result<Response, Answer> {
        self.request(Method::POST, self.address.uri().clone(), content, body, &[]).await
    }

    /// Sends a request; an error is one that may be gone when it is tried again.
    pub async fn request(
        &self,
        method: Method,
        uri: Uri,
        content: &'static str,
        body: impl Into<Bytes>,
        headers: &[(&'static str, String)],
    ) -> Result<Response, Answer> {
        let mut request = Request::builder().method(method).uri(uri).header("content-type", content);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request
            .body(Full::new(body.into()))
            .map_err(|error| Answer::TurnedAway { reason: format!("no request could be made: {error}") })?;
        match tokio::time::timeout(self.timeout, self.exchange(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(reason)) => Err(Answer::later(reason)),
            Err(_) => Err(Answer::later(format!(
                "{} did not answer within {} s",
                self.address,
                self.timeout.as_secs()
            ))),
        }
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Response, String> {
        let told = |what: &str, error: &dyn Error| {
            self.conceal(&format!("{} {what}: {}", self.address, innermost(error)))
        };
        let response = self.pool.request(request).await.map_err(|error| told("cannot be reached", &error))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, LONGEST_ANSWER)
            .collect()
            .await
            .map_err(|error| told("broke off its answer", error.as_ref()))?;
        let asked = head.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        Ok(Response {
            status: head.status,
            retry_after: asked.and_then(|text| retry_after(text, Utc::now())),
            body: body.to_bytes(),
        })
    }

    /// What the status of an answer means to the batch.
    pub fn judge(&self, response: &Response) -> Answer {
        let status = response.status;
        let reason = self.reason(response);
        match status.as_u16() {
            200..=299 => Answer::Taken,
            408 | 425 | 429 | 500 | 502..=504 | 507 | 509 | 520..=599 => {
                Answer::Later { reason, after: response.retry_after, throttled: status == 429 }
            }
            400 | 413 | 422 => Answer::Unfit { reason },
            _ => Answer::TurnedAway { reason },
        }
    }

    /// An answer in words.
    pub fn reason(&self, response: &Response) -> String {
        let text = String::from_utf8_lossy(&response.body);
        let text = self.conceal(text.trim());
        let (text, more) = match text.char_indices().nth(TOLD) {
            Some((end, _)) => (text.get(..end).unwrap_or_default(), "…"),
            None => (text.as_str(), ""),
        };
        let text = printable(text);
        let between = if text.is_empty() { "" } else { ": " };
        format!("{} answered {}{between}{text}{more}", self.address, response.status)
    }

    /// The text without our secrets.
    pub fn conceal(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), HIDDEN))
    }
}

/// Who is believed to be at an address.
///
/// # Errors
/// There are no authorities, in words for people.
pub(super) fn tls_to(address: &Address, ca_file: Option<&Path>) -> Result<ClientConfig, String> {
    if address.is_secure() { tls::configuration(ca_file) } else { nobody() }
}

/// For an address without TLS: believes nobody.
fn nobody() -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be used: {error}"))?;
    Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

/// The last of the causes, which says what happened.
fn innermost(error: &dyn Error) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Double, Script, http, secret};

    #[tokio::test]
    async fn a_proxy_is_asked_for_a_tunnel_and_gets_only_its_own_password() {
        let proxy = Double::answering(200, "").await;
        let url = proxy.url("").replace("http://", "http://ada:pw@");
        let proxies = Matcher::builder().all(url).no("internal.example.org").build();
        let address = Address::read("http://receiver.example.org/hook", true).unwrap();
        let route = Route::to(&address, &proxies).unwrap();
        let client = Client::on(address, route, &http()).unwrap();
        let client = client.with_secret_header("x-api-key", "", &secret("key-never-shown")).unwrap();
        let response = client.post("application/json", "{}".to_owned()).await.unwrap();
        assert_eq!(client.judge(&response), Answer::Taken);
        let [tunnel, request] = &proxy.received()[..] else { panic!("{:?}", proxy.received()) };
        assert_eq!(tunnel.line, "CONNECT receiver.example.org:80");
        assert_eq!(tunnel.header("proxy-authorization"), Some("Basic YWRhOnB3"));
        assert_eq!(tunnel.header("x-api-key"), None);
        assert_eq!(
            (request.line.as_str(), request.header("x-api-key")),
            ("POST /hook", Some("key-never-shown"))
        );
        assert_eq!(request.header("proxy-authorization"), None);
    }

    #[tokio::test]
    async fn this_machine_and_what_is_excepted_are_reached_without_a_proxy() {
        let proxies = Matcher::builder().all("http://127.0.0.1:1").no("internal.example.org").build();
        for url in ["http://127.0.0.1:9200", "https://internal.example.org"] {
            let address = Address::read(url, false).unwrap();
            assert!(matches!(Route::to(&address, &proxies), Ok(Route::Straight(_))), "{url}");
        }
        let proxies = Matcher::builder().all("https://127.0.0.1:1").build();
        let address = Address::read("https://example.org", false).unwrap();
        assert!(Route::to(&address, &proxies).is_err());
    }

    #[tokio::test]
    async fn statuses_say_whether_to_wait_to_look_at_the_document_or_at_the_settings() {
        for (status, kind) in [
            (204, "Taken"),
            (429, "Later"),
            (500, "Later"),
            (502, "Later"),
            (504, "Later"),
            (400, "Unfit"),
            (413, "Unfit"),
            (302, "TurnedAway"),
            (401, "TurnedAway"),
            (501, "TurnedAway"),
        ] {
            let double = Double::of(vec![Script::answer(status, "")]).await;
            let client = Client::new(&double.url(""), &http()).unwrap();
            let response = client.post("text/plain", String::new()).await.unwrap();
            let answer = format!("{:?}", client.judge(&response));
            assert!(answer.starts_with(kind), "{status}: {answer}");
        }
    }
}
