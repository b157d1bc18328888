//! The description of the API as a page.

use super::operation::{Operation, Topic, Verb};
use super::parameter::{Kind, Parameter, Place};
use crate::Viewer;
use crate::pages::layout::{Part, page};
use maud::{Markup, html};

/// The page.
pub(crate) fn show(operations: &[Operation], viewer: &Viewer) -> Markup {
    let content = html! {
        header.title {
            h1 { "API" }
            p.soft { "What the console shows, for programs: " a href="/api/openapi.json" { "the description in OpenAPI 3.1" } "." }
        }
        p { "Lists are read page by page: ask again with " code { "next" } " as " code { "cursor" } " until there is none. "
            "What goes wrong is told as " code { "application/problem+json" } "." }
        @for topic in Topic::ALL {
            section {
                h2 { (topic.title()) }
                @for operation in operations.iter().filter(|operation| operation.topic == topic) {
                    (tell(operation))
                }
            }
        }
    };
    page(Part::Api, "API", viewer, &content)
}

fn tell(operation: &Operation) -> Markup {
    let verb = match operation.verb {
        Verb::Get => "GET",
        Verb::Post => "POST",
        Verb::Delete => "DELETE",
    };
    let (level, more) = operation.demand();
    html! {
        details.part id=(operation.id) {
            summary { span { (operation.summary) } code { (verb) " " (operation.path) } }
            @if !operation.text.is_empty() { p { (operation.text) } }
            p.soft { "It takes the level " code { (level.as_str()) } (more) "." }
            @if !operation.parameters.is_empty() {
                div.scroll { table {
                    thead { tr { th { "Parameter" } th { "What it is" } th { "What fits" } } }
                    tbody { @for parameter in &operation.parameters { tr {
                        td { code { (parameter.name) } @if parameter.is_required { " (needed)" } }
                        td { (parameter.text) }
                        td.soft { (fits(parameter)) }
                    } } }
                } }
            }
        }
    }
}

fn fits(parameter: &Parameter) -> String {
    let one = match &parameter.kind {
        Kind::Text => "text".to_owned(),
        Kind::Name(longest) => format!("text of up to {longest} characters"),
        Kind::Whole(_, to) if i64::try_from(*to) == Ok(i64::MAX) => "a whole number".to_owned(),
        Kind::Whole(from, to) => format!("{from} to {to}"),
        Kind::OneOf(words) => words.join(", "),
        Kind::Moment => "2026-01-31, 2026-01-31T09:00:00Z or 7d".to_owned(),
        Kind::Dimensions => "names of filters".to_owned(),
        Kind::FindingId => "32 hexadecimal digits".to_owned(),
    };
    match (parameter.place, parameter.is_list) {
        (Place::Header, _) => format!("{one}; a header"),
        (_, true) => format!("{one}; several with commas between"),
        (_, false) => one,
    }
}
