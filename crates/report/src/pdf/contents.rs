//! The table of contents, and the head and foot of every page.

use super::TITLE;
use super::document::{Document, ElementId, PageId, Target};
use super::flow::Flow;
use super::palette::{self, BOTTOM, LINE, MARGIN, PAGE_HEIGHT, SOFT, WIDTH};
use super::text::{Span, Style};
use pdf_writer::types::StructRole;
use stance_model::{Findings, Report};

/// The height of an entry of the first and of the second level.
const HEIGHTS: [f32; 2] = [24.0, 16.0];

/// Writes the table of contents into the element that waits for it; gives the order of the pages.
pub(super) fn write(element: ElementId, flow: &mut Flow) -> Vec<PageId> {
    let body = flow.document.pages.len();
    let entries: Vec<_> = flow
        .document
        .bookmarks
        .iter()
        .filter_map(|mark| Some((*HEIGHTS.get(mark.level.checked_sub(1)?)?, mark)))
        .map(|(height, mark)| (height, mark.level, mark.title.clone(), mark.page, mark.y))
        .collect();
    // every entry takes one line, so that the number of pages is known before they are numbered
    let mut pages = 1;
    let mut y = first();
    for (height, ..) in &entries {
        if y + height > BOTTOM {
            (pages, y) = (pages + 1, palette::TOP);
        }
        y += height;
    }
    flow.document.reopen(element);
    flow.next_page();
    let heading = flow.document.set(&[Span::new("Contents", Style::BODY.bold().size(21.0))], WIDTH, 1);
    flow.document.open(StructRole::Caption);
    flow.document.text(&heading, 0..1, MARGIN, flow.y);
    flow.document.close();
    flow.y = first();
    for (height, level, title, page, y) in entries {
        if flow.y + height > BOTTOM {
            flow.next_page();
        }
        // the cover, the contents, and the pages before it
        let shown = page + pages + 1;
        entry(level, &title, shown, Target::Place(page, y), height, flow);
    }
    flow.document.close();
    std::iter::once(0).chain(body..flow.document.pages.len()).chain(1..body).collect()
}

fn first() -> f32 {
    palette::TOP + 44.0
}

fn entry(level: usize, title: &str, page: usize, target: Target, height: f32, flow: &mut Flow) {
    let (indent, style) = match level {
        1 => (0.0, Style::BODY.bold().size(10.5)),
        _ => (16.0, Style::BODY),
    };
    let number = flow.document.set(&[Span::new(page.to_string(), style)], 60.0, 1);
    let room = WIDTH - indent - 46.0;
    let block = flow.document.set(&[Span::new(title, style)], room, 1);
    let y = flow.y + height - block.height();
    flow.document.open(StructRole::TOCI);
    flow.document.open(StructRole::Link);
    flow.document.text(&block, 0..1, MARGIN + indent, y);
    let (from, to) = (MARGIN + indent + block.width() + 6.0, MARGIN + WIDTH - number.width() - 6.0);
    let dots = PAGE_HEIGHT - y - block.baseline();
    flow.document.artifact(|content| {
        SOFT.stroke(content);
        content.save_state().set_line_width(0.5).set_dash_pattern([0.5, 3.0], 0.0);
        content.move_to(from, dots).line_to(to.max(from), dots).stroke().restore_state();
    });
    flow.document.text(&number, 0..1, MARGIN + WIDTH - number.width(), y);
    flow.document.link((MARGIN, y), (WIDTH, block.height()), target, title);
    flow.document.close();
    flow.document.close();
    flow.y += height;
}

/// Head and foot of every page but the cover.
pub(super) fn edges(report: &Report<dyn Findings>, subject: &str, order: &[PageId], document: &mut Document) {
    let style = Style::BODY.size(7.5).soft();
    let scan = &report.scan;
    let made = format!(
        "Stance {}, scanned {}",
        super::text::cut(&scan.stance_version, 40),
        scan.started_at.format("%Y-%m-%d %H:%M UTC")
    );
    let left = document.set(&[Span::new(TITLE, style)], WIDTH / 2.0, 1);
    let right = document.set(&[Span::new(subject, style)], WIDTH / 2.0, 1);
    let foot = document.set(&[Span::new(made, style)], WIDTH - 90.0, 1);
    for (place, page) in order.iter().enumerate() {
        if !document.pages.get(*page).is_some_and(|page| page.has_edges) {
            continue;
        }
        let number = format!("Page {} of {}", place + 1, order.len());
        let number = document.set(&[Span::new(number, style)], 90.0, 1);
        document.edge_text(*page, &left, MARGIN, 36.0);
        document.edge_text(*page, &right, MARGIN + WIDTH - right.width(), 36.0);
        document.edge_text(*page, &foot, MARGIN, 798.0);
        document.edge_text(*page, &number, MARGIN + WIDTH - number.width(), 798.0);
        document.edge_line(*page, LINE, 50.0);
        document.edge_line(*page, LINE, 793.0);
    }
}
