//! What pages load, all of it from here.

use crate::access::Asker;
use crate::api::is_api;
use crate::error::PageError;
use axum::extract::Request;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};

/// For an hour; a new version of Stance may look otherwise.
const CACHED: (HeaderName, &str) = (header::CACHE_CONTROL, "public, max-age=3600");

pub(crate) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), CACHED], include_str!("../assets/style.css"))
}

pub(crate) async fn script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), CACHED], include_str!("../assets/console.js"))
}

pub(crate) async fn mark() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "image/svg+xml"), CACHED], include_str!("../assets/mark.svg"))
}

pub(crate) async fn nowhere(request: Request) -> Response {
    let message = if is_api(request.uri().path()) {
        "there is nothing at this address; `/api` tells what there is"
    } else {
        "there is no page at this address"
    };
    Asker::of(&request).refuse(PageError::NotFound(message.to_owned()))
}
