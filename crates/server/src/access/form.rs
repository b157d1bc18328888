//! Forms that were sent: from a page of this server, in the same session, and not too large.

use crate::error::PageError;
use crate::query::Query;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::http::{HeaderMap, HeaderValue, Method, header, request::Parts};
use http_body_util::{BodyExt, Limited};

/// The field that proves that a form comes from a page of this session.
pub(crate) const FIELD: &str = "form_token";
/// The header that proves the same where a script asks.
const HEADER: &str = "x-form-token";
/// Bytes of a form.
const LARGEST: usize = 64 * 1024;

/// The fields of a form.
#[derive(Clone, Debug)]
pub(crate) struct Form(pub(crate) Query);

impl<S: Sync> FromRequestParts<S> for Form {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let sent = parts.extensions.get::<Self>().cloned();
        sent.ok_or_else(|| PageError::Bad("this address takes a form".to_owned()))
    }
}

/// Whether a method may change something.
pub(super) fn is_unsafe(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether a browser says that a page of elsewhere asks. Not every client says; so this is not all that is checked.
pub(super) fn is_from_elsewhere(headers: &HeaderMap, host: &str, has_tls: bool) -> bool {
    let text = |value: &HeaderValue| value.to_str().unwrap_or("?").to_ascii_lowercase();
    let site = headers.get("sec-fetch-site").map(text);
    let origin = headers.get(header::ORIGIN).map(text);
    let is_ours = |origin: &str| {
        let (secure, plain) = (origin.strip_prefix("https://"), origin.strip_prefix("http://"));
        // a proxy may have taken TLS off
        secure == Some(host) || (!has_tls && plain == Some(host))
    };
    site.is_some_and(|site| site != "same-origin") || origin.is_some_and(|origin| !is_ours(&origin))
}

/// Reads the form of a request and checks that it bears the token of its session.
pub(super) async fn checked(request: Request, token: &str) -> Result<Request, PageError> {
    let (mut parts, body) = request.into_parts();
    let forged = || {
        PageError::Forbidden(
            "the form does not come from a page of this session; go back, load the page anew, and send it again"
                .to_owned(),
        )
    };
    let is_form = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if !is_form {
        // a script's request: its header cannot be set by a page of elsewhere
        let shown = parts.headers.get(HEADER).and_then(|shown| shown.to_str().ok());
        let is_right = shown.is_some_and(|shown| is_same(shown, token));
        return if is_right { Ok(Request::from_parts(parts, body)) } else { Err(forged()) };
    }
    let bytes = match Limited::new(body, LARGEST).collect().await {
        Ok(read) => read.to_bytes(),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            return Err(PageError::TooLarge(format!("a form has at most `{LARGEST}` bytes")));
        }
        Err(_) => return Err(PageError::Bad("the form did not arrive whole".to_owned())),
    };
    let fields = Query::parse(&String::from_utf8_lossy(&bytes));
    if !fields.first(FIELD).is_some_and(|shown| is_same(shown, token)) {
        return Err(forged());
    }
    parts.extensions.insert(Form(fields));
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// Whether two texts are the same, without telling by the time taken where they differ.
fn is_same(left: &str, right: &str) -> bool {
    let differing =
        left.bytes().zip(right.bytes()).fold(0, |differing, (left, right)| differing | (left ^ right));
    left.len() == right.len() && differing == 0
}
