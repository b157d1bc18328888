//! The API: what the console shows, for programs. [`operations`] is the table of all of it.

mod accounts;
mod alert_words;
mod alerts;
mod assets;
mod benchmarks;
mod body;
mod check;
mod cursor;
mod description;
mod exceptions;
pub(crate) mod export;
mod finding;
mod findings;
mod groups;
mod handling;
mod integrations;
pub(crate) mod kept_findings;
mod observe;
mod onboarding;
mod operation;
mod overview;
mod parameter;
mod problem;
mod push;
mod reference;
mod report;
mod rule_settings;
mod rules;
mod runs;
mod seen;
mod stream;
mod trial;
mod words;
mod xdr;

pub use observe::Observations;
pub(crate) use observe::observe;
pub(crate) use problem::Problem;
pub use push::{LargestRun, RUN_MEDIA_TYPE, RUN_NAME};
pub(crate) use stream::stored;

use crate::access::{Doors, Needs};
use crate::{Level, Viewer};
use axum::http::{Method, header};
use axum::middleware;
use axum::response::IntoResponse;
use axum::routing::get;
use check::{Demands, check};
use maud::Markup;
use operation::{Operation, Verb};

/// Every operation, in the order in which they are told.
fn operations() -> Vec<Operation> {
    let mut all = vec![findings::operation(), finding::operation(), groups::operation()];
    all.extend(handling::operations());
    all.extend(export::operations());
    all.extend(exceptions::operations());
    all.extend(alerts::operations());
    all.extend(integrations::operations());
    all.extend(trial::operations());
    all.push(onboarding::operation());
    all.extend(overview::operations());
    all.push(accounts::operation());
    all.extend(assets::operations());
    all.extend(benchmarks::operations());
    all.extend(rules::operations());
    all.extend(rule_settings::operations());
    all.extend(runs::operations());
    all.push(push::operation());
    all.push(report::operation());
    all.push(xdr::operation());
    all
}

/// Adds the API's addresses, with what tells of the server's health.
pub(crate) fn doors(doors: Doors) -> Doors {
    let read = Needs::Level(Level::Read);
    let doors = doors
        .route(&Method::GET, "/api", read, get(show_reference))
        .route(&Method::GET, "/api/openapi.json", read, get(describe))
        .route(&Method::GET, "/healthz", Needs::Probe, get(observe::healthz))
        .route(&Method::GET, "/readyz", Needs::Probe, get(observe::readyz))
        .route(&Method::GET, "/metrics", Needs::Everything(Level::Read), get(observe::metrics));
    operations().into_iter().fold(doors, |doors, operation| {
        let layer = middleware::from_fn_with_state(Demands::of(&operation), check);
        let method = match operation.verb {
            Verb::Get => Method::GET,
            Verb::Post => Method::POST,
            Verb::Delete => Method::DELETE,
        };
        doors.route(&method, operation.path, operation.needs, operation.route.route_layer(layer))
    })
}

/// Whether an address is for programs alone.
pub(crate) fn is_api(path: &str) -> bool {
    path.starts_with("/api/") || path.starts_with("/xdr/")
}

/// The description of the API in OpenAPI 3.1, as `docs/schema/openapi.json` keeps it.
pub fn openapi() -> String {
    let mut text = serde_json::to_string_pretty(&description::description(&operations())).unwrap_or_default();
    text.push('\n');
    text
}

async fn describe() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], openapi())
}

async fn show_reference(viewer: Viewer) -> Markup {
    reference::show(&operations(), &viewer)
}
