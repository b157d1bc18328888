//! The operations of the API as data: the routes and the description are both made from them, so that they
//! cannot differ.

use super::parameter::Parameter;
use crate::{Console, Level};
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::routing::{MethodRouter, get, post};
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// How an operation is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
}

/// What whoever is asked for sees first in the description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    Findings,
    Exceptions,
    Estate,
    Catalog,
    Runs,
    Reports,
}

impl Topic {
    pub(crate) const ALL: [Self; 6] =
        [Self::Findings, Self::Exceptions, Self::Estate, Self::Catalog, Self::Runs, Self::Reports];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Findings => "Findings",
            Self::Exceptions => "Exceptions",
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
    /// Who may ask.
    pub(crate) level: Level,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Content>,
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
            level: Level::Read,
            parameters: Vec::new(),
            body: None,
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

    pub(crate) fn told(mut self, text: &'static str) -> Self {
        self.text = text;
        self
    }

    pub(crate) fn needs(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    pub(crate) fn takes(mut self, parameters: impl IntoIterator<Item = Parameter>) -> Self {
        self.parameters.extend(parameters);
        self
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

    pub(crate) fn answers_raw(mut self, media_type: &'static str, text: &'static str) -> Self {
        self.successes.push(Success { status: StatusCode::OK, text, content: Content::Raw(media_type) });
        self
    }

    pub(crate) fn refuses(mut self, status: StatusCode, text: &'static str) -> Self {
        self.refusals.push((status, text));
        self
    }
}
