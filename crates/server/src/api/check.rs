//! What every request is looked at for before an operation sees it: what it asks for by parameters.

use super::operation::Operation;
use super::parameter::{Parameter, Place};
use super::problem::Problem;
use crate::query::Query;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// As similar as a name must be to be taken for a slip of the keyboard.
const SIMILAR: f64 = 0.6;

/// What an operation demands.
#[derive(Clone)]
pub(crate) struct Demands {
    parameters: Arc<[Parameter]>,
}

impl Demands {
    pub(crate) fn of(operation: &Operation) -> Self {
        Self { parameters: operation.parameters.clone().into() }
    }

    fn named(&self, place: Place, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|known| known.place == place && known.name == name)
    }

    fn query(&self, query: &Query) -> Result<(), String> {
        for (name, value) in query.pairs() {
            let known = self.named(Place::Query, name).ok_or_else(|| self.unknown(name))?;
            known.admit(value)?;
            if !known.is_list && query.pairs().filter(|(other, _)| *other == name).count() > 1 {
                return Err(format!("`{name}` is given more than once; give it once"));
            }
        }
        let mut required = self.parameters.iter().filter(|it| it.place == Place::Query && it.is_required);
        match required.find(|it| query.first(it.name).is_none()) {
            Some(missing) => Err(format!("`{}` is missing: {}", missing.name, missing.text)),
            None => Ok(()),
        }
    }

    /// Whether all that the request asks for fits.
    fn all(&self, parts: &RawPathParams, request: &Request) -> Result<(), String> {
        for (name, value) in parts {
            self.named(Place::Path, name).map_or(Ok(()), |known| known.admit(value))?;
        }
        for known in self.parameters.iter().filter(|known| known.place == Place::Header) {
            if let Some(value) = request.headers().get(known.name) {
                known.admit(&String::from_utf8_lossy(value.as_bytes()))?;
            }
        }
        self.query(&Query::parse(request.uri().query().unwrap_or_default()))
    }

    fn unknown(&self, name: &str) -> String {
        let known = self.parameters.iter().filter(|it| it.place == Place::Query).map(|it| it.name);
        let nearest = known
            .clone()
            .map(|other| (strsim::jaro_winkler(name, other), other))
            .filter(|(likeness, _)| *likeness >= SIMILAR)
            .max_by(|left, right| left.0.total_cmp(&right.0));
        match nearest {
            Some((_, nearest)) => format!("`{name}` is not a parameter here; did you mean `{nearest}`?"),
            None => {
                let all: Vec<&str> = known.collect();
                let all = if all.is_empty() {
                    "none are taken".to_owned()
                } else {
                    format!("use {}", all.join(", "))
                };
                format!("`{name}` is not a parameter here; {all}")
            }
        }
    }
}

/// Refuses what an operation does not take.
pub(crate) async fn check(
    State(demands): State<Demands>,
    parts: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
    next: Next,
) -> Response {
    let fits = match &parts {
        Ok(parts) => demands.all(parts, &request),
        Err(_) => Err("the address holds what is not UTF-8".to_owned()),
    };
    if let Err(message) = fits {
        return Problem::bad(message).into_response();
    }
    next.run(request).await
}
