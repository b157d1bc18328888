//! Text that flows down a page and on to the next: headings, paragraphs, lists, commands.

use super::document::{Document, Target};
use super::fonts::Face;
use super::palette::{self, ACCENT, BOTTOM, INK, MARGIN, Mark, PAGE_HEIGHT, SUNK, TOP, WIDTH};
use super::text::{Block, Span, Style, cut, prose};
use pdf_writer::types::StructRole;
use stance_model::Severity;
use std::io;

/// More lines than any text of the report has.
pub(super) const ALL_LINES: usize = 100_000;

/// The longest bookmark, in characters.
const LONGEST_TITLE: usize = 160;

/// A document and the place where writing goes on.
pub(super) struct Flow {
    pub document: Document,
    /// From the top of the page, in points.
    pub y: f32,
}

impl Flow {
    pub fn new() -> io::Result<Self> {
        Ok(Self { document: Document::new()?, y: TOP })
    }

    /// Goes to the top of a new page.
    pub fn next_page(&mut self) {
        self.document.begin_page(true);
        self.y = TOP;
    }

    /// What is left of the page, in points.
    pub fn room(&self) -> f32 {
        BOTTOM - self.y
    }

    /// Goes to a new page where less than `height` points are left.
    pub fn need(&mut self, height: f32) {
        if self.room() < height && self.y > TOP {
            self.next_page();
        }
    }

    /// Leaves a gap; none at the top of a page.
    pub fn gap(&mut self, height: f32) {
        if self.y > TOP {
            self.y += height;
        }
    }

    /// A chapter, on a new page.
    pub fn chapter(&mut self, title: &str) {
        self.next_page();
        self.document.bookmark(1, title, 0.0);
        self.document.artifact(|content| {
            ACCENT.fill(content);
            content.rect(MARGIN, PAGE_HEIGHT - TOP + 4.0, 30.0, 3.0).fill_nonzero();
        });
        let style = Style::BODY.bold().size(21.0);
        self.title(StructRole::H1, title, style);
        self.y += 10.0;
    }

    /// A section of a chapter.
    pub fn section(&mut self, title: &str) {
        self.heading(2, title, 96.0);
    }

    /// A part of a section.
    pub fn part(&mut self, title: &str) {
        self.heading(3, title, 72.0);
    }

    fn heading(&mut self, level: usize, title: &str, needed: f32) {
        let (role, size, before, after) = match level {
            2 => (StructRole::H2, 13.5, 20.0, 5.0),
            _ => (StructRole::H3, 10.5, 13.0, 3.0),
        };
        // a heading stays with what follows it
        self.need(needed);
        self.gap(before);
        self.document.bookmark(level, &cut(title, LONGEST_TITLE), self.y - 4.0);
        self.title(role, title, Style::BODY.bold().size(size));
        self.y += after;
    }

    /// A heading that is too small for the outline.
    pub fn label(&mut self, title: &str) {
        self.need(44.0);
        self.gap(7.0);
        self.title(StructRole::H4, title, Style::BODY.bold().size(8.5).colour(palette::SOFT));
        self.y += 1.0;
    }

    fn title(&mut self, role: StructRole, title: &str, style: Style) {
        let block = self.document.set(&[Span::new(title, style)], WIDTH, 8);
        self.document.open(role);
        self.document.text(&block, 0..block.lines.len(), MARGIN, self.y);
        self.document.close();
        self.y += block.height();
    }

    /// A thin line across the page, before something new; none at the top of a page.
    pub fn rule(&mut self) {
        if self.y > TOP {
            self.document.rule(self.y);
        }
    }

    /// What a rule is, below its title: how bad, how often it fails, its id.
    pub fn tagline(&mut self, severity: Severity, failing: &str, id: &str) {
        let (mark, colour) = palette::of_severity(severity);
        let spans = [
            Span::new(severity.as_str(), Style::BODY.size(9.0).bold().colour(colour)),
            Span::new(format!("   {failing}   "), Style::BODY.size(9.0)),
            Span::new(id, Style::BODY.size(8.5).soft().code()),
        ];
        let block = self.document.set(&spans, WIDTH - 12.0, 4);
        let middle = PAGE_HEIGHT - self.y - block.leading * 0.52;
        self.document.artifact(|content| palette::mark(content, mark, colour, MARGIN + 3.5, middle, 6.5));
        self.document.open(StructRole::P);
        self.document.text(&block, 0..block.lines.len(), MARGIN + 12.0, self.y);
        self.document.close();
        self.y += block.height();
    }

    /// A paragraph; `` `code` `` in it is set as code.
    pub fn paragraph(&mut self, text: &str) {
        self.paragraph_of(&prose(text, Style::BODY));
    }

    /// A paragraph that says less important things.
    pub fn note(&mut self, text: &str) {
        self.paragraph_of(&prose(text, Style::BODY.size(8.5).soft()));
    }

    /// A paragraph in styles of its own.
    pub fn paragraph_of(&mut self, spans: &[Span]) {
        self.document.open(StructRole::P);
        self.block_of(spans, MARGIN, WIDTH);
        self.document.close();
        self.y += 5.0;
    }

    /// A point of a list.
    pub fn point(&mut self, text: &str) {
        let indent = 13.0;
        // as many lines as do not move on without their mark
        self.need(3.0 * Style::BODY.leading());
        self.document.open(StructRole::LI);
        let y = PAGE_HEIGHT - self.y - Style::BODY.leading() * 0.5;
        self.document.artifact(|content| palette::mark(content, Mark::Disc, ACCENT, MARGIN + 4.0, y, 3.0));
        self.document.open(StructRole::LBody);
        self.block_of(&prose(text, Style::BODY), MARGIN + indent, WIDTH - indent);
        self.document.close();
        self.document.close();
        self.y += 3.0;
    }

    /// Points of a list, each with its mark.
    pub fn points(&mut self, texts: impl IntoIterator<Item = String>) {
        self.document.open(StructRole::L);
        for text in texts {
            self.point(&text);
        }
        self.document.close();
        self.y += 3.0;
    }

    /// Lines that go on over the end of a page; a single line is left on neither side.
    fn block_of(&mut self, spans: &[Span], x: f32, width: f32) {
        let block = self.document.set(spans, width, ALL_LINES);
        let mut from = 0;
        while from < block.lines.len() {
            let left = block.lines.len() - from;
            let mut fit = fitting(self.room(), block.leading).min(left);
            if fit < left {
                fit = if left - fit == 1 { fit.saturating_sub(1) } else { fit };
                if fit < 2 && self.y > TOP {
                    self.next_page();
                    continue;
                }
                fit = fit.max(1);
            }
            self.document.text(&block, from..from + fit, x, self.y);
            self.y += palette::float(fit) * block.leading;
            from += fit;
        }
    }

    /// A command or a file to copy, on a ground of its own.
    pub fn code(&mut self, text: &str) {
        let inset = 7.0;
        let style = Style { face: Face::Code, size: 7.75, colour: INK };
        let text = text.trim_end().replace('\t', "    ");
        let block = self.document.set(&[Span::new(text, style)], WIDTH - 2.0 * inset, ALL_LINES);
        self.document.open(StructRole::Code);
        let mut from = 0;
        while from < block.lines.len() {
            let left = block.lines.len() - from;
            let mut fit = fitting(self.room() - 2.0 * inset, block.leading).min(left);
            if fit < left.min(3) && self.y > TOP {
                self.next_page();
                continue;
            }
            fit = fit.max(1);
            let height = palette::float(fit) * block.leading + 2.0 * inset - 3.0;
            let y = PAGE_HEIGHT - self.y - height;
            self.document.artifact(|content| {
                SUNK.fill(content);
                content.rect(MARGIN, y, WIDTH, height).fill_nonzero();
                ACCENT.fill(content);
                content.rect(MARGIN, y, 1.5, height).fill_nonzero();
            });
            self.document.text(&block, from..from + fit, MARGIN + inset, self.y + inset - 1.5);
            self.y += height;
            from += fit;
        }
        self.document.close();
        self.y += 6.0;
    }

    /// What a reader must not miss, in a box.
    pub fn notice(&mut self, title: &str, text: &str) {
        let inset = 10.0;
        let mut spans = vec![Span::new(format!("{title}  "), Style::BODY.bold())];
        spans.extend(prose(text, Style::BODY));
        let block = self.document.set(&spans, WIDTH - 2.0 * inset, 24);
        let height = block.height() + 12.0;
        self.need(height);
        let y = PAGE_HEIGHT - self.y - height;
        self.document.artifact(|content| {
            SUNK.fill(content);
            content.rect(MARGIN, y, WIDTH, height).fill_nonzero();
            palette::UNKNOWN.fill(content);
            content.rect(MARGIN, y, 3.0, height).fill_nonzero();
        });
        self.document.open(StructRole::P);
        self.document.text(&block, 0..block.lines.len(), MARGIN + inset, self.y + 6.0);
        self.document.close();
        self.y += height + 8.0;
    }

    /// An address of the provider's documentation; only `https` leads anywhere.
    pub fn address(&mut self, address: &str) {
        if !address.starts_with("https://") || !address.bytes().all(|byte| byte.is_ascii_graphic()) {
            self.note(address);
            return;
        }
        let style = Style::BODY.size(8.5).colour(ACCENT);
        let block: Block = self.document.set(&[Span::new(address, style)], WIDTH, 6);
        self.need(block.height());
        self.document.open(StructRole::P);
        self.document.open(StructRole::Link);
        self.document.text(&block, 0..block.lines.len(), MARGIN, self.y);
        let target = Target::Address(address.to_owned());
        self.document.link((MARGIN, self.y), (block.width(), block.height()), target, address);
        self.document.close();
        self.document.close();
        self.y += block.height() + 1.0;
    }
}

/// How many lines fit.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn fitting(room: f32, leading: f32) -> usize {
    (room / leading).max(0.0) as usize
}
