//! What every request passes before a page answers it. Nothing is answered that is not let through here.

use super::doors::{Known, Needs, Stated};
use super::identity::{Caller, Identity, Unknown, identify};
use super::{Entrance, form, host};
use crate::api::{Problem, is_api};
use crate::error::PageError;
use crate::query::Query;
use crate::viewer::{Level, Viewer, Visible};
use crate::{Access, Console};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long an answer to a program may take: it may send a whole run.
const PATIENCE_WITH_PROGRAMS: Duration = Duration::from_mins(30);

/// The address at which people too wait for long: a report of a large estate is made before it is sent.
const REPORT: &str = "/reports/download";

/// What the guard knows.
#[derive(Clone)]
pub(crate) struct Guard {
    pub(crate) console: Console,
    pub(crate) entrance: Arc<Entrance>,
    pub(crate) stated: Arc<Stated>,
}

/// Lets a request through, or answers it.
pub(crate) async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let has_tls = guard.entrance.has_tls;
    let asker = Asker::of(&request);
    let mut response = match guard.admit(request, asker).await {
        Ok(request) => {
            let viewer = request.extensions().get::<Viewer>().cloned();
            let is_program = matches!(request.extensions().get(), Some(Identity::Token(_)));
            let is_slow = request.uri().path() == REPORT;
            let patience = if is_program || is_slow { PATIENCE_WITH_PROGRAMS } else { PATIENCE };
            let answer = tokio::time::timeout(patience, next.run(request)).await;
            let mut answer = answer.unwrap_or_else(|_| asker.refuse(PageError::Slow));
            // the log of requests names them
            if let Some(viewer) = viewer {
                answer.extensions_mut().insert(viewer);
            }
            answer
        }
        Err(response) => response,
    };
    if has_tls {
        let year = HeaderValue::from_static("max-age=31536000");
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    response
}

impl Guard {
    async fn admit(&self, mut request: Request, asker: Asker) -> Result<Request, Response> {
        let reading = tokio::time::Instant::now() + PATIENCE;
        let method = request.method().clone();
        let needs = match request.extensions().get::<MatchedPath>() {
            // nothing is there but the page that says so
            None => Needs::Nothing,
            Some(path) => match self.stated.of(&method, path.as_str()) {
                Known::Needs(needs) => needs,
                Known::OtherMethod => return Err(asker.refuse(PageError::Method)),
                Known::Nothing => {
                    tracing::error!(path = path.as_str(), "nothing is stated of who may use a route");
                    let message = "there is no page at this address".to_owned();
                    return Err(asker.refuse(PageError::NotFound(message)));
                }
            },
        };
        if needs == Needs::Probe {
            return Ok(request);
        }
        let host = host::asked(&request)
            .filter(|host| host::is_known(host, &self.entrance.names))
            .ok_or_else(|| asker.refuse(PageError::OtherHost))?;
        let caller = Caller::of(&request);
        request.extensions_mut().insert(caller);
        request.extensions_mut().insert(Arc::clone(&self.entrance));
        if needs == Needs::Nothing {
            return Ok(request);
        }
        let (identity, visit) = match identify(&self.console, &self.entrance, request.headers()).await {
            Ok(known) => known,
            Err(Unknown::Token) => return Err(unauthorized(asker)),
            Err(Unknown::Store(error)) => return Err(asker.refuse(PageError::Store(error))),
        };
        let viewer = identity.viewer(&visit);
        is_enough(needs, &identity, viewer.as_ref()).map_err(|refusal| match refusal {
            Refusal::Unknown => ask_who(&request, asker),
            Refusal::Forbidden(why) => asker.refuse(PageError::Forbidden(why)),
        })?;
        let extensions = request.extensions_mut();
        if let Some(viewer) = viewer {
            extensions.insert(viewer);
        }
        let is_token = matches!(identity, Identity::Token(_));
        extensions.insert(identity);
        extensions.insert(visit.clone());
        if !form::is_unsafe(&method) {
            return Ok(request);
        }
        if self.entrance.access == Access::Open {
            // a question may be too long for an address; whoever may only read changes nothing by it
            if needs == Needs::Level(Level::Read) {
                return Ok(request);
            }
            let message = "this is a demonstration in which nothing can be changed".to_owned();
            return Err(asker.refuse(PageError::Forbidden(message)));
        }
        // a browser sends no token of its own accord, so that a page of elsewhere cannot make use of it
        if is_token && !request.headers().contains_key(header::COOKIE) {
            return Ok(request);
        }
        if form::is_from_elsewhere(request.headers(), &host, self.entrance.has_tls) {
            let message = "a page of elsewhere has asked for this".to_owned();
            return Err(asker.refuse(PageError::Forbidden(message)));
        }
        if visit.is_new {
            let message = "the browser sent no cookie; allow this server to keep one, and load the page anew";
            return Err(asker.refuse(PageError::Forbidden(message.to_owned())));
        }
        let token = visit.form_token();
        let checked = form::checked(request, &token);
        let checked = tokio::time::timeout_at(reading, checked).await.unwrap_or(Err(PageError::Slow));
        checked.map_err(|error| asker.refuse(error))
    }
}

/// Why somebody is not let through.
enum Refusal {
    /// It is not known who they are.
    Unknown,
    /// They may not.
    Forbidden(String),
}

fn is_enough(needs: Needs, identity: &Identity, viewer: Option<&Viewer>) -> Result<(), Refusal> {
    let (level, is_for_sessions) = match needs {
        Needs::Probe | Needs::Nothing | Needs::Anyone => return Ok(()),
        Needs::Level(level) | Needs::Everything(level) => (level, false),
        Needs::Session(level) => (level, true),
        Needs::Administrator => (Level::Manage, true),
    };
    let viewer = viewer.ok_or(Refusal::Unknown)?;
    if is_for_sessions && !matches!(identity, Identity::Session(_)) {
        return Err(Refusal::Forbidden("this is for people who are signed in, not for tokens".to_owned()));
    }
    if viewer.level < level {
        let (own, needed) = (viewer.level.as_str(), level.as_str());
        let message = format!("this takes the level `{needed}`, and yours is `{own}`; ask an administrator");
        return Err(Refusal::Forbidden(message));
    }
    let concerns_all = matches!(needs, Needs::Administrator | Needs::Everything(_));
    if concerns_all && viewer.visible != Visible::All {
        let message =
            "this is about all accounts, and you may see some only; ask somebody who may see all".to_owned();
        return Err(Refusal::Forbidden(message));
    }
    Ok(())
}

/// In what form somebody takes an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asker {
    /// Somebody in front of a browser.
    Browser,
    /// A program.
    Program,
}

impl Asker {
    pub(crate) fn of(request: &Request) -> Self {
        let accepted = request.headers().get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok());
        let takes_pages = accepted.is_some_and(|accepted| accepted.contains("text/html"));
        if takes_pages && !is_api(request.uri().path()) { Self::Browser } else { Self::Program }
    }

    /// An error in the form that is understood.
    pub(crate) fn refuse(self, error: PageError) -> Response {
        match self {
            Self::Browser => error.into_response(),
            Self::Program => Problem::from(error).into_response(),
        }
    }
}

/// Sends people to where they sign in, and then on to what they wanted; tells programs that they must say who they are.
fn ask_who(request: &Request, asker: Asker) -> Response {
    if request.method() != Method::GET || asker == Asker::Program {
        return unauthorized(asker);
    }
    let wanted = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
    let query = if wanted == "/" { Query::default() } else { Query::default().set("to", wanted) };
    Redirect::to(&query.address("/sign-in")).into_response()
}

fn unauthorized(asker: Asker) -> Response {
    let mut response = asker.refuse(PageError::Unauthorized);
    let how = HeaderValue::from_static("Bearer realm=\"Stance\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, how);
    response
}
