//! Colours, shapes and measures; the colours are those of the HTML report.

use crate::words;
use pdf_writer::Content;
use stance_model::{Assessment, ScoreBreakdown, Severity};

/// A colour: red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    fn parts(self) -> [f32; 3] {
        [self.0, self.1, self.2].map(|part| f32::from(part) / 255.0)
    }

    pub fn fill(self, content: &mut Content) {
        let [red, green, blue] = self.parts();
        content.set_fill_rgb(red, green, blue);
    }

    pub fn stroke(self, content: &mut Content) {
        let [red, green, blue] = self.parts();
        content.set_stroke_rgb(red, green, blue);
    }
}

pub(super) const INK: Colour = Colour(0x1d, 0x20, 0x23);
pub(super) const SOFT: Colour = Colour(0x5a, 0x60, 0x68);
pub(super) const ACCENT: Colour = Colour(0x2a, 0x56, 0xc6);
pub(super) const LINE: Colour = Colour(0xdc, 0xdc, 0xd6);
pub(super) const SUNK: Colour = Colour(0xf1, 0xf1, 0xee);
pub(super) const WHITE: Colour = Colour(0xff, 0xff, 0xff);
pub(super) const PASS: Colour = Colour(0x0b, 0x75, 0x66);
pub(super) const FAIL: Colour = Colour(0xb5, 0x44, 0x0f);
pub(super) const UNKNOWN: Colour = Colour(0x8a, 0x62, 0x00);
/// Unknown verdicts in a bar: a light tint, so that the three parts differ in lightness too.
pub(super) const UNKNOWN_PART: Colour = Colour(0xd9, 0xc6, 0x96);

/// The page, A4, in points.
pub(super) const PAGE_WIDTH: f32 = 595.276;
pub(super) const PAGE_HEIGHT: f32 = 841.89;
/// Left and right of the text.
pub(super) const MARGIN: f32 = 54.0;
/// Where the text starts and ends, from the top of the page.
pub(super) const TOP: f32 = 72.0;
pub(super) const BOTTOM: f32 = 778.0;
pub(super) const WIDTH: f32 = PAGE_WIDTH - 2.0 * MARGIN;

/// A count as a measure.
#[allow(clippy::cast_precision_loss)]
pub(super) fn float(count: usize) -> f32 {
    count as f32
}

/// A part of a whole, from nothing (0) to all (1).
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
pub(super) fn share(part: u64, whole: u64) -> f32 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64) as f32 }
}

/// A small sign beside a word, so that nobody depends on its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Diamond,
    Triangle,
    Square,
    Disc,
    Ring,
    Tick,
    Cross,
    Question,
    Dash,
}

/// The sign and the colour of a severity.
pub(super) fn of_severity(severity: Severity) -> (Mark, Colour) {
    match severity {
        Severity::Critical => (Mark::Diamond, Colour(0x7d, 0x1a, 0x5a)),
        Severity::High => (Mark::Triangle, Colour(0xb5, 0x44, 0x0f)),
        Severity::Medium => (Mark::Square, Colour(0x8a, 0x62, 0x00)),
        Severity::Low => (Mark::Disc, Colour(0x23, 0x67, 0x9c)),
        Severity::Info => (Mark::Ring, Colour(0x66, 0x6b, 0x72)),
    }
}

/// The sign and the colour of what can be said of a control.
pub(super) fn of_assessment(assessment: Assessment) -> (Mark, Colour) {
    match assessment {
        Assessment::Pass => (Mark::Tick, PASS),
        Assessment::Fail => (Mark::Cross, FAIL),
        Assessment::Unknown => (Mark::Question, UNKNOWN),
        Assessment::Manual | Assessment::Excepted | Assessment::NothingToAssess | Assessment::NotAssessed => {
            (Mark::Dash, SOFT)
        }
    }
}

/// Draws a sign of `size` points with its middle at (`x`, `y`), measured as PDF does from below.
pub(super) fn mark(content: &mut Content, mark: Mark, colour: Colour, x: f32, y: f32, size: f32) {
    let half = size / 2.0;
    colour.fill(content);
    colour.stroke(content);
    content.set_line_width(size * 0.17);
    match mark {
        Mark::Diamond => {
            let half = half * 1.15;
            content.move_to(x, y + half).line_to(x + half, y).line_to(x, y - half).line_to(x - half, y);
            content.close_path().fill_nonzero();
        }
        Mark::Triangle => {
            content.move_to(x, y + half).line_to(x + half * 1.1, y - half).line_to(x - half * 1.1, y - half);
            content.close_path().fill_nonzero();
        }
        Mark::Square => {
            let half = half * 0.88;
            content.rect(x - half, y - half, half * 2.0, half * 2.0).fill_nonzero();
        }
        Mark::Disc => {
            circle(content, x, y, half);
            content.fill_nonzero();
        }
        Mark::Ring => {
            circle(content, x, y, half * 0.8);
            content.stroke();
        }
        Mark::Tick => {
            content.move_to(x - half, y).line_to(x - half * 0.25, y - half * 0.75);
            content.line_to(x + half, y + half * 0.75).stroke();
        }
        Mark::Cross => {
            let half = half * 0.8;
            content.move_to(x - half, y - half).line_to(x + half, y + half);
            content.move_to(x - half, y + half).line_to(x + half, y - half).stroke();
        }
        Mark::Question => {
            // a hook above a dot
            let top = y + half * 0.45;
            content.move_to(x - half * 0.55, top);
            content.cubic_to(
                x - half * 0.55,
                y + half * 1.3,
                x + half * 0.7,
                y + half * 1.3,
                x + half * 0.6,
                top,
            );
            content.cubic_to(x + half * 0.5, y + half * 0.05, x, y + half * 0.1, x, y - half * 0.4).stroke();
            content.rect(x - half * 0.17, y - half, half * 0.34, half * 0.34).fill_nonzero();
        }
        Mark::Dash => {
            content.move_to(x - half * 0.8, y).line_to(x + half * 0.8, y).stroke();
        }
    }
}

/// A circle out of four curves.
fn circle(content: &mut Content, x: f32, y: f32, radius: f32) {
    let handle = radius * 0.552_285;
    content.move_to(x + radius, y);
    content.cubic_to(x + radius, y + handle, x + handle, y + radius, x, y + radius);
    content.cubic_to(x - handle, y + radius, x - radius, y + handle, x - radius, y);
    content.cubic_to(x - radius, y - handle, x - handle, y - radius, x, y - radius);
    content.cubic_to(x + handle, y - radius, x + radius, y - handle, x + radius, y);
    content.close_path();
}

/// What passed, failed and is unknown, each with its colour.
fn parts(verdicts: ScoreBreakdown) -> [(u64, Colour); 3] {
    [(verdicts.passed, PASS), (verdicts.failed, FAIL), (verdicts.unknown, UNKNOWN_PART)]
}

/// A bar of what passed, failed and is unknown.
pub(super) fn bar(content: &mut Content, verdicts: ScoreBreakdown, x: f32, y: f32, width: f32, height: f32) {
    let all = verdicts.passed + verdicts.failed + verdicts.unknown;
    SUNK.fill(content);
    content.rect(x, y, width, height).fill_nonzero();
    let mut counted = 0;
    for (count, colour) in parts(verdicts) {
        let from = width * share(counted, all);
        counted += count;
        let to = width * share(counted, all);
        if count > 0 {
            colour.fill(content);
            content.rect(x + from, y, to - from, height).fill_nonzero();
        }
    }
}

/// A ring of what passed, failed and is unknown, from the top on clockwise.
pub(super) fn ring(content: &mut Content, verdicts: ScoreBreakdown, x: f32, y: f32, radius: f32, thick: f32) {
    let all = verdicts.passed + verdicts.failed + verdicts.unknown;
    content.set_line_width(thick);
    SUNK.stroke(content);
    circle(content, x, y, radius);
    content.stroke();
    let mut counted = 0;
    for (count, colour) in parts(verdicts) {
        let from = share(counted, all);
        counted += count;
        let to = share(counted, all);
        if count > 0 {
            colour.stroke(content);
            arc(content, (x, y), radius, from, to);
            content.stroke();
        }
    }
}

/// A part of a circle, from and to in turns, in pieces that a curve follows closely.
fn arc(content: &mut Content, (x, y): (f32, f32), radius: f32, from: f32, to: f32) {
    const PIECES: usize = 16;
    let step = (to - from) * std::f32::consts::TAU / float(PIECES);
    let handle = 4.0 / 3.0 * (step / 4.0).tan() * radius;
    let start = std::f32::consts::FRAC_PI_2 - from * std::f32::consts::TAU;
    for piece in 0..PIECES {
        let (a, b) = (start - step * float(piece), start - step * float(piece + 1));
        let ends = |angle: f32| (x + radius * angle.cos(), y + radius * angle.sin());
        let ((ax, ay), (bx, by)) = (ends(a), ends(b));
        if piece == 0 {
            content.move_to(ax, ay);
        }
        content.cubic_to(
            ax + handle * a.sin(),
            ay - handle * a.cos(),
            bx - handle * b.sin(),
            by + handle * b.cos(),
            bx,
            by,
        );
    }
}

/// The counts of a bar in words, for those who do not see it.
pub(super) fn in_words(verdicts: ScoreBreakdown) -> String {
    format!(
        "{} passed, {} failed, {} unknown",
        words::number(verdicts.passed),
        words::number(verdicts.failed),
        words::number(verdicts.unknown)
    )
}
