//! Signing in and out.

use super::layout::{asking_page, form_token};
use crate::access::{self, Caller, Entrance, Form, Identity, Session, Try, Visit, safe_target};
use crate::error::{PageError, PageResult};
use crate::query::Query;
use crate::{Access, Console};
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use stance_store::{Act, Actor, PersonId, PersonName, password_matches};
use std::sync::Arc;

/// The page on which people sign in.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(entrance): Extension<Arc<Entrance>>,
    Extension(identity): Extension<Identity>,
    Extension(visit): Extension<Visit>,
    RawQuery(query): RawQuery,
) -> PageResult<Response> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let to = safe_target(query.text("to")).to_owned();
    if entrance.access == Access::Open || matches!(identity, Identity::Session(_)) {
        return Ok(Redirect::to(&to).into_response());
    }
    if !console.look(stance_store::Store::has_administrator).await? {
        let content = html! {
            p { "Nobody can sign in yet. The server has printed a link where it was started: open it to become the first administrator." }
            p.soft { "The link works for an hour. Start the server again to get a new one." }
        };
        return Ok(asking_page("Welcome to Stance", &content).into_response());
    }
    Ok(page(&visit, &entrance, &to, "", None))
}

/// The page, with why it comes again.
fn page(visit: &Visit, entrance: &Entrance, to: &str, name: &str, why: Option<&str>) -> Response {
    let content = html! {
        @if let Some(why) = why { p.notice role="alert" { (why) } }
        form.stack method="post" action="/sign-in" {
            (form_token(&visit.form_token()))
            input type="hidden" name="to" value=(to);
            label { span { "Name" } input name="name" value=(name) autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64" required autofocus; }
            label { span { "Password" } input type="password" name="password" autocomplete="current-password" maxlength="256" required; }
            div.buttons { button type="submit" { "Sign in" } }
        }
        p.soft { "Forgotten? An administrator can make a link with which you set a new password." }
    };
    let mut response = asking_page("Sign in", &content).into_response();
    if visit.is_new {
        response.headers_mut().insert(header::SET_COOKIE, access::set(&visit.secret, entrance));
    }
    response
}

/// Takes a name and a password. The answer and the time that it takes do not tell whether there is anybody of that
/// name.
pub(crate) async fn sign_in(
    State(console): State<Console>,
    Extension(entrance): Extension<Arc<Entrance>>,
    Extension(visit): Extension<Visit>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Form(form): Form,
) -> PageResult<Response> {
    let (typed, password) = (form.text("name").to_owned(), form.text("password").to_owned());
    let to = safe_target(form.text("to")).to_owned();
    // what cannot be a name is nobody's, and is treated as such
    let name = PersonName::of(&typed).ok();
    let counted = name.as_ref().map_or("", PersonName::as_str).to_owned();
    let actor = Actor { name: counted.clone(), address: caller.0.clone() };
    let is_familiar = console.look(move |store| store.has_signed_in_from(&actor)).await?;
    let network = caller.network();
    let tried = Try { name: &counted, network: &network, is_familiar };
    if let Err(wait) = entrance.throttle.admit(&tried, console.now()) {
        let seconds = wait.num_seconds() + 1;
        let why = format!("Too many tries. Wait {seconds} seconds, then try again.");
        let mut response = page(&visit, &entrance, &to, &typed, Some(&why));
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        return Ok(response);
    }
    let found = proved(&console, &entrance, name, password).await?;
    let Some(person) = found.filter(|found| found.is_right).map(|found| found.person) else {
        let name = found.map_or_else(|| "somebody unknown".to_owned(), |_| counted.clone());
        let (actor, now) = (Actor { name, address: caller.0 }, console.now());
        // people type passwords where names belong; so only names that are there are kept
        console.look(move |store| store.log(&actor, Act::RefusedSignIn, "", now)).await?;
        let why = "Name or password is wrong.";
        let mut response = page(&visit, &entrance, &to, &typed, Some(why));
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        return Ok(response);
    };
    entrance.throttle.succeeded(&tried);
    begin(&console, &entrance, person, &caller, &headers, &to).await
}

#[derive(Clone, Copy)]
struct Found {
    person: PersonId,
    is_right: bool,
}

/// Whose name it is, and whether the password is theirs; the work is the same where there is nobody.
async fn proved(
    console: &Console,
    entrance: &Entrance,
    name: Option<PersonName>,
    password: String,
) -> PageResult<Option<Found>> {
    // passwords wait for each other, so that many tries take neither all memory nor all threads
    let _place = entrance.hashing.acquire().await.map_err(|_| PageError::Slow)?;
    let found = console
        .look(move |store| {
            let known = match &name {
                Some(name) => store.credentials(name)?,
                None => None,
            };
            let is_right = password_matches(&password, known.as_ref().map(|(_, kept)| kept))?;
            Ok(known.map(|(person, _)| Found { person, is_right }))
        })
        .await?;
    Ok(found)
}

/// Whether a password is that of somebody who is signed in.
pub(crate) async fn is_own(
    console: &Console,
    entrance: &Entrance,
    session: &Session,
    password: String,
) -> PageResult<bool> {
    let name = PersonName::of(&session.person.name).ok();
    Ok(proved(console, entrance, name, password).await?.is_some_and(|found| found.is_right))
}

/// Begins a session with a secret of its own, whatever the browser bore before.
pub(crate) async fn begin(
    console: &Console,
    entrance: &Entrance,
    person: PersonId,
    caller: &Caller,
    headers: &HeaderMap,
    to: &str,
) -> PageResult<Response> {
    let browser = headers.get(header::USER_AGENT).and_then(|text| text.to_str().ok());
    let (browser, address, now) = (browser.unwrap_or_default().to_owned(), caller.0.clone(), console.now());
    let begun = console.look(move |store| store.begin_session(person, &address, &browser, now)).await?;
    let mut response = Redirect::to(to).into_response();
    response.headers_mut().insert(header::SET_COOKIE, access::set(&begun.1, entrance));
    Ok(response)
}

/// Ends the session.
pub(crate) async fn sign_out(
    State(console): State<Console>,
    Extension(entrance): Extension<Arc<Entrance>>,
    session: Session,
) -> PageResult<Response> {
    let now = console.now();
    console
        .look(move |store| {
            store.end_session(session.person.id, session.id, Act::SignedOut, &session.actor(), now)
        })
        .await?;
    let mut response = Redirect::to("/sign-in").into_response();
    response.headers_mut().insert(header::SET_COOKIE, access::ended(&entrance));
    Ok(response)
}
