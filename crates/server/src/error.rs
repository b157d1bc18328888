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
    /// The server would be reached from elsewhere without TLS.
    #[error(
        "`{address}` can be reached from elsewhere, and passwords would travel in the clear; give a certificate and its key, or say that something in front of it does TLS"
    )]
    Plain {
        /// Where it would listen.
        address: String,
    },
    /// Everybody could look from elsewhere.
    #[error(
        "`{address}` can be reached from elsewhere, and this demonstration asks nobody who they are; listen on `127.0.0.1`"
    )]
    Open {
        /// Where it would listen.
        address: String,
    },
    /// A name by which the server is to be reached is none.
    #[error(
        "`{name}` is not the name of a host; give one without scheme, port or path, such as `stance.example.com`"
    )]
    Name {
        /// As it was given.
        name: String,
    },
    /// A variable of the environment cannot be understood.
    #[error("`{name}` of the environment cannot be used: {message}")]
    Variable {
        /// Its name.
        name: String,
        /// Why not.
        message: String,
    },
    /// The certificate or its key cannot be used.
    #[error("`{path}` cannot be used for TLS: {message}")]
    Tls {
        /// Which file.
        path: String,
        /// Why not.
        message: String,
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
    /// What is there does not allow it now.
    Conflict(String),
    /// The address is asked in a way that it does not take.
    Method,
    /// Whoever asks has to say who they are.
    Unauthorized,
    /// Whoever asks may not.
    Forbidden(String),
    /// The server is called by a name that is not its own.
    OtherHost,
    /// Too much was sent.
    TooLarge(String),
    /// It took too long.
    Slow,
    /// The store fails.
    Store(StoreError),
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing { .. } => Self::NotFound(error.to_string()),
            StoreError::Unfit(_) | StoreError::LastAdministrator { .. } | StoreError::LinkEnded => {
                Self::Bad(error.to_string())
            }
            error => Self::Store(error),
        }
    }
}

impl PageError {
    /// The status, its name in plain words, and what was wrong.
    pub(crate) fn told(self) -> (StatusCode, &'static str, String) {
        match self {
            Self::NotFound(message) => (StatusCode::NOT_FOUND, "Not found", message),
            Self::Bad(message) => (StatusCode::BAD_REQUEST, "That cannot be done", message),
            Self::Conflict(message) => (StatusCode::CONFLICT, "Not now", message),
            Self::Method => {
                let message = "this address does not take that method; `/api` tells which it takes";
                (StatusCode::METHOD_NOT_ALLOWED, "Not in this way", message.to_owned())
            }
            Self::Unauthorized => {
                let message = "sign in, or send a token that has not ended".to_owned();
                (StatusCode::UNAUTHORIZED, "Who is it?", message)
            }
            Self::Forbidden(message) => (StatusCode::FORBIDDEN, "Not allowed", message),
            Self::OtherHost => {
                let message = "this server is not called so; use one of its own names, or add this one when it is started";
                (StatusCode::MISDIRECTED_REQUEST, "Another name", message.to_owned())
            }
            Self::TooLarge(message) => (StatusCode::PAYLOAD_TOO_LARGE, "Too large", message),
            Self::Slow => {
                let message = "it took too long; ask for less, or try again later".to_owned();
                (StatusCode::SERVICE_UNAVAILABLE, "Too slow", message)
            }
            Self::Store(error) => {
                tracing::error!(%error, "a page cannot be shown");
                let message =
                    "the store does not answer as it should; the server's log tells more".to_owned();
                (StatusCode::INTERNAL_SERVER_ERROR, "Something is wrong", message)
            }
        }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let (status, title, message) = self.told();
        (status, plain_page(title, &message)).into_response()
    }
}

/// What a page's work returns.
pub(crate) type PageResult<T> = Result<T, PageError>;
