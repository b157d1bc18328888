//! Exceptions: what is accepted, why, by whom, until when; and how to make one.

mod fields;
pub(crate) mod one;

use super::layout::{Part, empty, form_token, page};
use crate::Console;
use crate::access::{Form, Writer};
use crate::error::PageResult;
use crate::facts::named_rules;
use crate::parts::score::{count, counted};
use crate::query::Query;
use crate::viewer::{Level, Viewer, Visible};
use axum::extract::{RawQuery, State};
use axum::response::Redirect;
use chrono::{DateTime, Utc};
use fields::Fields;
pub(crate) use fields::{last_day, read_until, why};
use maud::{Markup, html};
use stance_store::{Accounts, ExceptionState, KeptException};
use std::collections::BTreeMap;

/// The states in the order in which they are told, with what stands over them.
const SECTIONS: [(ExceptionState, &str); 4] = [
    (ExceptionState::EndsSoon, "Ending within 30 days"),
    (ExceptionState::Current, "Current"),
    (ExceptionState::Expired, "Expired"),
    (ExceptionState::Ended, "Ended"),
];

/// The list, with a form that makes another one.
pub(crate) async fn show(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    viewer: Viewer,
) -> PageResult<Markup> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let (all, accepted) = listed(&console, &viewer.visible).await?;
    let now = console.now();
    let in_force = all.iter().filter(|kept| kept.state(now) < ExceptionState::Expired).count();
    let fields = Fields::asked(&query);
    let content = html! {
        header.title {
            h1 { "Exceptions" }
            p.soft { (counted(in_force as u64, "exception", "exceptions")) " in force. Those in files of a scan's "
                "configuration are told on the findings that they cover." }
        }
        @if let Some(token) = may_write(&viewer) {
            details.part.act #new open[fields.is_some()] {
                summary { span { "Make an exception" } }
                form.stack method="post" action="/exceptions" {
                    (form_token(token))
                    (fields.unwrap_or_default().form(&viewer.name))
                    div.buttons { button type="submit" { "Accept what fits" } }
                }
            }
        }
        @if all.is_empty() {
            (empty("Nothing is accepted here", &html! { "An exception says which findings you accept, why, and until when." }))
        }
        @for (state, title) in SECTIONS {
            @let of_state: Vec<&KeptException> = all.iter().filter(|kept| kept.state(now) == state).collect();
            @if !of_state.is_empty() { section { h2 { (title) } (table(&of_state, &accepted, now)) } }
        }
    };
    Ok(page(Part::Exceptions, "Exceptions", &viewer, &content))
}

/// The exceptions that somebody may see, and how many findings each accepts now among those that they may see.
async fn listed(
    console: &Console,
    visible: &Visible,
) -> PageResult<(Vec<KeptException>, BTreeMap<i64, u64>)> {
    let (visible, accounts) = (visible.clone(), accounts_of(visible));
    let listed = console.ask(move |store, _, census| {
        let holds = |scope| census.scope(scope).is_some_and(|scope| visible.holds(&scope.id));
        Ok((store.exceptions(&accounts)?, store.accepted(census, holds)?))
    });
    Ok(listed.await?)
}

/// What somebody may see, as the store says it.
pub(crate) fn accounts_of(visible: &Visible) -> Accounts {
    match visible {
        Visible::All => Accounts::All,
        Visible::Only(accounts) => Accounts::Only(accounts.as_ref().clone()),
    }
}

/// What forms of somebody must bear who may change something.
pub(crate) fn may_write(viewer: &Viewer) -> Option<&str> {
    viewer.form_token.as_deref().filter(|_| viewer.level >= Level::Write)
}

fn table(all: &[&KeptException], accepted: &BTreeMap<i64, u64>, now: DateTime<Utc>) -> Markup {
    html! {
        div.scroll { table.exceptions {
            thead { tr { th { "What" } th { "Why" } th { "Owner" } th { "Until" } th.n { "Accepts" } } }
            tbody { @for kept in all {
                @let href = format!("/exceptions/{}", kept.number);
                tr data-href=(href) {
                    td.name { a href=(href) { (fields::summary(&kept.exception.covers)) } }
                    td.name { (kept.exception.reason) }
                    td.name { (kept.exception.owner) }
                    td.short { (until(kept, now)) }
                    td.n { (accepts(kept.number, accepted)) }
                }
            } }
        } }
    }
}

/// The last day, or when it was ended.
fn until(kept: &KeptException, now: DateTime<Utc>) -> Markup {
    html! {
        @match (&kept.ended, kept.exception.until) {
            (Some((at, _)), _) => { "ended " (crate::parts::time::ago(*at, now)) },
            (None, Some(until)) => (until),
            (None, None) => { span.soft { "no end" } },
        }
    }
}

/// How many findings it accepts now, with the way to them.
fn accepts(number: i64, accepted: &BTreeMap<i64, u64>) -> Markup {
    let findings = accepted.get(&number).copied().unwrap_or_default();
    let href = Query::default().set("exception", number.to_string()).address("/findings");
    html! { @if findings == 0 { "0" } @else { a href=(href) { (count(findings)) } } }
}

/// Makes an exception.
pub(crate) async fn make(
    State(console): State<Console>,
    writer: Writer,
    Form(form): Form,
) -> PageResult<Redirect> {
    let exception = Fields::sent(&form).exception(None)?;
    let now = console.now();
    let made = console
        .ask(move |store, facts, _| {
            store.learn_rules(named_rules(facts.catalog()))?;
            store.make_exception(&exception, &writer.author, now)
        })
        .await?;
    Ok(Redirect::to(&format!("/exceptions/{}", made.number)))
}
