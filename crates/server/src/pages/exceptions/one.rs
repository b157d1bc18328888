//! One exception: what it says, what it accepts, who changed it; changed and ended here.

use super::fields::{Fields, named};
use super::{SECTIONS, accepts, accounts_of, may_write, until};
use crate::Console;
use crate::access::{Form, Writer};
use crate::error::PageResult;
use crate::facts::named_rules;
use crate::pages::layout::{Part, form_token, page};
use crate::pages::settings::reach;
use crate::parts::time;
use crate::viewer::Viewer;
use axum::extract::{Path, State};
use axum::response::Redirect;
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use stance_exceptions::Criteria;
use stance_store::{ExceptionChange, ExceptionState, KeptException};
use std::collections::BTreeMap;

pub(crate) async fn show(
    State(console): State<Console>,
    Path(number): Path<i64>,
    viewer: Viewer,
) -> PageResult<Markup> {
    let (visible, accounts) = (viewer.visible.clone(), accounts_of(&viewer.visible));
    let (kept, history, accepted) = console
        .ask(move |store, _, census| {
            let kept = store.exception(number, &accounts)?;
            let holds = |scope| census.scope(scope).is_some_and(|scope| visible.holds(&scope.id));
            Ok((kept, store.exception_history(number)?, store.accepted(census, holds)?))
        })
        .await?;
    let now = console.now();
    let content = html! {
        nav.crumbs aria-label="Path" { a href="/exceptions" { "Exceptions" } " › " span { (number) } }
        header.title { h1 { "Exception " (number) } p.message { (kept.exception.reason) } }
        (facts(&kept, &accepted, now))
        @if kept.ended.is_none() && let Some(token) = may_write(&viewer) { (acts(&kept, token, &viewer.name)) }
        (past(&history))
    };
    Ok(page(Part::Exceptions, &format!("Exception {number}"), &viewer, &content))
}

fn facts(kept: &KeptException, accepted: &BTreeMap<i64, u64>, now: DateTime<Utc>) -> Markup {
    let state = kept.state(now);
    let word = SECTIONS.into_iter().find(|(known, _)| *known == state).map_or("", |(_, word)| word);
    let class = if state < ExceptionState::Expired { "excepted" } else { "none" };
    html! {
        dl.facts {
            dt { "State" } dd { span class={ "state " (class) } { (word) } }
            dt { "Accepts now" } dd { (accepts(kept.number, accepted)) @if accepted.get(&kept.number) == Some(&1) { " finding" } @else { " findings" } }
            dt { "Which" } dd { (criteria(&kept.exception.covers)) }
            @if !kept.exception.except.is_empty() {
                dt { "But not" } dd { @for except in &kept.exception.except { (criteria(except)) } }
            }
            dt { "In" } dd { (reach(&kept.limit)) }
            dt { "Owner" } dd.name { (kept.exception.owner) }
            dt { "Until" } dd { (until(kept, now)) }
            dt { "Made" } dd { (time::ago(kept.made_at, now)) " by " (kept.made_by) }
            @if let Some((at, name)) = &kept.changed { dt { "Changed" } dd { (time::ago(*at, now)) " by " (name) } }
            @if let Some((at, name)) = &kept.ended { dt { "Ended" } dd { (time::ago(*at, now)) " by " (name) } }
            @if let Some(id) = &kept.exception.id { dt { "In reports" } dd { code { (id) } } }
        }
    }
}

fn criteria(criteria: &Criteria) -> Markup {
    html! {
        ul.lines { @for (field, values) in named(criteria) {
            li { span.soft { (field) " " }
                @for (place, value) in values.iter().enumerate() {
                    @if place > 0 { ", " }
                    @if field == "finding" { a href={ "/findings/" (value) } { code { (value) } } } @else { code { (value) } }
                }
            }
        } }
    }
}

fn acts(kept: &KeptException, token: &str, viewer: &str) -> Markup {
    let address = format!("/exceptions/{}", kept.number);
    html! {
        section {
            details.part.act {
                summary { span { "Change it" } }
                form.stack method="post" action=(address) {
                    (form_token(token))
                    (Fields::of(&kept.exception).form(viewer))
                    div.buttons { button type="submit" { "Save" } }
                }
            }
            form method="post" action={ (address) "/end" } {
                (form_token(token))
                button.small type="submit" { "End it: what it accepts counts again" }
            }
        }
    }
}

fn past(history: &[ExceptionChange]) -> Markup {
    html! {
        section {
            h2 { "History" }
            ol.history { @for change in history {
                li {
                    (change.action) " by " b { (change.name) } ", " (time::moment(change.at))
                    @if change.action != "ended" {
                        div.soft { (super::fields::summary(&change.exception.covers))
                            "; until " @match change.exception.until { Some(until) => (until), None => { "no end" } }
                            "; " (change.exception.reason) }
                    }
                }
            } }
        }
    }
}

/// Says something else in it.
pub(crate) async fn change(
    State(console): State<Console>,
    Path(number): Path<i64>,
    writer: Writer,
    Form(form): Form,
) -> PageResult<Redirect> {
    let (author, now) = (writer.author, console.now());
    let accounts = author.accounts.clone();
    let kept = console.look(move |store| store.exception(number, &accounts)).await?;
    let exception = Fields::sent(&form).exception(Some(&kept.exception))?;
    console
        .ask(move |store, facts, _| {
            store.learn_rules(named_rules(facts.catalog()))?;
            store.change_exception(number, &exception, &author, now)
        })
        .await?;
    Ok(Redirect::to(&format!("/exceptions/{number}")))
}

/// Ends it.
pub(crate) async fn end(
    State(console): State<Console>,
    Path(number): Path<i64>,
    writer: Writer,
    Form(_): Form,
) -> PageResult<Redirect> {
    let now = console.now();
    console.look(move |store| store.end_exception(number, &writer.author, now)).await?;
    Ok(Redirect::to(&format!("/exceptions/{number}")))
}
