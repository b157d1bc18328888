//! Tables: the first column is text and gives way, the others are as wide as what stands in them.

use super::Page;
use super::layout::{cells, fit, left, right};
use super::style::Style;
use std::io;

/// A cell's text and look.
pub(super) type Cell = (String, Style);

pub(super) fn write(page: &mut Page<'_>, header: &[&str], rows: &[Vec<Cell>]) -> io::Result<()> {
    let mut widths: Vec<usize> = header.iter().map(|text| cells(text)).collect();
    for row in rows {
        for (width, (text, _)) in widths.iter_mut().zip(row) {
            *width = (*width).max(cells(text));
        }
    }
    let others: usize = widths.iter().skip(1).map(|width| width + 2).sum();
    if let Some(first) = widths.first_mut() {
        *first = (*first).min(page.width.saturating_sub(others + 2).max(8));
    }

    let header: Vec<Cell> = header.iter().map(|text| ((*text).to_owned(), Style::Dim)).collect();
    for row in std::iter::once(&header).chain(rows) {
        let mut line = String::from("  ");
        for (index, ((text, style), width)) in row.iter().zip(&widths).enumerate() {
            if index == 0 {
                line.push_str(&page.paint(*style, &left(&fit(text, *width), *width)));
            } else {
                line.push_str("  ");
                line.push_str(&page.paint(*style, &right(text, *width)));
            }
        }
        page.line(&line)?;
    }
    Ok(())
}
