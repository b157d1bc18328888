//! The operations of the API as data: the routes and the description are both made from them, so that they
//! cannot differ.

use super::parameter::Parameter;
use crate::access::Needs;
use crate::{Console, Level};
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::routing::{MethodRouter, delete, get, post};
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// How an operation is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
    Delete,
}

/// What whoever is asked for sees first in the description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    Findings,
    Exceptions,
    Alerts,
    Integrations,
    Estate,
    Catalog,
    Runs,
    Reports,
}

impl Topic {
    pub(crate) const ALL: [Self; 8] = [
        Self::Findings,
        Self::Exceptions,
        Self::Alerts,
        Self::Integrations,
        Self::Estate,
        Self::Catalog,
        Self::Runs,
        Self::Reports,
    ];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Findings => "Findings",
            Self::Exceptions => "Exceptions",
            Self::Alerts => "Alerts",
            Self::Integrations => "Integrations",
            Self::Estate => "Estate",
            Self::Catalog => "Benchmarks and rules",
            Self::Runs => "Runs",
            Self::Reports => "Reports",
        }
    }
}

/// What can be in a body.
#[derive(Clone, Copy)]
pub(crate) enum Content {
    /// JSON of a type.
    Json(fn(&mut SchemaGenerator) -> Schema),
    /// Bytes or text of a media type.
    Raw(&'static str),
    /// Nothing at all.
    Nothing,
}

fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// What comes back when all is well.
pub(crate) struct Success {
    pub(crate) status: StatusCode,
    pub(crate) text: &'static str,
    pub(crate) content: Content,
}

/// An operation of the API.
pub(crate) struct Operation {
    pub(crate) verb: Verb,
    /// Where, with the names of its parts in braces.
    pub(crate) path: &'static str,
    /// What programs call it.
    pub(crate) id: &'static str,
    pub(crate) topic: Topic,
    /// In a line.
    pub(crate) summary: &'static str,
    /// More, if there is more to know.
    pub(crate) text: &'static str,
    /// Who may ask: a level, with or without a limit to accounts.
    pub(crate) needs: Needs,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Content>,
    /// Whether there must be a body.
    pub(crate) is_body_required: bool,
    pub(crate) successes: Vec<Success>,
    /// Why it is refused, beside what any operation may be refused for.
    pub(crate) refusals: Vec<(StatusCode, &'static str)>,
    pub(crate) route: MethodRouter<Console>,
}

impl Operation {
    fn of(
        verb: Verb,
        path: &'static str,
        id: &'static str,
        topic: Topic,
        summary: &'static str,
        route: MethodRouter<Console>,
    ) -> Self {
        Self {
            verb,
            path,
            id,
            topic,
            summary,
            text: "",
            needs: Needs::Level(Level::Read),
            parameters: Vec::new(),
            body: None,
            is_body_required: false,
            successes: Vec::new(),
            refusals: Vec::new(),
            route,
        }
    }

    pub(crate) fn get<H: Handler<T, Console>, T: 'static>(
        path: &'static str,
        id: &'static str,
        topic: Topic,
        summary: &'static str,
        handler: H,
    ) -> Self {
        Self::of(Verb::Get, path, id, topic, summary, get(handler))
    }

    pub(crate) fn post<H: Handler<T, Console>, T: 'static>(
        path: &'static str,
        id: &'static str,
        topic: Topic,
        summary: &'static str,
        handler: H,
    ) -> Self {
        Self::of(Verb::Post, path, id, topic, summary, post(handler))
    }

    pub(crate) fn delete<H: Handler<T, Console>, T: 'static>(
        path: &'static str,
        id: &'static str,
        topic: Topic,
        summary: &'static str,
        handler: H,
    ) -> Self {
        Self::of(Verb::Delete, path, id, topic, summary, delete(handler))
    }

    pub(crate) fn told(mut self, text: &'static str) -> Self {
        self.text = text;
        self
    }

    pub(crate) fn needs(mut self, level: Level) -> Self {
        self.needs = Needs::Level(level);
        self
    }

    /// For whoever has that level and may see every account.
    pub(crate) fn needs_everything(mut self, level: Level) -> Self {
        self.needs = Needs::Everything(level);
        self
    }

    /// Who may ask: the level, and what else it takes.
    pub(crate) fn demand(&self) -> (Level, &'static str) {
        match self.needs {
            Needs::Level(level) => (level, ""),
            Needs::Everything(level) => (level, ", with no limit to accounts"),
            // no operation is for sessions or for nobody
            _ => (Level::Manage, ""),
        }
    }

    pub(crate) fn takes(mut self, parameters: impl IntoIterator<Item = Parameter>) -> Self {
        self.parameters.extend(parameters);
        self
    }

    /// With a body that must be there.
    pub(crate) fn demands<T: JsonSchema>(self) -> Self {
        let this = self
            .reads::<T>()
            .refuses(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large")
            .refuses(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the request is not said to be JSON");
        Self { is_body_required: true, ..this }
    }

    pub(crate) fn reads<T: JsonSchema>(mut self) -> Self {
        self.body = Some(Content::Json(schema::<T>));
        self
    }

    pub(crate) fn reads_raw(mut self, media_type: &'static str) -> Self {
        self.body = Some(Content::Raw(media_type));
        self
    }

    pub(crate) fn answers<T: JsonSchema>(self, text: &'static str) -> Self {
        self.answers_with::<T>(StatusCode::OK, text)
    }

    pub(crate) fn answers_with<T: JsonSchema>(mut self, status: StatusCode, text: &'static str) -> Self {
        self.successes.push(Success { status, text, content: Content::Json(schema::<T>) });
        self
    }

    pub(crate) fn answers_with_nothing(mut self, text: &'static str) -> Self {
        self.successes.push(Success { status: StatusCode::NO_CONTENT, text, content: Content::Nothing });
        self
    }

    pub(crate) fn answers_raw(mut self, media_type: &'static str, text: &'static str) -> Self {
        self.successes.push(Success { status: StatusCode::OK, text, content: Content::Raw(media_type) });
        self
    }

    pub(crate) fn refuses(mut self, status: StatusCode, text: &'static str) -> Self {
        self.refusals.push((status, text));
        self
    }
}
