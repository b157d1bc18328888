//! Which address shows what.

use crate::pages;
use crate::{Console, headers};
use axum::Router;
use axum::middleware;
use axum::routing::get;

/// The console's addresses.
pub fn router(console: Console) -> Router {
    Router::new()
        .route("/", get(pages::overview::show))
        .route("/findings", get(pages::findings::show))
        .route("/findings/{id}", get(pages::finding::show))
        .route("/assets", get(pages::assets::show))
        .route("/assets/{number}", get(pages::asset::show))
        .route("/benchmarks", get(pages::benchmarks::show))
        .route("/benchmarks/{id}", get(pages::benchmark::show))
        .route("/rules", get(pages::rules::show))
        .route("/rules/{id}", get(pages::rule::show))
        .route("/runs", get(pages::runs::show))
        .route("/runs/{number}", get(pages::run::show))
        .route("/static/style.css", get(pages::files::style))
        .route("/static/console.js", get(pages::files::script))
        .route("/static/mark.svg", get(pages::files::mark))
        .fallback(pages::files::nowhere)
        .layer(middleware::from_fn(headers::secure))
        .with_state(console)
}
