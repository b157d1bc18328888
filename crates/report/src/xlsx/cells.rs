//! Texts, numbers and times as cells of a sheet.

use crate::xml::Xml;
use chrono::{DateTime, NaiveDate, Utc};
use stance_model::printable;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write;

/// The longest text of a cell, in UTF-16 code units: the format's own limit.
const LONGEST_TEXT: usize = 32_767;
/// The most texts that cells share; further ones stand in their cells.
const MOST_SHARED: usize = 60_000;
/// The most of them in bytes.
const MOST_SHARED_BYTES: usize = 32 << 20;

/// What stands in a cell. There are no formulas: a text is a text, whatever it starts with.
#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    /// Nothing.
    Empty,
    /// A text that hardly comes twice.
    Text(Cow<'a, str>),
    /// A text that comes often; it is written once.
    Shared(&'a str),
    /// A title above a table.
    Title(&'a str),
    /// A name of what stands beside it.
    Label(&'a str),
    /// A count.
    Number(u64),
    /// A share in per cent; nothing where nothing was decided.
    Percent(Option<u64>),
    /// A day.
    Date(Option<NaiveDate>),
    /// A moment.
    Time(DateTime<Utc>),
}

impl<'a> Value<'a> {
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }
}

/// The number of each style in `styles.xml`.
#[derive(Clone, Copy)]
pub(super) enum Style {
    Plain = 0,
    Head = 1,
    Number = 2,
    Percent = 3,
    Date = 4,
    Time = 5,
    Title = 6,
    Label = 7,
}

/// Texts that cells share.
#[derive(Default)]
pub(super) struct Strings {
    places: HashMap<String, usize>,
    /// In the order of their places.
    texts: Vec<String>,
    bytes: usize,
    /// How often cells name one.
    pub uses: u64,
}

impl Strings {
    fn place(&mut self, text: &str) -> Option<usize> {
        let place = match self.places.get(text) {
            Some(place) => *place,
            None if self.texts.len() >= MOST_SHARED || self.bytes + text.len() > MOST_SHARED_BYTES => {
                return None;
            }
            None => {
                self.bytes += text.len();
                self.places.insert(text.to_owned(), self.texts.len());
                self.texts.push(text.to_owned());
                self.texts.len() - 1
            }
        };
        self.uses += 1;
        Some(place)
    }

    pub fn texts(&self) -> &[String] {
        &self.texts
    }
}

/// Writes a cell; `column` counts from nought, `row` from one.
pub(super) fn write(line: &mut String, column: usize, row: usize, value: &Value<'_>, strings: &mut Strings) {
    match value {
        Value::Empty | Value::Percent(None) | Value::Date(None) => {}
        Value::Text(text) => inline(line, column, row, text, Style::Plain),
        Value::Shared(text) => match strings.place(text) {
            _ if text.is_empty() => {}
            Some(place) => {
                let _ = write!(line, "<c r=\"{}{row}\" t=\"s\"><v>{place}</v></c>", letters(column));
            }
            None => inline(line, column, row, text, Style::Plain),
        },
        Value::Title(text) => inline(line, column, row, text, Style::Title),
        Value::Label(text) => inline(line, column, row, text, Style::Label),
        Value::Number(count) => number(line, column, row, &count.to_string(), Style::Number),
        Value::Percent(Some(percent)) => {
            let share = format!("{}.{:02}", percent / 100, percent % 100);
            number(line, column, row, &share, Style::Percent);
        }
        Value::Date(Some(day)) => number(line, column, row, &days(*day).to_string(), Style::Date),
        Value::Time(time) => {
            let seconds = f64::from(time.num_seconds_of_day());
            let serial = f64::from(days(time.date_naive())) + seconds / 86_400.0;
            number(line, column, row, &format!("{serial:.8}"), Style::Time);
        }
    }
}

/// A cell of a table's head.
pub(super) fn head(line: &mut String, column: usize, row: usize, text: &str) {
    inline(line, column, row, text, Style::Head);
}

trait SecondsOfDay {
    fn num_seconds_of_day(&self) -> u32;
}

impl SecondsOfDay for DateTime<Utc> {
    fn num_seconds_of_day(&self) -> u32 {
        chrono::Timelike::num_seconds_from_midnight(self)
    }
}

fn inline(line: &mut String, column: usize, row: usize, text: &str, style: Style) {
    if text.is_empty() {
        return;
    }
    let _ = write!(line, "<c r=\"{}{row}\" t=\"inlineStr\"", letters(column));
    if style as u8 > 0 {
        let _ = write!(line, " s=\"{}\"", style as u8);
    }
    let _ = write!(line, "><is><t xml:space=\"preserve\">{}</t></is></c>", Xml(&harmless(text)));
}

fn number(line: &mut String, column: usize, row: usize, digits: &str, style: Style) {
    let _ = write!(line, "<c r=\"{}{row}\" s=\"{}\"><v>{digits}</v></c>", letters(column), style as u8);
}

/// Days since the last of December 1899, as sheets count them (right from March 1900 on).
fn days(day: NaiveDate) -> i32 {
    NaiveDate::from_ymd_opt(1899, 12, 30)
        .and_then(|start| i32::try_from(day.signed_duration_since(start).num_days()).ok())
        .unwrap_or_default()
}

/// A column's name: `A`, `Z`, `AA`.
pub(super) fn letters(column: usize) -> String {
    let digit = |value: usize| char::from(b'A' + u8::try_from(value % 26).unwrap_or_default());
    match column / 26 {
        0 => digit(column).to_string(),
        more => format!("{}{}", digit(more - 1), digit(column)),
    }
}

/// A text of allowed length that means itself: control characters and marks that turn the direction of
/// a line are written out, and so is what the format itself takes for an escape, `_x0041_`.
pub(super) fn harmless(text: &str) -> Cow<'_, str> {
    let text = printable(text);
    let text = if text.contains("_x") { Cow::Owned(without_escapes(&text)) } else { text };
    // a character takes at most as many units as bytes
    if text.len() <= LONGEST_TEXT {
        return text;
    }
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units >= LONGEST_TEXT
    });
    match end {
        Some((end, last)) if end + last.len_utf8() < text.len() || units > LONGEST_TEXT => {
            Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default()))
        }
        _ => text,
    }
}

/// Each underscore that would begin an escape, escaped itself.
fn without_escapes(text: &str) -> String {
    let mut made = String::with_capacity(text.len() + 6);
    for (place, c) in text.char_indices() {
        let escape = text.as_bytes().get(place..place + 7);
        let is_escape = escape.is_some_and(|bytes| {
            matches!(bytes, [b'_', b'x', digits @ .., b'_'] if digits.iter().all(u8::is_ascii_hexdigit))
        });
        made.push_str(if is_escape { "_x005F" } else { "" });
        made.push(c);
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_by_letters() {
        assert_eq!([0, 25, 26, 51, 52].map(letters), ["A", "Z", "AA", "AZ", "BA"]);
    }

    #[test]
    fn days_are_counted_as_sheets_do() {
        assert_eq!(days("1900-03-01".parse().unwrap()), 61);
        assert_eq!(days("2026-03-02".parse().unwrap()), 46_083);
    }

    #[test]
    fn a_long_text_is_cut_with_a_mark_and_one_that_just_fits_is_not() {
        let fits = "x".repeat(LONGEST_TEXT);
        assert_eq!(harmless(&fits), fits);
        let cut = harmless(&"x".repeat(LONGEST_TEXT + 1)).into_owned();
        assert_eq!((cut.chars().count(), cut.ends_with('…')), (LONGEST_TEXT, true));
        let wide = harmless(&"𐍈".repeat(LONGEST_TEXT)).into_owned();
        assert!(wide.encode_utf16().count() <= LONGEST_TEXT && wide.ends_with('…'));
    }

    #[test]
    fn what_looks_like_an_escape_stays_what_it_is() {
        assert_eq!(harmless("a_x0041_b"), "a_x005F_x0041_b");
        assert_eq!(harmless("_x00_ _xyz"), "_x00_ _xyz");
    }
}
