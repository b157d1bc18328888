//! One person: what they may do and see, whether they are kept out, a new link.

use super::users::state;
use super::{
    Place, chosen_accounts, chosen_level, level_choice, link_address, link_notice, reach_choice, top,
};
use crate::Console;
use crate::access::{Entrance, Form, Session};
use crate::error::PageResult;
use crate::pages::layout::{Part, form_token, page};
use crate::parts::time;
use crate::viewer::{Level, Viewer};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Redirect;
use maud::{Markup, html};
use stance_store::PersonChange;
use std::sync::Arc;

/// The page.
pub(crate) async fn show(
    State(console): State<Console>,
    Path(number): Path<i64>,
    session: Session,
    viewer: Viewer,
) -> PageResult<Markup> {
    shown(&console, number, &session, &viewer, None).await
}

/// The page, with a link that was just made.
async fn shown(
    console: &Console,
    number: i64,
    session: &Session,
    viewer: &Viewer,
    notice: Option<&Markup>,
) -> PageResult<Markup> {
    let person = console.look(move |store| store.person(number.into())).await?;
    let now = console.now();
    let address = format!("/settings/users/{number}");
    let content = html! {
        (top(Place::Users))
        nav.crumbs aria-label="Path" { a href="/settings/users" { "Users" } " › " span { (person.name) } }
        @if let Some(notice) = notice { (notice) }
        section {
            h2.name { (person.display_name) }
            dl.facts {
                dt { "Signs in as" } dd { (person.name) }
                dt { "State" } dd { (state(&person)) }
                dt { "Invited" } dd { (time::ago(person.made_at, now)) }
                dt { "Signed in" } dd { @match person.signed_in_at { Some(at) => (time::ago(at, now)), None => span.soft { "never" } } }
            }
            form.stack method="post" action=(address) {
                (form_token(&session.form_token))
                (level_choice(person.level, Level::Manage))
                (reach_choice(&person.accounts))
                label { span { "May sign in" } select name="state" {
                    option value="in" selected[!person.disabled] { "yes" }
                    option value="out" selected[person.disabled] { "no: all sessions end, and tokens do not work" }
                } }
                div.buttons { button type="submit" { "Save" } }
            }
        }
        @if !person.disabled {
            section {
                h2 { "Password" }
                p.soft { "A new link lets them set a password. Earlier links end; the present password works until it is set anew." }
                form method="post" action={ (address) "/link" } {
                    (form_token(&session.form_token))
                    button.small type="submit" { "Make a new link" }
                }
            }
        }
    };
    Ok(page(Part::Settings, &person.name, viewer, &content))
}

/// Changes level, accounts and whether they may sign in.
pub(crate) async fn change(
    State(console): State<Console>,
    Path(number): Path<i64>,
    session: Session,
    Form(form): Form,
) -> PageResult<Redirect> {
    // anything but the word for it keeps them out
    let disabled = form.text("state") != "in";
    let change = PersonChange { level: chosen_level(&form)?, accounts: chosen_accounts(&form)?, disabled };
    let (actor, now) = (session.actor(), console.now());
    console.look(move |store| store.change_person(number.into(), &change, &actor, now)).await?;
    Ok(Redirect::to("/settings/users"))
}

/// Makes a new link and shows it, once.
pub(crate) async fn new_link(
    State(console): State<Console>,
    Extension(entrance): Extension<Arc<Entrance>>,
    Path(number): Path<i64>,
    session: Session,
    viewer: Viewer,
    headers: HeaderMap,
) -> PageResult<Markup> {
    let (actor, now) = (session.actor(), console.now());
    let (person, link) = console
        .look(move |store| {
            let link = store.new_link(number.into(), &actor, now)?;
            Ok((store.person(number.into())?, link))
        })
        .await?;
    let notice = link_notice(&person.name, &link_address(&link, &entrance, &headers));
    shown(&console, number, &session, &viewer, Some(&notice)).await
}
