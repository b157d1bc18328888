//! One's own account: password, sessions, tokens.

use super::layout::{Part, form_token, page};
use super::settings::{chosen_accounts, chosen_level, level_choice, reach, reach_choice};
use super::sign_in::{begin, is_own};
use crate::Console;
use crate::access::{Caller, Entrance, Form, Session, Try};
use crate::error::{PageError, PageResult};
use crate::parts::time;
use crate::viewer::{Level, Viewer};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{Redirect, Response};
use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use stance_store::{Act, NewToken, PasswordHash, SessionInfo, TokenInfo};
use std::sync::Arc;

/// Days that a token may last.
const DAYS: [i64; 4] = [7, 30, 90, 365];

/// The page.
pub(crate) async fn show(
    State(console): State<Console>,
    session: Session,
    viewer: Viewer,
) -> PageResult<Markup> {
    shown(&console, &session, &viewer, None).await
}

/// The page, with a token that was just made.
async fn shown(
    console: &Console,
    session: &Session,
    viewer: &Viewer,
    new_token: Option<&str>,
) -> PageResult<Markup> {
    let (id, now) = (session.person.id, console.now());
    let (sessions, tokens) =
        console.look(move |store| Ok((store.sessions(id, now)?, store.tokens(id)?))).await?;
    let content = html! {
        header.title {
            h1 { (session.person.display_name) }
            p.soft { "You sign in as " b { (session.person.name) } ". Your level is " b { (session.person.level.as_str()) } ", for " (reach(&session.person.accounts)) "." }
        }
        @if let Some(token) = new_token {
            div.notice role="status" {
                p { b { "Your new token." } " Copy it now: it is not shown again." }
                pre.command { code { (token) } }
                p.soft { "A program sends it as the header " code { "Authorization: Bearer …" } "." }
            }
        }
        (tokens_part(&tokens, session, now))
        (sessions_part(&sessions, session, now))
        section {
            h2 { "Password" }
            p.soft { "Changing it ends all other sessions." }
            form.stack method="post" action="/account/password" {
                (form_token(&session.form_token))
                input.gone name="username" value=(session.person.name) autocomplete="username" readonly tabindex="-1" aria-hidden="true";
                label { span { "Present password" } input type="password" name="present" autocomplete="current-password" maxlength="256" required; }
                label { span { "New password, of 12 characters or more" } input type="password" name="password" autocomplete="new-password" minlength="12" maxlength="256" required; }
                label { span { "The same again" } input type="password" name="again" autocomplete="new-password" minlength="12" maxlength="256" required; }
                div.buttons { button type="submit" { "Change the password" } }
            }
        }
    };
    Ok(page(Part::Account, "My account", viewer, &content))
}

fn tokens_part(tokens: &[TokenInfo], session: &Session, now: DateTime<Utc>) -> Markup {
    html! {
        section {
            h2 { "Tokens" }
            p.soft { "For programs. A token never does more than you may." }
            @if !tokens.is_empty() {
                div.scroll { table.people {
                    thead { tr { th { "Name" } th { "Level" } th { "Accounts" } th { "Made" } th { "Used last" } th { "Ends" } th {} } }
                    tbody { @for token in tokens { tr {
                        td.name { (token.name) }
                        td { (token.level.as_str()) }
                        td { (reach(&token.accounts)) }
                        td { (time::ago(token.made_at, now)) }
                        td { @match token.used_at { Some(used) => (time::ago(used, now)), None => span.soft { "never" } } }
                        td { @if token.ends_at <= now { span.state.failed { "ended" } } @else { (time::moment(token.ends_at)) } }
                        td { (end_button(&format!("/account/tokens/{}/end", token.id.number()), &token.name, session)) }
                    } } }
                } }
            }
            details.part.act open[tokens.is_empty()] {
                summary { span { "Make a token" } }
                form.stack method="post" action="/account/tokens" {
                    (form_token(&session.form_token))
                    label { span { "What it is for" } input name="name" maxlength="100" required; }
                    (level_choice(Level::Read, session.person.level))
                    (reach_choice(&session.person.accounts))
                    label { span { "Ends after" } select name="days" { @for days in DAYS { option value=(days) selected[days == 90] { (days) " days" } } } }
                    div.buttons { button type="submit" { "Make the token" } }
                }
            }
        }
    }
}

fn sessions_part(sessions: &[SessionInfo], session: &Session, now: DateTime<Utc>) -> Markup {
    html! {
        section {
            h2 { "Sessions" }
            div.scroll { table.people {
                thead { tr { th { "Browser" } th { "Address" } th { "Signed in" } th { "Used last" } th {} } }
                tbody { @for held in sessions { tr {
                    td.name { @if held.browser.is_empty() { span.soft { "unknown" } } @else { (held.browser) } }
                    td { (held.address) }
                    td { (time::ago(held.made_at, now)) }
                    td { (time::ago(held.seen_at, now)) }
                    td {
                        @if held.id == session.id { mark { "this one" } } @else {
                            (end_button(&format!("/account/sessions/{}/end", held.id.number()), "this session", session))
                        }
                    }
                } } }
            } }
        }
    }
}

fn end_button(action: &str, what: &str, session: &Session) -> Markup {
    html! {
        form method="post" action=(action) {
            (form_token(&session.form_token))
            button.small type="submit" aria-label={ "End " (what) } { "End" }
        }
    }
}

/// Changes the password, given the present one.
pub(crate) async fn change_password(
    State(console): State<Console>,
    Extension(entrance): Extension<Arc<Entrance>>,
    Extension(caller): Extension<Caller>,
    session: Session,
    headers: HeaderMap,
    Form(form): Form,
) -> PageResult<Response> {
    if form.text("password") != form.text("again") {
        return Err(PageError::Bad("the two new passwords differ; go back and write them again".to_owned()));
    }
    let network = caller.network();
    // whoever sits at a session that is not theirs must not guess the password either
    let tried = Try { name: &session.person.name, network: &network, is_familiar: true };
    if let Err(wait) = entrance.throttle.admit(&tried, console.now()) {
        let seconds = wait.num_seconds() + 1;
        return Err(PageError::Bad(format!("too many tries; wait `{seconds}` seconds, then try again")));
    }
    if !is_own(&console, &entrance, &session, form.text("present").to_owned()).await? {
        return Err(PageError::Bad("the present password is wrong; go back and write it again".to_owned()));
    }
    entrance.throttle.succeeded(&tried);
    let (id, actor, now) = (session.person.id, session.actor(), console.now());
    {
        let _place = entrance.hashing.acquire().await.map_err(|_| PageError::Slow)?;
        let work = move |store: &stance_store::Store| {
            store.change_password(id, &PasswordHash::of(form.text("password"))?, &actor, now)
        };
        console.look(work).await?;
    }
    begin(&console, &entrance, id, &caller, &headers, "/account").await
}

/// Ends another session of one's own.
pub(crate) async fn end_session(
    State(console): State<Console>,
    session: Session,
    Path(number): Path<i64>,
) -> PageResult<Redirect> {
    let (owner, actor, now) = (session.person.id, session.actor(), console.now());
    console
        .look(move |store| store.end_session(owner, number.into(), Act::EndedSession, &actor, now))
        .await?;
    Ok(Redirect::to("/account"))
}

/// Makes a token and shows it, once.
pub(crate) async fn make_token(
    State(console): State<Console>,
    session: Session,
    viewer: Viewer,
    Form(form): Form,
) -> PageResult<Markup> {
    let now = console.now();
    let days = form.text("days").parse().ok().filter(|days| DAYS.contains(days));
    let days = days.ok_or_else(|| PageError::Bad("choose how long the token lasts".to_owned()))?;
    let new = NewToken {
        name: form.text("name").to_owned(),
        level: chosen_level(&form)?,
        accounts: chosen_accounts(&form)?,
        ends_at: now + TimeDelta::days(days),
    };
    let (owner, actor) = (session.person.id, session.actor());
    let (_, token) = console.look(move |store| store.make_token(owner, &new, &actor, now)).await?;
    shown(&console, &session, &viewer, Some(&token)).await
}

/// Ends a token of one's own.
pub(crate) async fn end_token(
    State(console): State<Console>,
    session: Session,
    Path(number): Path<i64>,
) -> PageResult<Redirect> {
    let (owner, actor, now) = (session.person.id, session.actor(), console.now());
    console.look(move |store| store.end_token(owner, number.into(), &actor, now)).await?;
    Ok(Redirect::to("/account"))
}
