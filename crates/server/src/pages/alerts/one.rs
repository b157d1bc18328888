//! One alert: what it watches, what became of its messages, how to change, try and end it.

use super::super::layout::{Part, form_token, page};
use super::form::{Offered, chosen, form};
use super::{cause, channel, may_write, outcome, state, words};
use crate::Console;
use crate::access::{Form, Session};
use crate::alerts::{found, send_test};
use crate::error::PageResult;
use crate::pages::settings::reach;
use crate::parts::score::count;
use crate::parts::time;
use crate::viewer::Viewer;
use axum::extract::{Path, State};
use axum::response::Redirect;
use maud::{Markup, html};
use stance_store::AlertId;

/// Messages that are shown.
const SHOWN: u32 = 30;

/// The page.
pub(crate) async fn show(
    State(console): State<Console>,
    Path(number): Path<i64>,
    viewer: Viewer,
) -> PageResult<Markup> {
    let (visible, now, asker) = (viewer.visible.clone(), console.now(), console.clone());
    let (alert, words, messages, offered) = console
        .ask(move |store, facts, census| {
            let alert = found(store, &visible, number)?;
            let words = words(&alert, census, facts, &visible, now);
            let messages = store.alert_messages(alert.id, SHOWN)?;
            let offered = Offered::of(&asker, &alert.accounts);
            Ok((alert, words, messages, offered))
        })
        .await?;
    let address = format!("/alerts/{number}");
    let content = html! {
        nav.crumbs aria-label="Path" { a href="/alerts" { "Alerts" } }
        header.title { p.tags { (state(&alert)) } h1.name { (alert.chosen.name) } }
        @if alert.reach.is_none() {
            p.notice { "Nothing is sent: " b { (alert.maker_name) } ", who made it, is kept out or may no longer make alerts. Make it anew." }
        }
        dl.facts {
            dt { "Watches" } dd { (words) }
            dt { "Of" } dd { (reach(&alert.accounts)) }
            dt { "Tells by" } dd { (channel(&alert.chosen.channel)) }
            dt { "Made" } dd { (time::ago(alert.made_at, now)) " by " (alert.maker_name) }
        }
        @if let (Some(token), true) = (&viewer.form_token, may_write(&viewer)) {
            form method="post" action={ (address) "/test" } { (form_token(token)) button.small type="submit" { "Send a test message" } }
        }
        section {
            h2 { "Messages" }
            @if messages.is_empty() { p.soft { "None yet: the next run that has something to tell makes the first." } } @else {
                div.scroll { table.people {
                    thead { tr { th { "About" } th { "What became of it" } th.n { "Findings" } } }
                    tbody { @for message in &messages { tr {
                        td.name { (cause(&message.cause)) }
                        td { (outcome(message, now)) }
                        td.n { @if let Some(findings) = message.findings { (count(findings)) } }
                    } } }
                } }
            }
        }
        @if let (Some(token), true) = (&viewer.form_token, may_write(&viewer)) {
            section {
                details.part.act {
                    summary { span { "Change it" } }
                    (form(&alert.chosen, &offered, &address, token, "Save"))
                }
                details.part.act {
                    summary { span { "End it" } }
                    p.soft { "What it has still to send is not sent, and what became of its messages is forgotten." }
                    form method="post" action={ (address) "/end" } { (form_token(token)) button.small type="submit" { "End the alert" } }
                }
            }
        }
    };
    Ok(page(Part::Alerts, &alert.chosen.name, &viewer, &content))
}

/// Changes it.
pub(crate) async fn change(
    State(console): State<Console>,
    Path(number): Path<i64>,
    session: Session,
    viewer: Viewer,
    Form(form): Form,
) -> PageResult<Redirect> {
    let (actor, now, asker) = (session.actor(), console.now(), console.clone());
    console
        .look(move |store| {
            let alert = found(store, &viewer.visible, number)?;
            Ok(match chosen(&form, &asker, &alert.accounts, now) {
                Ok(chosen) => Ok(store.change_alert(alert.id, &chosen, &actor, now)?),
                Err(error) => Err(error),
            })
        })
        .await??;
    Ok(Redirect::to(&format!("/alerts/{number}")))
}

/// Sends a test message, and shows what became of it.
pub(crate) async fn test(
    State(console): State<Console>,
    Path(number): Path<i64>,
    session: Session,
    viewer: Viewer,
) -> PageResult<Redirect> {
    send_test(&console, &viewer, number, session.actor()).await?;
    Ok(Redirect::to(&format!("/alerts/{number}")))
}

/// Ends it.
pub(crate) async fn end(
    State(console): State<Console>,
    Path(number): Path<i64>,
    session: Session,
    viewer: Viewer,
) -> PageResult<Redirect> {
    let (actor, now) = (session.actor(), console.now());
    console
        .look(move |store| {
            found(store, &viewer.visible, number)?;
            store.end_alert(AlertId::from(number), &actor, now)
        })
        .await?;
    Ok(Redirect::to("/alerts"))
}
