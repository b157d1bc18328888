//! What the server tells of its own work: a line for each request, and numbers for Prometheus.

use super::problem::{Answer, Problem};
use crate::dimension::standing_key;
use crate::{Console, Viewer};
use axum::extract::{Extension, MatchedPath, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use stance_model::Severity;
use stance_store::Census;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Upper bounds of the latency's classes, in seconds.
const CLASSES: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// Requests that were answered, counted.
#[derive(Clone, Default)]
pub struct Observations(Arc<Mutex<BTreeMap<Route, Latency>>>);

/// What requests are counted by; a template of an address, never an address.
type Route = (&'static str, String, u16);

#[derive(Clone, Copy, Default)]
struct Latency {
    classes: [u64; CLASSES.len()],
    requests: u64,
    seconds: f64,
}

impl Observations {
    fn add(&self, route: Route, took: Duration) {
        let seconds = took.as_secs_f64();
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let latency = held.entry(route).or_default();
        for (class, bound) in latency.classes.iter_mut().zip(CLASSES) {
            *class += u64::from(seconds <= bound);
        }
        latency.requests += 1;
        latency.seconds += seconds;
    }

    fn write(&self, text: &mut String) {
        head(
            text,
            "stance_http_request_duration_seconds",
            "histogram",
            "How long requests took to be answered.",
        );
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for ((method, route, status), latency) in held {
            let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
            for (count, bound) in latency.classes.iter().zip(CLASSES) {
                let _ = writeln!(
                    text,
                    "stance_http_request_duration_seconds_bucket{{{labels},le=\"{bound}\"}} {count}"
                );
            }
            let Latency { requests, seconds, .. } = latency;
            let _ = writeln!(
                text,
                "stance_http_request_duration_seconds_bucket{{{labels},le=\"+Inf\"}} {requests}"
            );
            let _ = writeln!(text, "stance_http_request_duration_seconds_sum{{{labels}}} {seconds}");
            let _ = writeln!(text, "stance_http_request_duration_seconds_count{{{labels}}} {requests}");
        }
    }
}

/// Counts a request and writes a line of log about it. Never the address itself: a query may hold what is secret.
pub(crate) async fn observe(
    State(observations): State<Observations>,
    mut request: Request,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let method = method(&request);
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    request.extensions_mut().insert(observations.clone());
    let response = next.run(request).await;
    // the guard says on the answer who it was
    let viewer = response.extensions().get::<Viewer>().map(|viewer| viewer.name.clone());
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    tracing::info!(
        method,
        route,
        status,
        milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        viewer = viewer.as_deref().unwrap_or("nobody"),
        "request"
    );
    observations.add((method, route, status), took);
    response
}

/// The method, if it is one of the usual: whoever asks must not make up labels.
fn method(request: &Request) -> &'static str {
    match request.method().as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

/// The process answers.
pub(crate) async fn healthz() -> &'static str {
    "alive\n"
}

/// The store answers too.
pub(crate) async fn readyz(State(console): State<Console>) -> Response {
    match console.ask(|_, _, _| Ok(())).await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::error!(%error, "the store does not answer");
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "the store does not answer; the server's log tells why",
            )
            .into_response()
        }
    }
}

/// Numbers for Prometheus. They are about every account.
pub(crate) async fn metrics(
    State(console): State<Console>,
    observations: Option<Extension<Observations>>,
) -> Answer<impl IntoResponse> {
    let now = console.now();
    let mut text = console
        .ask(move |store, _, census| {
            let mut text = String::new();
            findings(&mut text, census);
            head(&mut text, "stance_resources", "gauge", "Resources that are there.");
            let resources: u64 = census.inventory.iter().map(|held| held.resources).sum();
            let _ = writeln!(text, "stance_resources {resources}");
            head(&mut text, "stance_accounts", "gauge", "Accounts that were ever read.");
            let _ = writeln!(text, "stance_accounts {}", census.scopes.len());
            if let Some(last) = census.runs.values().max() {
                head(
                    &mut text,
                    "stance_last_run_age_seconds",
                    "gauge",
                    "How long ago the last run saw the estate.",
                );
                let _ = writeln!(text, "stance_last_run_age_seconds {}", (now - *last).num_seconds());
            }
            head(&mut text, "stance_store_bytes", "gauge", "How large the store is.");
            let _ = writeln!(text, "stance_store_bytes {}", store.size()?);
            Ok(text)
        })
        .await?;
    if let Some(Extension(observations)) = observations {
        observations.write(&mut text);
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text))
}

fn findings(text: &mut String, census: &Census) {
    head(text, "stance_findings", "gauge", "Findings by status and severity.");
    for standing in crate::dimension::STANDINGS {
        for severity in Severity::WORST_FIRST {
            let alike =
                census.cells.iter().filter(|cell| cell.standing == standing && cell.severity == severity);
            let count: u64 = alike.map(|cell| cell.findings).sum();
            let status = standing_key(standing);
            let _ = writeln!(text, "stance_findings{{status=\"{status}\",severity=\"{severity}\"}} {count}");
        }
    }
}
