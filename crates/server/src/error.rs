//! What goes wrong, as pages and as errors of the server.

use crate::pages::layout::plain_page;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use stance_store::StoreError;
use thiserror::Error;

/// The server cannot run.
#[derive(Debug, Error)]
pub enum ServeError {
    /// Nobody can connect.
    #[error("cannot listen on `{address}`: {source}")]
    Listen {
        /// Where.
        address: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A page cannot be shown.
#[derive(Debug)]
pub(crate) enum PageError {
    /// There is no such thing, or it is not for whoever asks.
    NotFound(String),
    /// The request cannot be understood.
    Bad(String),
    /// The store fails.
    Store(StoreError),
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing { .. } => Self::NotFound(error.to_string()),
            error => Self::Store(error),
        }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let (status, title, message) = match self {
            Self::NotFound(message) => (StatusCode::NOT_FOUND, "Not found", message),
            Self::Bad(message) => (StatusCode::BAD_REQUEST, "Not understood", message),
            Self::Store(error) => {
                tracing::error!(%error, "a page cannot be shown");
                let message =
                    "the store does not answer as it should; the server's log tells more".to_owned();
                (StatusCode::INTERNAL_SERVER_ERROR, "Something is wrong", message)
            }
        };
        (status, plain_page(title, &message)).into_response()
    }
}

/// What a page's work returns.
pub(crate) type PageResult<T> = Result<T, PageError>;
