//! Making an alert.

use super::super::layout::{Part, page};
use super::form::{Offered, chosen, form};
use crate::Console;
use crate::access::{Form, Session};
use crate::alerts::{filter_words, kept_filter};
use crate::error::{PageError, PageResult};
use crate::query::Query;
use crate::viewer::Viewer;
use axum::extract::{RawQuery, State};
use axum::response::Redirect;
use maud::{Markup, html};
use stance_store::{AlertChange, Channel, SecretPlace, Watches};

/// The form, begun with the filter that the address tells.
pub(crate) async fn show(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    session: Session,
    viewer: Viewer,
) -> PageResult<Markup> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let now = console.now();
    let filter = kept_filter(query.text("filter"), now).map_err(PageError::Bad)?;
    let (asker, accounts, visible, asked) =
        (console.clone(), session.person.accounts.clone(), viewer.visible.clone(), filter.clone());
    let (offered, words) = console
        .ask(move |_, facts, census| {
            Ok((Offered::of(&asker, &accounts), filter_words(&asked, census, facts, &visible, now)))
        })
        .await?;
    let name = words.iter().map(|(_, values)| values.as_str()).collect::<Vec<_>>().join(", ");
    let begun = AlertChange {
        name: name.chars().filter(|letter| !letter.is_control()).take(100).collect(),
        watches: Watches::Findings,
        filter,
        channel: Channel::Slack { address: SecretPlace::Env(String::new()) },
        active: true,
    };
    let content = html! {
        nav.crumbs aria-label="Path" { a href="/alerts" { "Alerts" } }
        header.title {
            h1 { "Make an alert" }
            p.soft { "It tells of what comes from now on, of the accounts that you may see and no others, as long as you may make alerts." }
        }
        @if !words.is_empty() { ul.chips { @for (title, values) in &words { li { (title) ": " b { (values) } } } } }
        (form(&begun, &offered, "/alerts", &session.form_token, "Make the alert"))
    };
    Ok(page(Part::Alerts, "Make an alert", &viewer, &content))
}

/// Makes it.
pub(crate) async fn make(
    State(console): State<Console>,
    session: Session,
    Form(form): Form,
) -> PageResult<Redirect> {
    let (actor, now, asker) = (session.actor(), console.now(), console.clone());
    let (maker, accounts) = (session.person.id, session.person.accounts.clone());
    let made = console
        .look(move |store| {
            Ok(match chosen(&form, &asker, &accounts, now) {
                Ok(chosen) => Ok(store.make_alert(&chosen, maker, &accounts, &actor, now)?),
                Err(error) => Err(error),
            })
        })
        .await??;
    Ok(Redirect::to(&format!("/alerts/{}", made.number())))
}
