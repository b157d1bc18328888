//! Tables: rows stay whole, the head is repeated on each page, whatever is too long is wrapped in its
//! cell.

use super::flow::Flow;
use super::palette::{self, Colour, LINE, MARGIN, Mark, PAGE_HEIGHT, WIDTH};
use super::text::{Block, Span, Style, cut, prose};
use crate::words;
use pdf_writer::types::StructRole;
use stance_model::{Assessment, ScoreBreakdown, Severity, Standing};

/// Above and below the text of a row, in points.
const PADDING: f32 = 4.5;
/// Left and right of the text of a cell.
const GUTTER: f32 = 8.0;
/// Right of a number.
const NUMBER_GUTTER: f32 = 4.0;
/// Beside a word, for its sign.
const MARK_ROOM: f32 = 11.0;
/// The most lines of a cell, so that any row fits onto a page.
const MOST_LINES: usize = 28;
/// The longest text of a cell, in characters.
const LONGEST_TEXT: usize = 600;

/// A column.
#[derive(Clone, Copy)]
pub(super) struct Column {
    title: &'static str,
    /// Its share of the width.
    share: f32,
    is_number: bool,
}

impl Column {
    pub const fn text(title: &'static str, share: f32) -> Self {
        Self { title, share, is_number: false }
    }

    pub const fn number(title: &'static str, share: f32) -> Self {
        Self { title, share, is_number: true }
    }
}

/// What stands in a cell.
#[derive(Default)]
pub(super) struct Cell {
    spans: Vec<Span>,
    mark: Option<(Mark, Colour)>,
    bar: Option<ScoreBreakdown>,
}

impl Cell {
    pub fn text(text: &str) -> Self {
        Self::spans(vec![Span::new(cut(text, LONGEST_TEXT), Style::CELL)])
    }

    pub fn bold(text: &str) -> Self {
        Self::spans(vec![Span::new(cut(text, LONGEST_TEXT), Style::CELL.bold())])
    }

    pub fn prose(text: &str) -> Self {
        Self::spans(prose(&cut(&words::one_line(text), LONGEST_TEXT), Style::CELL))
    }

    pub fn code(text: &str) -> Self {
        Self::spans(vec![Span::new(cut(text, LONGEST_TEXT), Style::CELL.code())])
    }

    pub fn spans(spans: Vec<Span>) -> Self {
        Self { spans, ..Self::default() }
    }

    /// Goes on with other text on a line of its own.
    pub fn below(mut self, text: &str, style: Style) -> Self {
        if !text.is_empty() {
            self.spans.push(Span::new("\n", style));
            self.spans.push(Span::new(cut(text, LONGEST_TEXT), style));
        }
        self
    }

    pub fn number(count: u64) -> Self {
        Self::text(&words::number(count))
    }

    pub fn percent(verdicts: ScoreBreakdown) -> Self {
        Self::bold(&verdicts.percent().map_or_else(|| "–".to_owned(), |percent| format!("{percent} %")))
    }

    pub fn bar(verdicts: ScoreBreakdown) -> Self {
        Self { bar: Some(verdicts), ..Self::default() }
    }

    pub fn severity(severity: Severity) -> Self {
        let (mark, colour) = palette::of_severity(severity);
        Self::marked(severity.as_str(), mark, colour)
    }

    pub fn assessment(assessment: Assessment) -> Self {
        let (mark, colour) = palette::of_assessment(assessment);
        let word = match assessment {
            Assessment::Pass => "passed",
            Assessment::Fail => "failed",
            other => other.as_str(),
        };
        Self::marked(word, mark, colour)
    }

    pub fn standing(standing: Standing, word: &str) -> Self {
        let (mark, colour) = match standing {
            Standing::Failing => (Mark::Cross, palette::FAIL),
            Standing::Unknown => (Mark::Question, palette::UNKNOWN),
            Standing::Passing => (Mark::Tick, palette::PASS),
            Standing::Excepted => (Mark::Dash, palette::SOFT),
        };
        Self::marked(word, mark, colour)
    }

    fn marked(word: &str, mark: Mark, colour: Colour) -> Self {
        let spans = vec![Span::new(word, Style::CELL.bold().colour(colour))];
        Self { spans, mark: Some((mark, colour)), bar: None }
    }
}

/// A table that is being written.
pub(super) struct Table<'f, const N: usize> {
    flow: &'f mut Flow,
    columns: [Column; N],
    /// The width of each column, in points.
    widths: [f32; N],
    /// What stands above the head, until it was written.
    label: Option<&'static str>,
    has_begun: bool,
}

impl<'f, const N: usize> Table<'f, N> {
    /// Starts a table.
    pub fn begin(flow: &'f mut Flow, columns: [Column; N]) -> Self {
        let all: f32 = columns.iter().map(|column| column.share).sum();
        let widths = columns.map(|column| column.share / all * WIDTH);
        Self { flow, columns, widths, label: None, has_begun: false }
    }

    /// A heading that stays with the table's first row.
    pub fn labelled(self, label: &'static str) -> Self {
        Self { label: Some(label), ..self }
    }

    /// Makes room for a row; the first row brings the head with it.
    fn make_room(&mut self, height: f32) {
        if self.has_begun {
            if self.flow.room() < height {
                self.flow.next_page();
                self.head(false);
            }
            return;
        }
        self.has_begun = true;
        self.flow.need(height + if self.label.is_some() { 62.0 } else { 40.0 });
        if let Some(label) = self.label {
            self.flow.label(label);
        }
        self.flow.document.open(StructRole::Table);
        self.flow.document.open(StructRole::THead);
        self.flow.document.open(StructRole::TR);
        self.head(true);
        self.flow.document.close();
        self.flow.document.close();
        self.flow.document.open(StructRole::TBody);
    }

    /// The titles; on later pages they are only repeated.
    fn head(&mut self, is_first: bool) {
        let style = Style::CELL.size(7.5).soft().bold();
        let mut x = MARGIN;
        let mut height: f32 = 0.0;
        for (column, width) in self.columns.into_iter().zip(self.widths) {
            let span = Span::new(column.title, style);
            let block = self.flow.document.set(&[span], width - NUMBER_GUTTER, 2);
            let block = if column.is_number { block.flush_right() } else { block };
            let left = if column.is_number { x + width - NUMBER_GUTTER - block.width() } else { x };
            let y = self.flow.y + PADDING - 1.0;
            if is_first {
                self.flow.document.open(StructRole::TH);
                self.flow.document.text(&block, 0..block.lines.len(), left, y);
                self.flow.document.close();
            } else {
                self.flow.document.artifact_text(&block, left, y);
            }
            height = height.max(block.height());
            x += width;
        }
        self.flow.y += height + 2.0 * PADDING - 2.0;
        self.line(1.1, palette::SOFT);
    }

    fn line(&mut self, thick: f32, colour: Colour) {
        let y = PAGE_HEIGHT - self.flow.y;
        self.flow.document.artifact(|content| {
            colour.stroke(content);
            content.set_line_width(thick);
            content.move_to(MARGIN, y).line_to(MARGIN + WIDTH, y).stroke();
        });
    }

    /// Adds a row.
    #[allow(clippy::needless_pass_by_value, reason = "rows are made where they are added")]
    pub fn row(&mut self, cells: [Cell; N]) {
        let mut blocks = Vec::with_capacity(N);
        let mut height: f32 = 0.0;
        for (cell, width) in cells.iter().zip(self.widths) {
            let inset = if cell.mark.is_some() { MARK_ROOM } else { 0.0 };
            let block = self.flow.document.set(&cell.spans, width - GUTTER - inset, MOST_LINES);
            height = height.max(block.height());
            blocks.push(block);
        }
        let height = height + 2.0 * PADDING;
        self.make_room(height);
        self.flow.document.open(StructRole::TR);
        let mut x = MARGIN;
        for (((cell, block), width), column) in cells.iter().zip(&blocks).zip(self.widths).zip(self.columns) {
            self.cell(cell, block, x, width, column.is_number);
            x += width;
        }
        self.flow.document.close();
        self.flow.y += height;
        self.line(0.5, LINE);
    }

    fn cell(&mut self, cell: &Cell, block: &Block, x: f32, width: f32, is_number: bool) {
        let y = self.flow.y + PADDING;
        self.flow.document.open(StructRole::TD);
        let middle = PAGE_HEIGHT - y - Style::CELL.leading() * 0.52;
        if let Some((mark, colour)) = cell.mark {
            self.flow.document.artifact(|content| palette::mark(content, mark, colour, x + 3.5, middle, 6.0));
        }
        if let Some(verdicts) = cell.bar {
            self.flow.document.say(palette::in_words(verdicts));
            self.flow.document.artifact(|content| {
                palette::bar(content, verdicts, x, middle - 3.0, width - 2.0 * GUTTER, 6.0);
            });
        }
        let inset = if cell.mark.is_some() { MARK_ROOM } else { 0.0 };
        if is_number {
            self.flow.document.text(
                block,
                0..block.lines.len(),
                x + width - NUMBER_GUTTER - block.width(),
                y,
            );
        } else if !cell.spans.is_empty() {
            self.flow.document.text(block, 0..block.lines.len(), x + inset, y);
        }
        self.flow.document.close();
    }

    /// Adds a row that names those below it.
    pub fn group(&mut self, title: &str) {
        let style = Style::CELL.bold().colour(palette::ACCENT);
        let block = self.flow.document.set(&[Span::new(cut(title, LONGEST_TEXT), style)], WIDTH, 3);
        // it stays with the first row of its group
        self.make_room(block.height() + 42.0);
        self.flow.document.open(StructRole::TR);
        self.flow.document.open(StructRole::TD);
        self.flow.document.take_columns(N);
        self.flow.document.text(&block, 0..block.lines.len(), MARGIN, self.flow.y + PADDING + 3.0);
        self.flow.document.close();
        self.flow.document.close();
        self.flow.y += block.height() + 2.0 * PADDING + 2.0;
        self.line(0.5, LINE);
    }

    /// Ends the table.
    pub fn end(self) {
        if self.has_begun {
            self.flow.document.close();
            self.flow.document.close();
            self.flow.y += 9.0;
        }
    }
}
