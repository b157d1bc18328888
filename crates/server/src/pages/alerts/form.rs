//! The form of an alert, and what it chooses.

use super::super::layout::form_token;
use crate::Console;
use crate::alerts::{checked, place_name};
use crate::error::{PageError, PageResult};
use crate::query::Query;
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use stance_store::{Accounts, AlertChange, Channel, SecretPlace, Watches};

/// What can be chosen.
pub(super) struct Offered {
    places: Vec<SecretPlace>,
    has_mail: bool,
    /// Whether runs that failed may be watched: why one did may tell of any account.
    may_watch_runs: bool,
}

impl Offered {
    /// Reads a folder, and so is not for threads that answer.
    pub(super) fn of(console: &Console, accounts: &Accounts) -> Self {
        let options = console.alerts();
        Self {
            places: options.places().offered(),
            has_mail: options.has_mail(),
            may_watch_runs: *accounts == Accounts::All,
        }
    }
}

fn watches_key(watches: Watches) -> &'static str {
    match watches {
        Watches::Findings => "findings",
        Watches::FailedRuns => "runs",
        Watches::Overdue => "overdue",
    }
}

fn watches_words(watches: Watches) -> &'static str {
    match watches {
        Watches::Findings => "findings that are new or came back",
        Watches::FailedRuns => "runs that failed",
        Watches::Overdue => "integrations that are overdue",
    }
}

/// The form; `action` is where it goes.
pub(super) fn form(
    chosen: &AlertChange,
    offered: &Offered,
    action: &str,
    token: &str,
    button: &str,
) -> Markup {
    let (address, secret, recipients) = match &chosen.channel {
        Channel::Webhook { address, secret } => (Some(address), Some(secret), String::new()),
        Channel::Slack { address } => (Some(address), None, String::new()),
        Channel::Mail { recipients } => (None, None, recipients.join("\n")),
    };
    let kind = kind(&chosen.channel);
    let choice = |name: &str, title: &str, held: Option<&SecretPlace>| {
        let is_gone = held.filter(|held| is_named(held) && !offered.places.contains(held));
        html! {
            label { span { (title) } select name=(name) {
                option value="" { "none" }
                @for place in &offered.places {
                    option value=(place_name(place)) selected[held == Some(place)] { (place_name(place)) }
                }
                @if let Some(gone) = is_gone { option value=(place_name(gone)) selected { (place_name(gone)) " (not there any more)" } }
            } }
        }
    };
    html! {
        form.stack method="post" action=(action) {
            (form_token(token))
            label { span { "Name" } input name="name" value=(chosen.name) maxlength="100" autocomplete="off" required; }
            label { span { "Watches" } select name="watches" {
                @for watches in Watches::ALL {
                    @if watches != Watches::FailedRuns || offered.may_watch_runs {
                        option value=(watches_key(watches)) selected[watches == chosen.watches] { (watches_words(watches)) }
                    }
                }
            } }
            label { span { "Which findings: what stands behind the ? in the address of their page. Empty means all that fail" }
                input name="filter" value=(chosen.filter) maxlength="4000" autocomplete="off" spellcheck="false" placeholder="severity=critical,high&account=111111111111"; }
            label { span { "Tells by" } select name="channel" {
                @for (key, words) in KINDS {
                    @if *key != "mail" || offered.has_mail || kind == "mail" { option value=(key) selected[*key == kind] { (words) } }
                }
            } }
            (choice("address", "Address of the webhook: where the server finds it", address))
            (choice("secret", "Secret that a webhook of one's own checks signatures with", secret))
            p.soft {
                "Addresses and secrets of channels are never kept here. Whoever runs the server puts each into a variable whose name begins with "
                code { "STANCE_ALERT_" } ", or into a file of the folder that " code { "STANCE_ALERT_FOLDER" } " names; here one chooses among their names."
                @if offered.places.is_empty() { " " b { "There is none yet." } }
            }
            @if offered.has_mail || kind == "mail" {
                label { span { "Recipients of mail, one a line" } textarea name="recipients" rows="3" spellcheck="false" { (recipients) } }
            }
            @if !offered.has_mail { p.soft { "There is no mail, as the server has no mail server: " code { "STANCE_MAIL_SERVER" } " and " code { "STANCE_MAIL_FROM" } " tell of one." } }
            label { span { "State" } select name="state" {
                option value="on" selected[chosen.active] { "on" }
                option value="off" selected[!chosen.active] { "off: nothing is sent" }
            } }
            div.buttons { button type="submit" { (button) } }
        }
    }
}

/// Whether a place was chosen at all.
fn is_named(place: &SecretPlace) -> bool {
    let (SecretPlace::Env(name) | SecretPlace::File(name)) = place;
    !name.is_empty()
}

const KINDS: &[(&str, &str)] = &[
    ("slack", "a Slack webhook, or one of the same form"),
    ("webhook", "a webhook of one's own, with signed requests"),
    ("mail", "mail"),
];

fn kind(channel: &Channel) -> &'static str {
    match channel {
        Channel::Webhook { .. } => "webhook",
        Channel::Slack { .. } => "slack",
        Channel::Mail { .. } => "mail",
    }
}

/// What a form chooses. `accounts` are those of which the alert may tell.
pub(super) fn chosen(
    form: &Query,
    console: &Console,
    accounts: &Accounts,
    now: DateTime<Utc>,
) -> PageResult<AlertChange> {
    let word = form.text("watches");
    let watches = Watches::ALL.into_iter().find(|held| watches_key(*held) == word);
    let watches = watches.ok_or_else(|| unknown(word, "that can be watched"))?;
    let places = console.alerts().places().offered();
    let place = |field: &str, what: &str| {
        let name = form.text(field);
        let found = places.iter().find(|place| place_name(place) == name).cloned();
        found.ok_or_else(|| PageError::Bad(format!("`{name}` is no place of {what}; choose one of the list")))
    };
    let channel = match form.text("channel") {
        "slack" => Channel::Slack { address: place("address", "an address")? },
        "webhook" => Channel::Webhook {
            address: place("address", "an address")?,
            secret: place("secret", "a secret")?,
        },
        "mail" => {
            let written = form.text("recipients").split(['\n', ',', ';']).map(str::trim);
            let recipients: Vec<String> =
                written.filter(|text| !text.is_empty()).map(str::to_owned).collect();
            Channel::Mail { recipients }
        }
        other => return Err(unknown(other, "to tell by")),
    };
    let active = match form.text("state") {
        "on" => true,
        "off" => false,
        other => return Err(unknown(other, "of its state")),
    };
    let (name, filter) = (form.text("name").to_owned(), form.text("filter").to_owned());
    checked(AlertChange { name, watches, filter, channel, active }, console, accounts, now)
}

fn unknown(word: &str, what: &str) -> PageError {
    PageError::Bad(format!("`{word}` is nothing {what}; choose one of the list"))
}
