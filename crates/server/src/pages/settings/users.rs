//! Everybody who may sign in, and how to invite somebody.

use super::{
    Place, chosen_accounts, chosen_level, level_choice, link_address, link_notice, reach, reach_choice, top,
};
use crate::Console;
use crate::access::{Entrance, Form, Session};
use crate::error::PageResult;
use crate::pages::layout::{Part, form_token, page};
use crate::parts::time;
use crate::viewer::{Level, Viewer};
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use stance_store::{Accounts, Person, PersonName};
use std::sync::Arc;

/// The list.
pub(crate) async fn show(
    State(console): State<Console>,
    session: Session,
    viewer: Viewer,
) -> PageResult<Markup> {
    shown(&console, &session, &viewer, None).await
}

/// The list, with the link of somebody who was just invited.
async fn shown(
    console: &Console,
    session: &Session,
    viewer: &Viewer,
    notice: Option<&Markup>,
) -> PageResult<Markup> {
    let people = console.look(stance_store::Store::people).await?;
    let now = console.now();
    let content = html! {
        (top(Place::Users))
        @if let Some(notice) = notice { (notice) }
        div.scroll { table.people {
            thead { tr { th { "Name" } th { "Called" } th { "Level" } th { "Accounts" } th { "Signed in" } th { "State" } } }
            tbody { @for person in &people { (line(person, session, now)) } }
        } }
        section {
            details.part.act {
                summary { span { "Invite somebody" } }
                form.stack method="post" action="/settings/users" {
                    (form_token(&session.form_token))
                    label { span { "Name to sign in with, such as a mail address" } input name="name" autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="64" required; }
                    (level_choice(Level::Read, Level::Manage))
                    (reach_choice(&Accounts::All))
                    div.buttons { button type="submit" { "Invite" } }
                }
            }
        }
    };
    Ok(page(Part::Settings, "Users", viewer, &content))
}

fn line(person: &Person, session: &Session, now: DateTime<Utc>) -> Markup {
    let href = format!("/settings/users/{}", person.id.number());
    html! {
        tr data-href=(href) {
            td.name { a href=(href) { (person.name) } @if person.id == session.person.id { " " mark { "you" } } }
            td.name { (person.display_name) }
            td { (person.level.as_str()) }
            td { (reach(&person.accounts)) }
            td { @match person.signed_in_at { Some(at) => (time::ago(at, now)), None => span.soft { "never" } } }
            td { (state(person)) }
        }
    }
}

/// Whether somebody can sign in.
pub(super) fn state(person: &Person) -> Markup {
    let (class, word) = match (person.disabled, person.has_password) {
        (true, _) => ("failed", "kept out"),
        (false, true) => ("passed", "can sign in"),
        (false, false) => ("unknown", "invited"),
    };
    html! { span class={ "state " (class) } { (word) } }
}

/// Invites somebody, and shows their link.
pub(crate) async fn invite(
    State(console): State<Console>,
    Extension(entrance): Extension<Arc<Entrance>>,
    session: Session,
    viewer: Viewer,
    headers: HeaderMap,
    Form(form): Form,
) -> PageResult<Markup> {
    let name = PersonName::of(form.text("name"))?;
    let (level, accounts) = (chosen_level(&form)?, chosen_accounts(&form)?);
    let (actor, now, invited) = (session.actor(), console.now(), name.clone());
    let (_, link) = console.look(move |store| store.invite(&invited, level, &accounts, &actor, now)).await?;
    let notice = link_notice(name.as_str(), &link_address(&link, &entrance, &headers));
    shown(&console, &session, &viewer, Some(&notice)).await
}
