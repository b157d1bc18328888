//! Integrations: what is scanned again and again, set up by a form.

mod draft;
pub(crate) mod list;
pub(crate) mod new;
pub(crate) mod onboarding;
pub(crate) mod show;
mod trial;

use super::layout::form_token;
use crate::access::Session;
use crate::error::{PageError, PageResult};
use crate::query::Query;
use chrono::{NaiveTime, TimeDelta};
use maud::{Markup, html};
use stance_store::{IntegrationName, NewIntegration, Schedule};

/// Spans that are offered: hours, and how people say it.
const SPANS: [(i64, &str); 6] = [
    (1, "every hour"),
    (6, "every 6 hours"),
    (12, "every 12 hours"),
    (24, "every day"),
    (72, "every 3 days"),
    (168, "every week"),
];

/// Fields of a schedule.
fn schedule_fields(schedule: &Schedule) -> Markup {
    let hours = schedule.every().num_hours();
    let at = schedule.at().map(|at| at.format("%H:%M").to_string()).unwrap_or_default();
    html! {
        label { span { "How often" } select name="hours" {
            @if !SPANS.iter().any(|(span, _)| *span == hours) { option value=(hours) selected { "every " (hours) " hours" } }
            @for (span, words) in SPANS { option value=(span) selected[span == hours] { (words) } }
        } }
        label { span { "Time of day in UTC, if it matters; with a day or more" } input type="time" name="at" value=(at); }
    }
}

/// How often, in words.
fn schedule_words(schedule: &Schedule) -> String {
    let hours = schedule.every().num_hours();
    let span = SPANS.iter().find(|(span, _)| *span == hours);
    let span = span.map_or_else(|| format!("every {hours} hours"), |(_, words)| (*words).to_owned());
    match schedule.at() {
        Some(at) => format!("{span} at {} UTC", at.format("%H:%M")),
        None => span,
    }
}

/// What a form says of everything but the configuration.
fn wanted(form: &Query, configuration: String, enabled: bool) -> PageResult<NewIntegration> {
    let hours = form.text("hours");
    let hours: i64 =
        hours.parse().map_err(|_| PageError::Bad(format!("`{hours}` is no number of hours; choose one")))?;
    let every = TimeDelta::try_hours(hours).unwrap_or(TimeDelta::MAX);
    let at = match form.text("at") {
        "" => None,
        text => Some(
            NaiveTime::parse_from_str(text, "%H:%M")
                .map_err(|_| PageError::Bad(format!("`{text}` is no time of day; write it as 03:30")))?,
        ),
    };
    Ok(NewIntegration {
        name: IntegrationName::of(form.text("name"))?,
        namespace: IntegrationName::of(form.text("namespace"))?,
        configuration,
        schedule: Schedule::of(every, at)?,
        enabled,
    })
}

/// A button that asks for something.
fn button(address: &str, word: &str, session: &Session) -> Markup {
    html! {
        form method="post" action=(address) {
            (form_token(&session.form_token))
            button.small type="submit" { (word) }
        }
    }
}
