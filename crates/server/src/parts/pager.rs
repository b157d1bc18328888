//! The way from one page of a list to the next.

use super::score::count;
use crate::query::Query;
use maud::{Markup, html};
use stance_store::Position;

/// Findings or resources on a page.
pub(crate) const PAGE: u64 = 50;

/// Where a page begins, as an address says it.
pub(crate) fn position(query: &Query) -> Result<Position, String> {
    let number = |text: &str| text.parse().map_err(|_| format!("`{text}` is not a place in a list"));
    if let Some(text) = query.first("after") {
        let (cell, finding) =
            text.split_once(':').ok_or_else(|| format!("`{text}` is not a place in a list"))?;
        let signed = |text: &str| text.parse().map_err(|_| format!("`{text}` is not a place in a list"));
        return Ok(Position::After { cell: signed(cell)?, finding: signed(finding)? });
    }
    match query.first("from") {
        Some(text) => Ok(Position::Offset(number(text)?)),
        None => Ok(Position::Start),
    }
}

/// An address's query that begins there.
pub(crate) fn at(query: &Query, position: Position) -> Query {
    let query = query.clone().without("from").without("after");
    match position {
        Position::Start | Position::Offset(0) => query,
        Position::Offset(offset) => query.with("from", offset.to_string()),
        Position::After { cell, finding } => query.with("after", format!("{cell}:{finding}")),
    }
}

/// Links to the page before and after.
pub(crate) fn pager(
    path: &str,
    query: &Query,
    from: Position,
    shown: u64,
    total: Option<u64>,
    next: Option<Position>,
) -> Markup {
    let offset = match from {
        Position::Offset(offset) => offset,
        Position::Start | Position::After { .. } => 0,
    };
    let before = match from {
        Position::Start | Position::Offset(0) => None,
        Position::Offset(offset) => Some(Position::Offset(offset.saturating_sub(PAGE))),
        Position::After { .. } => Some(Position::Start),
    };
    html! {
        nav.pager aria-label="pages" {
            span {
                @match total {
                    Some(total) if shown > 0 => {
                        (count(offset + 1)) "–" (count(offset + shown)) " of " (count(total))
                    },
                    Some(_) => { "none" },
                    None => { (count(shown)) " shown; more than can be counted quickly" },
                }
            }
            @if let Some(before) = before {
                a.button href=(at(query, before).address(path)) rel="prev" {
                    @if matches!(from, Position::After { .. }) { "To the beginning" } @else { "Back" }
                }
            }
            @if let Some(next) = next {
                a.button href=(at(query, next).address(path)) rel="next" { "Next" }
            }
        }
    }
}
