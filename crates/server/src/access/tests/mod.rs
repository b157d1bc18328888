//! What must not be possible. Each test is a world of its own: a store with two accounts, and people of every kind.

// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod accounts;
mod acting;
mod agents;
mod alerts;
#[allow(dead_code)]
#[path = "../../../../sink/src/testing/double.rs"]
mod double;
#[allow(dead_code, missing_docs, unreachable_pub)]
#[path = "../../../../store/tests/it/estate.rs"]
pub(crate) mod estate;
mod forms;
mod integrations;
mod levels;
mod signing_in;
mod words;

use super::Entrance;
use crate::router::guarded;
use crate::{Access, AlertOptions, Console};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Builder;
use axum::http::{Method, StatusCode, header};
use chrono::{DateTime, TimeDelta, Utc};
use estate::{ACCOUNT, Estate, Fail, Pass, day, take};
use http_body_util::BodyExt;
use stance_catalog::Catalog;
use stance_store::{
    Accounts, Actor, Address, Level, NewToken, PasswordHash, PersonId, PersonName, Secret, Store,
};
use std::cell::Cell;
use std::sync::OnceLock;
use tower::ServiceExt;

/// An account that limited people may not see, with a name of its own.
pub(crate) const OTHER: &str = "222222222222";
pub(crate) const PASSWORD: &str = "correct horse battery";

thread_local! {
    static LATER: Cell<TimeDelta> = const { Cell::new(TimeDelta::zero()) };
}

/// The time of a test; each test has a thread of its own.
fn clock() -> DateTime<Utc> {
    day(2) + LATER.get()
}

pub(crate) fn wait(time: TimeDelta) {
    LATER.set(LATER.get() + time);
}

pub(crate) struct World {
    pub(crate) router: Router,
    pub(crate) store: Store,
    pub(crate) console: Console,
    folder: tempfile::TempDir,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |to| to.to_str().unwrap())
    }

    /// The secret of a cookie that was set.
    pub(crate) fn cookie(&self) -> Option<Secret> {
        let set = self.headers.get(header::SET_COOKIE)?.to_str().unwrap();
        Secret::shown(set.split(['=', ';']).nth(1).unwrap())
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(crate::router::doors(), Entrance::of(Access::People))
    }

    /// A server that scans, by whoever pretends to.
    pub(crate) fn scanning(scanner: std::sync::Arc<dyn crate::Scanner>) -> Self {
        let world = Self::new();
        let store = Store::open(&Address::File(world.folder.path().join("stance.db"))).unwrap();
        let console = Console::scanning(store, catalog(), clock, scanner);
        let router = guarded(crate::router::doors(), console.clone(), Entrance::of(Access::People));
        Self { router, console, ..world }
    }

    pub(crate) fn with(doors: super::Doors, entrance: Entrance) -> Self {
        Self::alerting(doors, entrance, AlertOptions::default())
    }

    /// A world whose alerts go somewhere.
    pub(crate) fn alerting(doors: super::Doors, entrance: Entrance, alerts: AlertOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = Address::File(folder.path().join("stance.db"));
        let store = Store::open(&address).unwrap();
        let mine =
            Estate::of(&[("logs", [Fail, Pass])]).tagged("logs", "<script>alert('tag')</script>", "'\"><u>");
        let theirs = Estate::of(&[("treasure", [Fail, Fail]), ("treasure-2", [Fail, Fail])]);
        take(&store, 0, &[mine.clone(), theirs.clone().in_scope(OTHER, "zanzibar")]);
        take(&store, 1, &[theirs.in_scope(OTHER, "zanzibar")]);
        let console = Console::new(Store::open(&address).unwrap(), catalog(), clock).with_alerts(alerts);
        Self { router: guarded(doors, console.clone(), entrance), store, console, folder }
    }

    pub(crate) async fn ask(&self, request: Request) -> Answer {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// Somebody with a password, made past the pages.
    pub(crate) fn person(&self, name: &str, level: Level, accounts: &Accounts) -> PersonId {
        let name = PersonName::of(name).unwrap();
        let (id, link) = self.store.invite(&name, level, accounts, &root(), clock()).unwrap();
        self.store.use_link(&link, name.as_str(), &hash(), "::1", clock()).unwrap();
        id
    }

    /// An administrator.
    pub(crate) fn root(&self) -> PersonId {
        self.person("root", Level::Manage, &Accounts::All)
    }

    pub(crate) fn session(&self, id: PersonId) -> Secret {
        self.store.begin_session(id, "::1", "test", clock()).unwrap().1
    }

    pub(crate) fn token(&self, owner: PersonId) -> String {
        let owned = self.store.person(owner).unwrap();
        let new = NewToken {
            name: "ci".to_owned(),
            level: owned.level,
            accounts: owned.accounts,
            ends_at: clock() + TimeDelta::days(30),
        };
        self.store.make_token(owner, &new, &root(), clock()).unwrap().1
    }
}

fn root() -> Actor {
    Actor { name: "root".to_owned(), address: "::1".to_owned() }
}

/// One hash for everybody; hashing takes time.
fn hash() -> PasswordHash {
    static HASH: OnceLock<PasswordHash> = OnceLock::new();
    HASH.get_or_init(|| PasswordHash::of(PASSWORD).unwrap()).clone()
}

fn catalog() -> Catalog {
    Catalog::built_in().unwrap()
}

pub(crate) fn only_mine() -> Accounts {
    Accounts::Only([ACCOUNT.into()].into())
}

/// What browsers say that they take.
const PAGES: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

/// A request to the server's own name.
pub(crate) fn to(method: &Method, path: &str) -> Builder {
    Request::builder().method(method).uri(path).header(header::HOST, "localhost:8080")
}

/// A page as a browser asks for it.
pub(crate) fn page(path: &str) -> Builder {
    to(&Method::GET, path).header(header::ACCEPT, PAGES)
}

pub(crate) fn get(path: &str, session: Option<&Secret>) -> Request {
    let request = page(path);
    let request = match session {
        Some(secret) => request.header(header::COOKIE, format!("stance={}", secret.reveal())),
        None => request,
    };
    request.body(Body::empty()).unwrap()
}

/// A form as a browser sends it from a page of ours.
pub(crate) fn form(path: &str, session: &Secret, fields: &[(&str, &str)]) -> Request {
    let token = session.derived("form");
    let mut query = crate::query::Query::default().with("form_token", token);
    for (name, value) in fields {
        query = query.with(name, *value);
    }
    let body = query.address("").trim_start_matches('?').to_owned();
    to(&Method::POST, path)
        .header(header::COOKIE, format!("stance={}", session.reveal()))
        .header(header::ACCEPT, PAGES)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ORIGIN, "http://localhost:8080")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(body))
        .unwrap()
}

pub(crate) fn bearing(method: &Method, path: &str, token: &str) -> Request {
    to(method, path).header(header::AUTHORIZATION, format!("Bearer {token}")).body(Body::empty()).unwrap()
}
