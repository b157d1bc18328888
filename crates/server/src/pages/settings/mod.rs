//! Settings: people, and what they did.

pub(crate) mod audit;
pub(crate) mod history;
pub(crate) mod user;
pub(crate) mod users;

use crate::access::Entrance;
use crate::error::{PageError, PageResult};
use crate::query::Query;
use crate::viewer::Level;
use axum::http::HeaderMap;
use maud::{Markup, html};
use stance_store::{Accounts, Secret};
use std::collections::BTreeSet;

/// A place within the settings.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Users,
    History,
    Audit,
}

/// Title and ways of the settings.
fn top(place: Place) -> Markup {
    let places = [
        (Place::Users, "Users", "/settings/users"),
        (Place::History, "History", "/settings/history"),
        (Place::Audit, "Audit log", "/settings/audit"),
    ];
    html! {
        header.title { h1 { "Settings" } }
        nav.tabs aria-label="Settings" {
            @for (other, title, address) in places {
                a href=(address) aria-current=[(other == place).then_some("page")] { (title) }
            }
        }
    }
}

/// What each level may do, in words.
fn level_words(level: Level) -> &'static str {
    match level {
        Level::Read => "read: see",
        Level::Write => "write: also exceptions, alerts, rules on and off",
        Level::Manage => "manage: also integrations, users, settings",
    }
}

/// A choice among the levels up to one.
pub(crate) fn level_choice(chosen: Level, highest: Level) -> Markup {
    html! {
        label { span { "Level" } select name="level" {
            @for level in Level::ALL.into_iter().filter(|level| *level <= highest) {
                option value=(level.as_str()) selected[level == chosen] { (level_words(level)) }
            }
        } }
    }
}

/// The level that a form chooses.
pub(crate) fn chosen_level(form: &Query) -> PageResult<Level> {
    let word = form.text("level");
    Level::of(word).ok_or_else(|| PageError::Bad(format!("`{word}` is no level; choose one of the list")))
}

/// A choice of accounts.
pub(crate) fn reach_choice(accounts: &Accounts) -> Markup {
    let (is_all, list) = match accounts {
        Accounts::All => (true, String::new()),
        Accounts::Only(ids) => {
            (false, ids.iter().map(stance_model::ScopeId::as_str).collect::<Vec<_>>().join("\n"))
        }
    };
    html! {
        label { span { "Accounts" } select name="reach" {
            option value="all" selected[is_all] { "all, those too that come later" }
            option value="these" selected[!is_all] { "only those written below" }
        } }
        label { span { "Ids of accounts, one a line" } textarea name="accounts" rows="3" spellcheck="false" { (list) } }
    }
}

/// The accounts that a form chooses. A list that contradicts the choice is refused: whoever writes one wants a limit.
pub(crate) fn chosen_accounts(form: &Query) -> PageResult<Accounts> {
    let written = form.text("accounts").split(|letter: char| letter.is_whitespace() || letter == ',');
    let written: BTreeSet<_> = written.filter(|id| !id.is_empty()).map(Into::into).collect();
    match form.text("reach") {
        "all" if written.is_empty() => Ok(Accounts::All),
        "all" => {
            let message =
                "accounts are written, but all are chosen; empty the list or choose those of the list";
            Err(PageError::Bad(message.to_owned()))
        }
        "these" if written.is_empty() => {
            Err(PageError::Bad("no account is written; write the id of one at least".to_owned()))
        }
        "these" => Ok(Accounts::Only(written)),
        other => Err(PageError::Bad(format!("`{other}` is no choice of accounts; choose one of the list"))),
    }
}

/// Accounts in words.
pub(crate) fn reach(accounts: &Accounts) -> Markup {
    const SHOWN: usize = 3;
    html! {
        @match accounts {
            Accounts::All => { "all accounts" },
            Accounts::Only(ids) => {
                @for (place, id) in ids.iter().take(SHOWN).enumerate() { @if place > 0 { ", " } (id) }
                @if ids.len() > SHOWN { " and " (ids.len() - SHOWN) " more" }
            }
        }
    }
}

/// The address of a one-time link, by the name that the server was asked by.
fn link_address(link: &Secret, entrance: &Entrance, headers: &HeaderMap) -> String {
    format!("{}/welcome/{}", entrance.asked_address(headers), link.reveal())
}

/// A link that was just made.
fn link_notice(name: &str, address: &str) -> Markup {
    html! {
        div.notice role="status" {
            p { "Give this link to " b { (name) } ", on a way that nobody else reads. It works once, for three days, and is not shown again." }
            pre.command { code { (address) } }
        }
    }
}
