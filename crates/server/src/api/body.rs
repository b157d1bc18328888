//! Bodies in JSON.

use super::problem::{Answer, Problem};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What a body of at most so many bytes says; nothing where there is none.
pub(crate) async fn json(headers: &HeaderMap, body: Body, longest: usize) -> Answer<Option<Value>> {
    let body = to_bytes(body, longest).await.map_err(|_| {
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, format!("send a request of {longest} bytes at most"))
    })?;
    if body.is_empty() {
        return Ok(None);
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        let detail = "send JSON, with the header `Content-Type: application/json`";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    serde_json::from_slice(&body).map(Some).map_err(|error| wrong(&error.to_string()))
}

/// Bytes of a body that says what is to be done.
const LONGEST: usize = 64 * 1024;

/// What a body says that must be there.
pub(crate) async fn read<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Answer<T> {
    let sent = json(headers, body, LONGEST).await?;
    let sent = sent.ok_or_else(|| wrong("it is empty; `/api` tells what is to be sent"))?;
    serde_json::from_value(sent).map_err(|error| wrong(&error.to_string()))
}

/// A body that is JSON, but says something else than it should.
pub(crate) fn wrong(message: &str) -> Problem {
    Problem::bad(format!("the request is not as it should be: {message}"))
}
