//! Which address shows what, and to whom.

use crate::access::{Doors, Guard, Needs, guard};
use crate::pages::{self, account, agents, integrations, settings, sign_in, welcome};
use crate::viewer::Level;
use crate::{Console, Entrance, api, headers};
use axum::Router;
use axum::http::Method;
use axum::middleware;
use axum::routing::{get, post};
use std::sync::Arc;

/// The console's addresses, open to whom the entrance lets in.
pub fn router(console: Console, entrance: Entrance) -> Router {
    guarded(doors(), console, entrance)
}

/// Routes behind the guard.
pub(crate) fn guarded(doors: Doors, console: Console, entrance: Entrance) -> Router {
    let (router, stated) = doors.into_parts();
    let known = Guard { console: console.clone(), entrance: Arc::new(entrance), stated: Arc::new(stated) };
    router
        .fallback(pages::files::nowhere)
        .layer(middleware::from_fn_with_state(known, guard))
        .layer(middleware::from_fn_with_state(api::Observations::default(), api::observe))
        .layer(middleware::from_fn(headers::secure))
        .with_state(console)
}

/// Each route with what it needs.
pub(crate) fn doors() -> Doors {
    let read = Needs::Level(Level::Read);
    // forms of pages; programs have the API
    let write_all = Needs::Everything(Level::Write);
    let own = Needs::Session(Level::Read);
    let write = Needs::Session(Level::Write);
    let (get_, post_) = (&Method::GET, &Method::POST);
    api::doors(Doors::default())
        .route(get_, "/", read, get(pages::overview::show))
        .route(get_, "/findings", read, get(pages::findings::show))
        .route(get_, "/findings/{id}", read, get(pages::finding::show))
        .route(post_, "/findings/{id}/accept", write, post(pages::finding_acts::accept))
        .route(post_, "/findings/{id}/assign", write, post(pages::finding_acts::assign))
        .route(post_, "/findings/{id}/notes", write, post(pages::finding_acts::write_note))
        .route(get_, "/exceptions", read, get(pages::exceptions::show))
        .route(post_, "/exceptions", write, post(pages::exceptions::make))
        .route(get_, "/exceptions/{number}", read, get(pages::exceptions::one::show))
        .route(post_, "/exceptions/{number}", write, post(pages::exceptions::one::change))
        .route(post_, "/exceptions/{number}/end", write, post(pages::exceptions::one::end))
        .route(get_, "/assets", read, get(pages::assets::show))
        .route(get_, "/assets/{number}", read, get(pages::asset::show))
        .route(get_, "/benchmarks", read, get(pages::benchmarks::show))
        .route(get_, "/benchmarks/{id}", read, get(pages::benchmark::show))
        .route(get_, "/benchmarks/{id}/compare", read, get(pages::benchmark_comparison::show))
        .route(get_, "/reports", read, get(pages::reports::show))
        .route(get_, "/reports/download", read, get(crate::reports::send))
        .route(get_, "/rules", read, get(pages::rules::show))
        .route(get_, "/rules/{id}", read, get(pages::rule::show))
        .route(post_, "/rules/{id}/switch", write_all, post(pages::rule_settings::switch_it))
        .route(post_, "/rules/{id}/parameters", write_all, post(pages::rule_settings::set_parameters))
        .route(get_, "/runs", read, get(pages::runs::show))
        .route(get_, "/runs/{number}", read, get(pages::run::show))
        .route(post_, "/runs/{number}/stop", Needs::Administrator, post(pages::run::stop))
        .route(get_, "/integrations", Needs::Administrator, get(integrations::list::show))
        .route(post_, "/integrations", Needs::Administrator, post(integrations::new::add))
        .route(get_, "/integrations/new", Needs::Administrator, get(integrations::new::show))
        .route(get_, "/integrations/onboarding", Needs::Administrator, get(integrations::onboarding::show))
        .route(get_, "/integrations/{number}", Needs::Administrator, get(integrations::show::show))
        .route(post_, "/integrations/{number}", Needs::Administrator, post(integrations::show::change))
        .route(post_, "/integrations/{number}/scan", Needs::Administrator, post(integrations::show::scan))
        .route(
            post_,
            "/integrations/{number}/trial",
            Needs::Administrator,
            post(integrations::show::try_access),
        )
        .route(post_, "/integrations/{number}/remove", Needs::Administrator, post(integrations::show::remove))
        .route(get_, "/agents", Needs::Administrator, get(agents::list::show))
        .route(get_, "/agents/{number}", Needs::Administrator, get(agents::one::show))
        .route(post_, "/agents/{number}/move", Needs::Administrator, post(agents::one::change_policy))
        .route(post_, "/agents/{number}/revoke", Needs::Administrator, post(agents::one::revoke))
        .route(post_, "/agents/policies", Needs::Administrator, post(agents::list::make))
        .route(get_, "/agents/policies/{number}", Needs::Administrator, get(agents::policy::show))
        .route(
            post_,
            "/agents/policies/{number}/integrations",
            Needs::Administrator,
            post(agents::policy::give),
        )
        .route(post_, "/agents/policies/{number}/remove", Needs::Administrator, post(agents::policy::remove))
        .route(
            post_,
            "/agents/policies/{number}/tokens",
            Needs::Administrator,
            post(agents::policy::make_token),
        )
        .route(
            post_,
            "/agents/policies/{number}/tokens/{token}/end",
            Needs::Administrator,
            post(agents::policy::end_token),
        )
        .route(
            post_,
            "/integrations/{number}/runner",
            Needs::Administrator,
            post(integrations::show::set_runner),
        )
        .route(get_, "/alerts", read, get(pages::alerts::show))
        .route(post_, "/alerts", write, post(pages::alerts::new::make))
        .route(get_, "/alerts/new", write, get(pages::alerts::new::show))
        .route(get_, "/alerts/{number}", read, get(pages::alerts::one::show))
        .route(post_, "/alerts/{number}", write, post(pages::alerts::one::change))
        .route(post_, "/alerts/{number}/end", write, post(pages::alerts::one::end))
        .route(post_, "/alerts/{number}/test", write, post(pages::alerts::one::test))
        .route(get_, "/account", own, get(account::show))
        .route(post_, "/account/password", own, post(account::change_password))
        .route(post_, "/account/sessions/{number}/end", own, post(account::end_session))
        .route(post_, "/account/tokens", own, post(account::make_token))
        .route(post_, "/account/tokens/{number}/end", own, post(account::end_token))
        .route(get_, "/settings/users", Needs::Administrator, get(settings::users::show))
        .route(post_, "/settings/users", Needs::Administrator, post(settings::users::invite))
        .route(get_, "/settings/users/{number}", Needs::Administrator, get(settings::user::show))
        .route(post_, "/settings/users/{number}", Needs::Administrator, post(settings::user::change))
        .route(post_, "/settings/users/{number}/link", Needs::Administrator, post(settings::user::new_link))
        .route(get_, "/settings/history", Needs::Administrator, get(settings::history::show))
        .route(post_, "/settings/history", Needs::Administrator, post(settings::history::change))
        .route(get_, "/settings/audit", Needs::Administrator, get(settings::audit::show))
        .route(get_, "/sign-in", Needs::Anyone, get(sign_in::show))
        .route(post_, "/sign-in", Needs::Anyone, post(sign_in::sign_in))
        .route(post_, "/sign-out", own, post(sign_in::sign_out))
        .route(get_, "/welcome/{link}", Needs::Anyone, get(welcome::show))
        .route(post_, "/welcome/{link}", Needs::Anyone, post(welcome::set_password))
        .route(get_, "/static/style.css", Needs::Nothing, get(pages::files::style))
        .route(get_, "/static/console.js", Needs::Nothing, get(pages::files::script))
        .route(get_, "/static/mark.svg", Needs::Nothing, get(pages::files::mark))
}
