//! Where a one-time link leads: name and password are set. Looking at the page does not use the link, since programs
//! that check mail look at links too.

use super::layout::{asking_page, form_token};
use super::sign_in::begin;
use crate::Console;
use crate::access::{self, Caller, Entrance, Form, Visit};
use crate::error::{PageError, PageResult};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::html;
use stance_store::{LinkFor, PasswordHash, PersonName, Secret, StoreError};
use std::sync::Arc;

/// Whom the page greets.
enum Greeted {
    /// Somebody who becomes an administrator.
    Administrator,
    /// Somebody who is there already: name, and what they are called.
    Person(String, String),
}

async fn greeted(console: &Console, link: &Secret) -> PageResult<Greeted> {
    let (link, now) = (link.clone(), console.now());
    let found = console.look(move |store| match store.link(&link, now)? {
        None => Err(StoreError::LinkEnded),
        Some(LinkFor::Administrator) => Ok(Greeted::Administrator),
        Some(LinkFor::Person(id)) => {
            let person = store.person(id)?;
            Ok(Greeted::Person(person.name, person.display_name))
        }
    });
    Ok(found.await?)
}

fn shown(link: &str) -> PageResult<Secret> {
    Secret::shown(link).ok_or_else(|| PageError::from(StoreError::LinkEnded))
}

/// The page with the form.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(entrance): Extension<Arc<Entrance>>,
    Extension(visit): Extension<Visit>,
    Path(link): Path<String>,
) -> PageResult<Response> {
    let link = shown(&link)?;
    let greeted = greeted(&console, &link).await?;
    Ok(page(&visit, &entrance, &link, &greeted, None))
}

fn page(visit: &Visit, entrance: &Entrance, link: &Secret, greeted: &Greeted, why: Option<&str>) -> Response {
    let title = match greeted {
        Greeted::Administrator => "Become an administrator",
        Greeted::Person(..) => "Set your password",
    };
    let content = html! {
        @if let Some(why) = why { p.notice role="alert" { (why) } }
        form.stack method="post" action={ "/welcome/" (link.reveal()) } {
            (form_token(&visit.form_token()))
            @match greeted {
                Greeted::Administrator => {
                    label { span { "Name to sign in with" } input name="name" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64" required autofocus; }
                },
                Greeted::Person(name, called) => {
                    p { "You sign in as " b { (name) } "." }
                    // so that the browser keeps the password with the name
                    input.gone name="username" value=(name) autocomplete="username" readonly tabindex="-1" aria-hidden="true";
                    label { span { "What you are called" } input name="called" value=(called) autocomplete="name" maxlength="100" required; }
                },
            }
            label { span { "Password, of 12 characters or more" } input type="password" name="password" autocomplete="new-password" minlength="12" maxlength="256" required; }
            label { span { "The same again" } input type="password" name="again" autocomplete="new-password" minlength="12" maxlength="256" required; }
            div.buttons { button type="submit" { "Set and sign in" } }
        }
    };
    let mut response = asking_page(title, &content).into_response();
    if visit.is_new {
        response.headers_mut().insert(header::SET_COOKIE, access::set(&visit.secret, entrance));
    }
    if why.is_some() {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    response
}

/// Sets name and password, and signs in.
pub(crate) async fn set_password(
    State(console): State<Console>,
    Extension(entrance): Extension<Arc<Entrance>>,
    Extension(visit): Extension<Visit>,
    Extension(caller): Extension<Caller>,
    Path(link): Path<String>,
    headers: HeaderMap,
    Form(form): Form,
) -> PageResult<Response> {
    let link = shown(&link)?;
    // whoever has no link does not make the server hash
    let greeted = greeted(&console, &link).await?;
    if form.text("password") != form.text("again") {
        return Ok(page(&visit, &entrance, &link, &greeted, Some("The two passwords differ.")));
    }
    let _place = entrance.hashing.acquire().await.map_err(|_| PageError::Slow)?;
    let (used, address, now) = (link.clone(), caller.0.clone(), console.now());
    let is_administrator = matches!(greeted, Greeted::Administrator);
    let set = console
        .look(move |store| {
            if is_administrator {
                let name = PersonName::of(form.text("name"))?;
                let hash = PasswordHash::of(form.text("password"))?;
                store.use_administrator_link(&used, &name, &hash, &address, now)
            } else {
                let hash = PasswordHash::of(form.text("password"))?;
                Ok(store.use_link(&used, form.text("called"), &hash, &address, now)?.id)
            }
        })
        .await;
    match set {
        Ok(person) => begin(&console, &entrance, person, &caller, &headers, "/").await,
        Err(StoreError::Unfit(why)) => Ok(page(&visit, &entrance, &link, &greeted, Some(&why))),
        Err(error) => Err(error.into()),
    }
}
