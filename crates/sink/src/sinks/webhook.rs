//! A receiver of somebody's own, by signed requests.
//!
//! A request's body is `{"version": 1, "documents": [{"id": …, "document": …}, …]}`. The header
//! [`TIMESTAMP_HEADER`] holds the moment of signing in seconds since 1970, and [`SIGNATURE_HEADER`] holds
//! `v1=` and the HMAC-SHA256, in hexadecimal digits, of that text, a full stop and the body.

use super::Receive;
use crate::answer::Answer;
use crate::batch::Limits;
use crate::describe::{Describe, Plain};
use crate::document::Document;
use crate::http::Client;
use crate::run_id::hex;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use hmac::{Hmac, KeyInit, Mac};
use hyper::Method;
use sha2::Sha256;
use stance_config::{DocumentForm, Webhook};
use std::time::Duration;
use thiserror::Error;

/// The header with the moment of signing, in seconds since 1970.
pub const TIMESTAMP_HEADER: &str = "stance-timestamp";
/// The header with the signature.
pub const SIGNATURE_HEADER: &str = "stance-signature";
/// The header with the version of the body's form.
const VERSION_HEADER: &str = "stance-version";
const SCHEME: &str = "v1=";

/// The receiver.
pub(super) struct Hook {
    signed: Signed,
    form: DocumentForm,
}

/// A client whose requests are signed.
pub(crate) struct Signed {
    client: Client,
    secret: String,
}

impl Hook {
    pub fn new(settings: &Webhook) -> Result<Self, String> {
        let mut client = Client::new(settings.url.as_str(), &settings.http)?;
        for (name, secret) in &settings.headers {
            client = client.with_secret_header(name, "", secret)?;
        }
        Ok(Self { signed: Signed::of(client, settings.secret.reveal()), form: settings.form })
    }
}

impl Signed {
    /// A client that signs with that secret, and shows neither it nor the path of its address.
    pub fn of(client: Client, secret: &str) -> Self {
        Self { client: client.with_secret(secret).with_secret_address(), secret: secret.to_owned() }
    }

    /// Sends documents, once.
    pub async fn post(&self, batch: &[Document], now: DateTime<Utc>) -> Answer {
        let items: Vec<String> = batch
            .iter()
            // an id is hexadecimal digits and dashes, which need no quoting in JSON
            .map(|document| format!(r#"{{"id":"{}","document":{}}}"#, document.id, document.text()))
            .collect();
        let body = format!(r#"{{"version":1,"documents":[{}]}}"#, items.join(","));
        let timestamp = now.timestamp().to_string();
        let signature = sign(self.secret.as_bytes(), &timestamp, body.as_bytes());
        let headers =
            [(TIMESTAMP_HEADER, timestamp), (SIGNATURE_HEADER, signature), (VERSION_HEADER, "1".to_owned())];
        let uri = self.client.address().uri().clone();
        match self.client.request(Method::POST, uri, "application/json", body, &headers).await {
            Ok(response) => self.client.judge(&response),
            Err(answer) => answer,
        }
    }
}

impl Receive for Hook {
    fn limits(&self) -> Limits {
        // what a small web server takes in one body
        Limits { documents: 500, bytes: 900_000 }
    }

    fn describe(&self) -> Box<dyn Describe + '_> {
        Box::new(Plain(self.form))
    }

    fn send<'a>(&'a self, batch: &'a [Document]) -> BoxFuture<'a, Answer> {
        Box::pin(self.signed.post(batch, Utc::now()))
    }
}

fn keyed(secret: &[u8], timestamp: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac)
}

fn sign(secret: &[u8], timestamp: &str, body: &[u8]) -> String {
    // a key of any length is taken
    let code = keyed(secret, timestamp, body).map(|mac| hex(mac.finalize().into_bytes().iter()));
    format!("{SCHEME}{}", code.unwrap_or_default())
}

/// A request did not come from who knows the secret, or not now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UnverifiedRequest {
    /// The timestamp is no number.
    #[error("the timestamp is not a number of seconds")]
    Timestamp,
    /// It was signed too long ago or lies too far ahead; it may be an old one sent again.
    #[error("the request was not signed just now")]
    NotNow,
    /// The signature is not that of the body.
    #[error("the signature does not fit")]
    Signature,
}

/// Checks a request as a receiver should: that it was signed with the secret, and at most `tolerance` before
/// or after `now`. The signature is compared in constant time.
///
/// # Errors
/// Why the request is not to be believed.
pub fn verify(
    secret: &[u8],
    timestamp: &str,
    signature: &str,
    body: &[u8],
    now: DateTime<Utc>,
    tolerance: Duration,
) -> Result<(), UnverifiedRequest> {
    let seconds: i64 = timestamp.parse().map_err(|_| UnverifiedRequest::Timestamp)?;
    let code = signature.strip_prefix(SCHEME).and_then(unhex).ok_or(UnverifiedRequest::Signature)?;
    let mac = keyed(secret, timestamp, body).ok_or(UnverifiedRequest::Signature)?;
    mac.verify_slice(&code).map_err(|_| UnverifiedRequest::Signature)?;
    let apart = now.timestamp().abs_diff(seconds);
    if apart > tolerance.as_secs() { Err(UnverifiedRequest::NotNow) } else { Ok(()) }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits?;
    let pairs = digits.chunks_exact(2);
    let whole = pairs.remainder().is_empty();
    let bytes = pairs.filter_map(|pair| Some(pair.first()? << 4 | pair.last()?)).collect();
    whole.then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Double, http, secret};
    use proptest::prelude::*;

    const SECRET: &str = "whsec-never-shown";

    #[tokio::test]
    async fn a_receiver_can_verify_what_it_got() {
        let double = Double::answering(200, "").await;
        let hook = Hook::new(&Webhook {
            url: double.url("/hook?token=t").parse().unwrap(),
            secret: secret(SECRET),
            form: DocumentForm::Stance,
            headers: [("x-api-key".to_owned(), secret("key"))].into(),
            http: http(),
        })
        .unwrap();
        let batch = [Document::new("f-r".into(), &serde_json::json!({ "a": 1 })).unwrap()];
        assert_eq!(hook.send(&batch).await, Answer::Taken);
        let request = &double.received()[0];
        assert_eq!(request.line, "POST /hook?token=t");
        assert_eq!(request.body, r#"{"version":1,"documents":[{"id":"f-r","document":{"a":1}}]}"#);
        assert_eq!(request.header("x-api-key"), Some("key"));
        let (time, code) =
            (request.header(TIMESTAMP_HEADER).unwrap(), request.header(SIGNATURE_HEADER).unwrap());
        let check = |secret: &str, body: &str, now: DateTime<Utc>| {
            verify(secret.as_bytes(), time, code, body.as_bytes(), now, Duration::from_mins(5))
        };
        let now = Utc::now();
        assert_eq!(check(SECRET, &request.body, now), Ok(()));
        assert_eq!(check("other", &request.body, now), Err(UnverifiedRequest::Signature));
        assert_eq!(check(SECRET, "{}", now), Err(UnverifiedRequest::Signature));
        let later = now + chrono::TimeDelta::minutes(6);
        assert_eq!(check(SECRET, &request.body, later), Err(UnverifiedRequest::NotNow));
    }

    #[test]
    fn the_signature_is_that_of_the_documentation() {
        // as `printf '%s' '1700000000.{}' | openssl dgst -sha256 -hmac secret` prints it
        assert_eq!(
            sign(b"secret", "1700000000", b"{}"),
            "v1=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163"
        );
    }

    proptest! {
        #[test]
        fn no_other_text_verifies(signature in any::<String>(), timestamp in any::<String>()) {
            let now = DateTime::UNIX_EPOCH;
            let verified = verify(b"k", &timestamp, &signature, b"body", now, Duration::MAX);
            prop_assert!(verified.is_err());
        }
    }
}
