//! What the page of findings shows, as files.

use super::kept_findings::Chosen;
use super::operation::{Operation, Topic};
use super::parameter::{Kind, Parameter, filters, sort};
use super::problem::{Answer, Problem};
use super::stream::stream;
use crate::filter::Filter;
use crate::query::Query;
use crate::{Console, Viewer};
use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use stance_report::{Format, TerminalOptions};
use std::sync::Arc;

/// A file that holds what the page of findings shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Export {
    Csv,
    Json,
    Ocsf,
}

impl Export {
    pub(crate) const ALL: [Self; 3] = [Self::Csv, Self::Json, Self::Ocsf];

    /// Where it is.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Csv => "/findings.csv",
            Self::Json => "/findings.json",
            Self::Ocsf => "/findings.ocsf.json",
        }
    }

    /// Its name for people.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Json => "JSON",
            Self::Ocsf => "OCSF",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Json | Self::Ocsf => "application/json",
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ocsf => "ocsf.json",
        }
    }

    fn format(self) -> Format {
        match self {
            Self::Csv => Format::Csv,
            Self::Json => Format::Json,
            Self::Ocsf => Format::Ocsf,
        }
    }

    fn operation(self) -> Operation {
        let (id, summary) = match self {
            Self::Csv => ("exportCsv", "The chosen findings as CSV, safe to open in a spreadsheet"),
            Self::Json => ("exportJson", "The chosen findings as a report in JSON"),
            Self::Ocsf => ("exportOcsf", "The chosen findings as OCSF Compliance Findings"),
        };
        let handler = move |console: State<Console>, query: RawQuery, viewer: Viewer| async move {
            self.send(console, query, viewer).await
        };
        let of_page = [
            Parameter::query(
                "group",
                Kind::Text,
                "as in the page's address; a file holds the findings themselves",
            ),
            Parameter::query("from", Kind::Text, "as in the page's address; a file holds all of them"),
            Parameter::query("after", Kind::Text, "as in the page's address; a file holds all of them"),
        ];
        Operation::get(self.path(), id, Topic::Findings, summary, handler)
            .told("Takes the address's query of the page of findings. Written while it is sent; an answer that is cut short failed.")
            .takes(filters().into_iter().map(Parameter::may_be_empty))
            .takes([sort().may_be_empty()])
            .takes(of_page)
            .answers_raw(self.media_type(), "the file")
    }

    async fn send(
        self,
        State(console): State<Console>,
        RawQuery(query): RawQuery,
        viewer: Viewer,
    ) -> Answer<Response> {
        let now = console.now();
        let query = Query::parse(query.as_deref().unwrap_or_default());
        let filter = Filter::of(&query, &viewer, now).map_err(Problem::bad)?;
        let chosen = Chosen { filter, query, visible: viewer.visible, now, has_scores: self == Self::Json };
        let asker = console.clone();
        let report = console.ask(move |_, _, census| chosen.report(&asker, &Arc::clone(census))).await?;
        let body =
            stream(move |out| stance_report::write(&report, self.format(), &TerminalOptions::default(), out))
                .await?;
        let name = format!("stance-findings-{}.{}", now.format("%Y-%m-%d"), self.ending());
        let headers = [
            (header::CONTENT_TYPE, format!("{}; charset=utf-8", self.media_type())),
            (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        ];
        Ok((headers, body).into_response())
    }
}

pub(crate) fn operations() -> [Operation; 3] {
    Export::ALL.map(Export::operation)
}
