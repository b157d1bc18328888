//! What a trial of the access told.

use crate::parts::score::count;
use crate::parts::time;
use crate::scans::{AccessReport, AccountAccess, Trial};
use chrono::{DateTime, Utc};
use maud::{Markup, html};

/// Permissions that are listed.
const LISTED: usize = 60;

/// How a trial stands.
pub(super) fn told(trial: &Trial, now: DateTime<Utc>) -> Markup {
    html! {
        section {
            h2 { "Trial of the access" }
            @match trial {
                Trial::UnderWay(began) => { p.notice role="status" { "It goes on since " (time::ago(*began, now)) ": every operation is tried once. This page loads anew by itself." } },
                Trial::Done(at, Err(error)) => { p.notice role="alert" { (error) } p.soft { (time::ago(*at, now)) } },
                Trial::Done(at, Ok(report)) => { (shown(report)) p.soft { (time::ago(*at, now)) } },
            }
        }
    }
}

fn shown(report: &AccessReport) -> Markup {
    html! {
        @if let Some(organization) = &report.organization { p { "Organization " code { (organization) } } }
        @for account in &report.accounts { (of_account(account)) }
        @if !report.unscanned.is_empty() {
            h3 { "Accounts that would not be scanned" }
            ul.lines { @for (account, reason) in &report.unscanned { li { (account) ": " (reason) } } }
        }
    }
}

fn of_account(account: &AccountAccess) -> Markup {
    let is_whole = account.missing.is_empty() && account.failures.is_empty();
    html! {
        details.part open[!is_whole] {
            summary {
                span { @if is_whole { span.state.passed { "all can be read" } } @else { span.state.unknown { "something cannot be read" } } " "
                    (account.name.as_deref().unwrap_or_default()) " " (account.account) }
                span.soft { (account.minutes) " minutes at most" }
            }
            div {
                p { "Signed in as " code { (account.identity) } ", " (count(account.regions as u64)) " regions, " (count(account.answered as u64)) " operations answered. A scan takes " (count(account.calls.0)) " to " (count(account.calls.1)) " calls." }
                @if !account.missing.is_empty() {
                    h3 { "Permissions to grant" }
                    ul.lines { @for (permission, rules) in account.missing.iter().take(LISTED) { li { code { (permission) } " " span.soft { "for " (rules) " rules" } } } }
                    @if account.missing.len() > LISTED { p.soft { "and " (account.missing.len() - LISTED) " more" } }
                }
                @if !account.failures.is_empty() {
                    h3 { "Operations that failed otherwise" }
                    ul.lines { @for (operation, code) in account.failures.iter().take(LISTED) { li { code { (operation) } " answered " (code) } } }
                    @if account.failures.len() > LISTED { p.soft { "and " (account.failures.len() - LISTED) " more" } }
                }
                @if account.untried > 0 { p.soft { (account.untried) " operations could not be tried, since nothing is there to try them on." } }
            }
        }
    }
}
