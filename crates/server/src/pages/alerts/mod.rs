//! Alerts: the list of those whose accounts somebody may see.

mod form;
pub(crate) mod new;
pub(crate) mod one;

use super::layout::{Part, empty, page};
use crate::Console;
use crate::alerts::{filter_words, may_see, place_name};
use crate::error::PageResult;
use crate::facts::Facts;
use crate::parts::time;
use crate::viewer::{Level, Viewer, Visible};
use axum::extract::State;
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use stance_store::{Alert, AlertMessage, Cause, Census, Channel, MessageState, Watches};

/// The list.
pub(crate) async fn show(State(console): State<Console>, viewer: Viewer) -> PageResult<Markup> {
    let (visible, now) = (viewer.visible.clone(), console.now());
    let lines = console
        .ask(move |store, facts, census| {
            let seen = store.alerts()?.into_iter().filter(|alert| may_see(&visible, alert));
            seen.map(|alert| {
                let words = words(&alert, census, facts, &visible, now);
                let last = store.alert_messages(alert.id, 20)?.into_iter().find(tells_something);
                Ok((alert, words, last))
            })
            .collect::<stance_store::Result<Vec<_>>>()
        })
        .await?;
    let may_write = may_write(&viewer);
    let content = html! {
        header.title {
            h1 { "Alerts" }
            p.soft { "An alert tells of findings that are new or came back, of runs that failed, or of integrations that are overdue: one message for each run." }
            @if may_write { p { a.button href="/alerts/new" { "Make an alert" } } }
        }
        @if lines.is_empty() {
            (empty("There is no alert yet", &html! { "Choose findings on " a href="/findings?status=failed&severity=critical,high" { "their page" } ", and make an alert of what is chosen." }))
        } @else {
            div.scroll { table.people {
                thead { tr { th { "Name" } th { "Watches" } th { "Tells" } th { "Made by" } th { "Last message" } th { "State" } } }
                tbody { @for (alert, words, last) in &lines {
                    @let href = format!("/alerts/{}", alert.id.number());
                    tr data-href=(href) {
                        td.name { a href=(href) { (alert.chosen.name) } }
                        td { (words) }
                        td.name { (channel(&alert.chosen.channel)) }
                        td { (alert.maker_name) }
                        td { @match last { Some(last) => (outcome(last, now)), None => span.soft { "none yet" } } }
                        td { (state(alert)) }
                    }
                } }
            } }
        }
    };
    Ok(page(Part::Alerts, "Alerts", &viewer, &content))
}

/// Whether somebody may make and change alerts here: with the level for it, in a session.
pub(crate) fn may_write(viewer: &Viewer) -> bool {
    viewer.level >= Level::Write && viewer.form_token.is_some()
}

/// Whether a message is worth a place in the list: runs without anything to tell of are not.
fn tells_something(message: &AlertMessage) -> bool {
    message.state != MessageState::Nothing
}

/// What an alert watches, in words.
fn words(alert: &Alert, census: &Census, facts: &Facts, visible: &Visible, now: DateTime<Utc>) -> Markup {
    html! {
        @match alert.chosen.watches {
            Watches::FailedRuns => { "runs that failed" },
            Watches::Overdue => { "integrations that are overdue" },
            Watches::Findings => {
                "findings that are new or came back"
                @for (title, values) in filter_words(&alert.chosen.filter, census, facts, visible, now) {
                    div.soft.name { (title) ": " (values) }
                }
            },
        }
    }
}

/// Where an alert tells of it.
fn channel(channel: &Channel) -> Markup {
    html! {
        @match channel {
            Channel::Webhook { address, .. } => { "webhook" div.soft { (place_name(address)) } },
            Channel::Slack { address } => { "Slack webhook" div.soft { (place_name(address)) } },
            Channel::Mail { recipients } => { "mail" @for recipient in recipients { div.soft { (recipient) } } },
        }
    }
}

/// Whether an alert is at work.
fn state(alert: &Alert) -> Markup {
    let (class, word) = match (alert.chosen.active, &alert.reach) {
        (false, _) => ("none", "off"),
        (true, None) => ("failed", "its maker may not"),
        (true, Some(_)) => ("passed", "on"),
    };
    html! { span class={ "state " (class) } { (word) } }
}

/// What became of a message.
fn outcome(message: &AlertMessage, now: DateTime<Utc>) -> Markup {
    let tries = || match message.attempts {
        1 => "tried once".to_owned(),
        tries => format!("tried {tries} times"),
    };
    let (class, word) = match (message.state, message.attempts) {
        (MessageState::Sent, _) => ("passed", "sent".to_owned()),
        (MessageState::Nothing, _) => ("none", "nothing to tell".to_owned()),
        (MessageState::GivenUp, _) => ("failed", "not sent".to_owned()),
        (MessageState::Waiting, 0) => ("unknown", "to be sent".to_owned()),
        (MessageState::Waiting, _) => ("unknown", format!("waiting, {}", tries())),
    };
    html! {
        span class={ "state " (class) } { (word) }
        @if let Some(at) = message.ended_at.or(message.first_tried_at) { " " (time::ago(at, now)) }
        @if let Some(reason) = &message.reason { div.soft.name { (reason) } }
    }
}

/// Why there is a message.
fn cause(cause: &Cause) -> Markup {
    html! {
        @match cause {
            Cause::Done(run) => a href={ "/runs/" (run.number()) } { "run #" (run.number()) },
            Cause::Failed(run) => a href={ "/runs/" (run.number()) } { "run #" (run.number()) " failed" },
            Cause::Overdue { integration, due_at } => { (integration) " was due " (time::moment(*due_at)) },
            Cause::Test(_) => { "a test" },
        }
    }
}
