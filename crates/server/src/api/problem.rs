//! What goes wrong, as `application/problem+json` (RFC 9457).

use crate::error::PageError;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use stance_store::StoreError;

/// The media type of a problem.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// A request that came to nothing, and what to do about it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Problem {
    /// Always `about:blank`: the status tells the kind.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What was wrong, and what to do next.
    detail: String,
}

impl Problem {
    /// A problem of that status.
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
        }
    }

    /// The request cannot be understood.
    pub(crate) fn bad(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// There is no such thing, or it is not for whoever asks.
    pub(crate) fn missing(what: &str, name: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is no {what} `{name}`"))
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing { .. } => Self::new(StatusCode::NOT_FOUND, error.to_string()),
            StoreError::Bundle(_) | StoreError::Unfit(_) => Self::bad(error.to_string()),
            error => {
                tracing::error!(%error, "the store does not answer");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "the store does not answer as it should; the server's log tells more",
                )
            }
        }
    }
}

impl From<PageError> for Problem {
    fn from(error: PageError) -> Self {
        let (status, _, message) = error.told();
        Self::new(status, message)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let kind: (HeaderName, &str) = (header::CONTENT_TYPE, MEDIA_TYPE);
        (status, [kind], body).into_response()
    }
}

/// What an operation returns.
pub(crate) type Answer<T> = Result<T, Problem>;
