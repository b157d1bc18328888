//! What every page has: head, way through the console, place for the content.

use crate::viewer::Viewer;
use maud::{DOCTYPE, Markup, html};

/// The console's parts, in the order in which they are offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Overview,
    Findings,
    Assets,
    Benchmarks,
    Exceptions,
    Rules,
    Runs,
    Integrations,
    Agents,
    Reports,
    Alerts,
    Settings,
    Api,
    /// What belongs to no part: one's own account.
    Account,
}

impl Part {
    const ALL: [Self; 10] = [
        Self::Overview,
        Self::Findings,
        Self::Assets,
        Self::Benchmarks,
        Self::Exceptions,
        Self::Rules,
        Self::Runs,
        Self::Reports,
        Self::Alerts,
        Self::Api,
    ];

    /// Those that only administrators see.
    const OF_ADMINISTRATORS: [Self; 3] = [Self::Integrations, Self::Agents, Self::Settings];

    fn title(self) -> &'static str {
        match self {
            Self::Api => "API",
            Self::Overview => "Overview",
            Self::Findings => "Findings",
            Self::Assets => "Assets",
            Self::Benchmarks => "Benchmarks",
            Self::Exceptions => "Exceptions",
            Self::Rules => "Rules",
            Self::Runs => "Runs",
            Self::Integrations => "Integrations",
            Self::Agents => "Agents",
            Self::Reports => "Reports",
            Self::Alerts => "Alerts",
            Self::Settings => "Settings",
            Self::Account => "My account",
        }
    }

    fn address(self) -> &'static str {
        match self {
            Self::Api => "/api",
            Self::Overview => "/",
            Self::Findings => "/findings",
            Self::Assets => "/assets",
            Self::Benchmarks => "/benchmarks",
            Self::Exceptions => "/exceptions",
            Self::Rules => "/rules",
            Self::Runs => "/runs",
            Self::Integrations => "/integrations",
            Self::Agents => "/agents",
            Self::Reports => "/reports",
            Self::Alerts => "/alerts",
            Self::Settings => "/settings/users",
            Self::Account => "/account",
        }
    }
}

/// A page of the console.
pub(crate) fn page(part: Part, title: &str, viewer: &Viewer, content: &Markup) -> Markup {
    let links = || {
        html! {
            ul {
                @for other in Part::ALL {
                    li { a href=(other.address()) aria-current=[(other == part).then_some("page")] { (other.title()) } }
                }
                @if viewer.is_administrator() {
                    @for other in Part::OF_ADMINISTRATORS {
                        li { a href=(other.address()) aria-current=[(other == part).then_some("page")] { (other.title()) } }
                    }
                }
            }
        }
    };
    document(
        title,
        &html! {
            a.skip href="#content" { "Skip to the content" }
            header.side {
                a.mark href="/" { img src="/static/mark.svg" alt="" width="26" height="26"; "Stance" }
                nav.wide aria-label="Console" { (links()) }
                details.narrow { summary { "Menu" } nav aria-label="Console" { (links()) } }
                (who(viewer))
            }
            main #content { (content) }
        },
    )
}

/// Who looks, with the ways to their own page and out.
fn who(viewer: &Viewer) -> Markup {
    html! {
        @match &viewer.form_token {
            None => { p.viewer { (viewer.name) } },
            Some(token) => {
                form.viewer method="post" action="/sign-out" {
                    (form_token(token))
                    a href=(Part::Account.address()) title="My account" { (viewer.name) }
                    button type="submit" { "Sign out" }
                }
            }
        }
    }
}

/// The field that proves that a form comes from a page of this session. Every form that changes something bears it.
pub(crate) fn form_token(token: &str) -> Markup {
    html! { input type="hidden" name=(crate::access::FIELD) value=(token); }
}

/// A page that stands alone and asks for something: a sign-in.
pub(crate) fn asking_page(title: &str, content: &Markup) -> Markup {
    let body = html! {
        main.plain #content {
            p.brand { img src="/static/mark.svg" alt="" width="26" height="26"; "Stance" }
            h1 { (title) }
            (content)
        }
    };
    document(title, &body)
}

/// A page that stands alone: an error.
pub(crate) fn plain_page(title: &str, message: &str) -> Markup {
    document(
        title,
        &html! {
            main.plain #content {
                h1 { (title) }
                p { (message) }
                p { a href="/" { "To the overview" } }
            }
        },
    )
}

fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Stance" }
                link rel="icon" href="/static/mark.svg" type="image/svg+xml";
                link rel="stylesheet" href="/static/style.css";
                script src="/static/console.js" defer {}
            }
            body { (body) }
        }
    }
}

/// What stands where there is nothing yet, and what to do about it.
pub(crate) fn empty(title: &str, advice: &Markup) -> Markup {
    html! { div.empty { h2 { (title) } p { (advice) } } }
}
