//! Text broken into lines of a given width.

use super::fonts::{Face, Fonts, Glyph};
use super::palette::{self, Colour};
use crate::words;
use stance_model::printable;

/// How a piece of text looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Style {
    pub face: Face,
    /// In points.
    pub size: f32,
    pub colour: Colour,
}

impl Style {
    pub const BODY: Self = Self { face: Face::Regular, size: 9.5, colour: palette::INK };
    pub const CELL: Self = Self { face: Face::Regular, size: 8.25, colour: palette::INK };

    pub const fn face(self, face: Face) -> Self {
        Self { face, ..self }
    }

    pub const fn bold(self) -> Self {
        self.face(Face::Bold)
    }

    /// Code; a little smaller, since its letters are wider than those of the text around it.
    pub fn code(self) -> Self {
        Self { face: Face::Code, size: self.size * 0.88, ..self }
    }

    pub const fn soft(self) -> Self {
        self.colour(palette::SOFT)
    }

    pub const fn colour(self, colour: Colour) -> Self {
        Self { colour, ..self }
    }

    pub const fn size(self, size: f32) -> Self {
        Self { size, ..self }
    }

    /// From one line to the next, in points.
    pub fn leading(self) -> f32 {
        self.size * 1.42
    }
}

/// Text in one style.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub text: String,
    pub style: Style,
}

impl Span {
    pub fn new(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }
}

/// Prose, in which `` `code` `` is set as code; line breaks of the catalog's files mean nothing.
pub(super) fn prose(text: &str, style: Style) -> Vec<Span> {
    let text = words::one_line(text);
    let parts: Vec<_> = text.split('`').collect();
    let last = parts.len() - 1;
    parts
        .into_iter()
        .enumerate()
        .map(|(index, part)| match (index % 2, index == last) {
            (1, false) => Span::new(part, style.code()),
            (1, true) => Span::new(format!("`{part}"), style),
            _ => Span::new(part, style),
        })
        .filter(|span| !span.text.is_empty())
        .collect()
}

/// A hostile text on one line, harmless, and cut where it is too long to read.
pub(super) fn cut(text: &str, most: usize) -> String {
    let text = printable(text);
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}

/// Glyphs of one style that stand side by side.
#[derive(Clone)]
pub(super) struct Piece {
    pub style: Style,
    pub glyphs: Vec<u16>,
    /// From the start of the line, in points.
    pub x: f32,
}

/// One line.
#[derive(Clone, Default)]
pub(super) struct Line {
    pub pieces: Vec<Piece>,
    /// In points, without the blanks at its end.
    pub width: f32,
}

/// Lines below each other.
#[derive(Clone)]
pub(super) struct Block {
    pub lines: Vec<Line>,
    /// From one line to the next, in points.
    pub leading: f32,
    /// The largest size of its text.
    pub size: f32,
}

impl Block {
    /// In points.
    pub fn height(&self) -> f32 {
        palette::float(self.lines.len()) * self.leading
    }

    /// The widest line, in points.
    pub fn width(&self) -> f32 {
        self.lines.iter().map(|line| line.width).fold(0.0, f32::max)
    }

    /// The same lines, each ending where the widest ends.
    pub fn flush_right(mut self) -> Self {
        let width = self.width();
        for line in &mut self.lines {
            let shift = width - line.width;
            line.pieces.iter_mut().for_each(|piece| piece.x += shift);
            line.width = width;
        }
        self
    }

    /// From the top of a line to the feet of its letters, in points.
    pub fn baseline(&self) -> f32 {
        (self.leading - self.size) / 2.0 + self.size * 0.86
    }
}

/// A glyph to be set.
#[derive(Clone, Copy)]
struct Atom {
    c: char,
    glyph: Option<Glyph>,
    style: Style,
    advance: f32,
}

impl Atom {
    fn is_blank(&self) -> bool {
        self.c == ' ' || self.glyph.is_none()
    }

    /// Whether a long word, such as an ARN, may be broken behind it.
    fn ends_a_part(&self) -> bool {
        matches!(
            self.c,
            '/' | ':' | '-' | '_' | '.' | ',' | '=' | '&' | '?' | ';' | '|' | '@' | ')' | ']' | '}'
        )
    }

    /// Whether a name such as `DescribeVpcs` may be broken behind it.
    fn ends_a_hump(&self, next: Option<&Self>) -> bool {
        self.style.face == Face::Code
            && self.c.is_lowercase()
            && next.is_some_and(|next| next.c.is_uppercase())
    }
}

/// Breaks text into lines of at most `width` points; of more than `most` lines the rest is cut, with a
/// mark. A word moves to the next line whole, unless it is long: then it is broken behind punctuation,
/// or, where it has none, anywhere.
pub(super) fn set(fonts: &mut Fonts, spans: &[Span], width: f32, most: usize) -> Block {
    let size = spans.iter().map(|span| span.style.size).fold(0.0, f32::max);
    let leading = spans.iter().map(|span| span.style.leading()).fold(0.0, f32::max);
    let mut atoms = Vec::new();
    for Span { text, style } in spans {
        atoms.extend(fonts.glyphs(style.face, text).into_iter().map(|(c, glyph)| Atom {
            c,
            glyph,
            style: *style,
            advance: glyph.map_or(0.0, |glyph| glyph.advance * style.size / 1000.0),
        }));
    }
    let mut lines = Vec::new();
    let mut rest = atoms.as_slice();
    loop {
        let (line, after) = rest.split_at(line_end(rest, width));
        if lines.len() + 1 == most && !after.is_empty() {
            lines.push(cut_line(fonts, line, width));
            break;
        }
        lines.push(made(line));
        rest = after;
        // a line feed at the very end starts a line of its own, any other end does not
        if rest.is_empty() {
            break;
        }
    }
    Block { lines, leading, size }
}

/// How many atoms stand on the first line.
fn line_end(atoms: &[Atom], width: f32) -> usize {
    let (mut x, mut blank, mut part) = (0.0, None, None);
    for (index, atom) in atoms.iter().enumerate() {
        if atom.glyph.is_none() {
            return index + 1;
        }
        if x + atom.advance > width && !atom.is_blank() && index > 0 {
            let word = atoms.get(blank.unwrap_or(0)..).unwrap_or_default();
            let word: f32 = word.iter().take_while(|atom| !atom.is_blank()).map(|atom| atom.advance).sum();
            return match (blank, part) {
                (Some(blank), _) if word <= width * 0.6 => blank,
                (_, Some(part)) => part,
                (Some(blank), None) if word <= width => blank,
                _ => index,
            };
        }
        x += atom.advance;
        if atom.is_blank() {
            blank = Some(index + 1);
            part = None;
        } else if index > 0 && (atom.ends_a_part() || atom.ends_a_hump(atoms.get(index + 1))) {
            part = Some(index + 1);
        }
    }
    atoms.len()
}

fn made(atoms: &[Atom]) -> Line {
    let mut line = Line::default();
    let mut x = 0.0;
    for atom in atoms {
        let Some(glyph) = atom.glyph else { continue };
        match line.pieces.last_mut() {
            Some(piece) if piece.style == atom.style => piece.glyphs.push(glyph.id),
            _ => line.pieces.push(Piece { style: atom.style, glyphs: vec![glyph.id], x }),
        }
        x += atom.advance;
        if !atom.is_blank() {
            line.width = x;
        }
    }
    line
}

/// A line that ends with a mark, since more would follow.
fn cut_line(fonts: &mut Fonts, atoms: &[Atom], width: f32) -> Line {
    let mut atoms: Vec<_> = atoms.iter().copied().filter(|atom| atom.glyph.is_some()).collect();
    let style = atoms.last().map_or(Style::CELL, |atom| atom.style);
    let mark = fonts.glyphs(style.face, "…").into_iter().map(|(c, glyph)| Atom {
        c,
        glyph,
        style,
        advance: glyph.map_or(0.0, |glyph| glyph.advance * style.size / 1000.0),
    });
    let mark: Vec<_> = mark.collect();
    let room = width - mark.iter().map(|atom| atom.advance).sum::<f32>();
    while atoms.iter().map(|atom| atom.advance).sum::<f32>() > room && atoms.pop().is_some() {}
    atoms.extend(mark);
    made(&atoms)
}
