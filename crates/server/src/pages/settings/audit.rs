//! Who did what, when, from where; the latest first.

use super::{Place, top};
use crate::Console;
use crate::error::{PageError, PageResult};
use crate::pages::layout::{Part, page};
use crate::parts::time;
use crate::query::Query;
use crate::viewer::Viewer;
use axum::extract::{RawQuery, State};
use maud::{Markup, html};

/// Entries on a page.
const ENTRIES: usize = 100;

/// The log.
pub(crate) async fn show(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    viewer: Viewer,
) -> PageResult<Markup> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let before = query.first("before").map(|text| {
        text.parse().map_err(|_| PageError::Bad(format!("`{text}` is not the number of an entry")))
    });
    let before = before.transpose()?;
    // one more than is shown tells whether there are more
    let limit = u32::try_from(ENTRIES + 1).unwrap_or(u32::MAX);
    let entries = console.look(move |store| store.audit(before, limit)).await?;
    let more = (entries.len() > ENTRIES).then(|| entries.get(ENTRIES - 1)).flatten();
    let now = console.now();
    let content = html! {
        (top(Place::Audit))
        div.scroll { table.people {
            thead { tr { th { "When" } th { "Who" } th { "What" } th { "From" } } }
            tbody { @for entry in entries.iter().take(ENTRIES) { tr {
                td { (time::ago(entry.at, now)) }
                td.name { (entry.name) }
                td.name { (entry.action) @if !entry.subject.is_empty() { " " b { (entry.subject) } } }
                td { (entry.address) }
            } } }
        } }
        nav.pager aria-label="pages" {
            span {}
            @if before.is_some() { a.button href="/settings/audit" rel="prev" { "To the beginning" } }
            @if let Some(last) = more {
                a.button href=(Query::default().set("before", last.number.to_string()).address("/settings/audit")) rel="next" { "Earlier" }
            }
        }
    };
    Ok(page(Part::Settings, "Audit log", &viewer, &content))
}
