//! Who asks.

use super::Entrance;
use super::cookie;
use crate::error::PageError;
use crate::viewer::{Level, Viewer, Visible};
use crate::{Access, Console};
use axum::extract::{FromRequestParts, Request};
use axum::http::{HeaderMap, header, request::Parts};
use chrono::TimeDelta;
use stance_store::{Accounts, Actor, Person, Secret, SessionId, SignedIn, TokenBearer};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// How exactly it is kept when a session or a token was used last.
const EXACTNESS: TimeDelta = TimeDelta::minutes(1);

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// From which network address somebody asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller(pub(crate) String);

impl Caller {
    pub(super) fn of(request: &Request) -> Self {
        let address = request.extensions().get::<Peer>().map(|peer| peer.0.ip().to_canonical());
        Self(address.map_or_else(|| "unknown".to_owned(), |address| address.to_string()))
    }

    /// What is counted as one place: a whole network where addresses are given out by the network.
    pub(crate) fn network(&self) -> String {
        match self.0.parse() {
            Ok(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
            _ => self.0.clone(),
        }
    }
}

/// The secret that a browser bears, of a session or not, from which the secrets of forms follow.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) secret: Secret,
    /// Whether the browser does not have it yet.
    pub(crate) is_new: bool,
}

impl Visit {
    /// What each form must bear.
    pub(crate) fn form_token(&self) -> String {
        self.secret.derived("form")
    }
}

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) enum Identity {
    /// Nobody that is known.
    Nobody,
    /// Anybody, where everybody may look.
    Everybody,
    /// Somebody in their session.
    Session(Arc<SignedIn>),
    /// A program with somebody's token.
    Token(Arc<TokenBearer>),
}

/// Somebody in their session, for pages that need one.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) person: Person,
    pub(crate) id: SessionId,
    pub(crate) form_token: String,
    pub(crate) caller: Caller,
}

impl Session {
    /// As the audit log names them.
    pub(crate) fn actor(&self) -> Actor {
        Actor { name: self.person.name.clone(), address: self.caller.0.clone() }
    }
}

impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let held = &parts.extensions;
        match (held.get(), held.get::<Visit>(), held.get::<Caller>()) {
            (Some(Identity::Session(signed_in)), Some(visit), Some(caller)) => Ok(Self {
                person: signed_in.person.clone(),
                id: signed_in.session,
                form_token: visit.form_token(),
                caller: caller.clone(),
            }),
            _ => Err(PageError::Forbidden("this page is for people who are signed in".to_owned())),
        }
    }
}

/// How a request fails to say who asks.
#[derive(Debug)]
pub(super) enum Unknown {
    /// The token is none, or no longer.
    Token,
    /// The store fails.
    Store(stance_store::StoreError),
}

/// Finds out who asks. Whoever shows a token is nobody else, whatever cookie comes with it.
pub(super) async fn identify(
    console: &Console,
    entrance: &Entrance,
    headers: &HeaderMap,
) -> Result<(Identity, Visit), Unknown> {
    let now = console.now();
    let shown = cookie::shown(headers, entrance);
    let is_new = shown.is_none();
    let secret = match &shown {
        Some(secret) => secret.clone(),
        None => Secret::random().map_err(Unknown::Store)?,
    };
    let visit = Visit { secret, is_new };
    if entrance.access == Access::Open {
        return Ok((Identity::Everybody, visit));
    }
    if let Some(credentials) = headers.get(header::AUTHORIZATION) {
        let token = credentials.to_str().ok().and_then(bearer).ok_or(Unknown::Token)?.to_owned();
        let found = console.look(move |store| store.token(&token, now)).await.map_err(Unknown::Store)?;
        let bearer = found.ok_or(Unknown::Token)?;
        if bearer.used_at.is_none_or(|used| now - used >= EXACTNESS) {
            let token = bearer.token;
            console.note(move |store| store.touch_token(token, now));
        }
        return Ok((Identity::Token(Arc::new(bearer)), visit));
    }
    let Some(secret) = shown else { return Ok((Identity::Nobody, visit)) };
    let found = console.look(move |store| store.session(&secret, now)).await.map_err(Unknown::Store)?;
    let Some(signed_in) = found else { return Ok((Identity::Nobody, visit)) };
    if now - signed_in.seen_at >= EXACTNESS {
        let session = signed_in.session;
        console.note(move |store| store.touch_session(session, now));
    }
    Ok((Identity::Session(Arc::new(signed_in)), visit))
}

fn bearer(credentials: &str) -> Option<&str> {
    let (scheme, token) = credentials.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl Identity {
    /// What they may do and see; nothing where nobody is known.
    pub(super) fn viewer(&self, visit: &Visit) -> Option<Viewer> {
        match self {
            Self::Nobody => None,
            Self::Everybody => Some(Viewer {
                name: "demo".to_owned(),
                level: Level::Read,
                visible: Visible::All,
                person: None,
                form_token: None,
            }),
            Self::Session(signed_in) => Some(Viewer {
                name: signed_in.person.display_name.clone(),
                level: signed_in.person.level,
                visible: visible(&signed_in.person.accounts),
                person: Some(signed_in.person.id),
                form_token: Some(visit.form_token()),
            }),
            Self::Token(bearer) => Some(Viewer {
                name: bearer.person.display_name.clone(),
                level: bearer.level,
                visible: visible(&bearer.accounts),
                person: Some(bearer.person.id),
                form_token: None,
            }),
        }
    }
}

fn visible(accounts: &Accounts) -> Visible {
    match accounts {
        Accounts::All => Visible::All,
        Accounts::Only(accounts) => Visible::Only(Arc::new(accounts.clone())),
    }
}
