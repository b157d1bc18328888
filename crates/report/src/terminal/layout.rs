//! Fitting text into columns, by the cells that a terminal gives each character.

use crate::words;
use stance_model::printable;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The longest name that is shown in full, in cells.
const LONGEST_NAME: usize = 120;

/// How many cells the text takes.
pub(super) fn cells(text: &str) -> usize {
    text.width()
}

/// A name as a cloud gave it, harmless.
pub(crate) fn name(text: &str) -> String {
    printable(text).into_owned()
}

/// A name, cut where it would drown what stands around it.
pub(crate) fn short_name(text: &str) -> String {
    fit(&name(text), LONGEST_NAME)
}

/// Prose on one line, harmless: line breaks of the catalog's files are blanks.
pub(crate) fn prose(text: &str) -> String {
    printable(&words::one_line(text)).into_owned()
}

/// The text, cut with `…` where it takes more cells than there are.
pub(super) fn fit(text: &str, width: usize) -> String {
    if cells(text) <= width {
        return text.to_owned();
    }
    let (kept, _) = split_at_cell(text, width.saturating_sub(1));
    format!("{kept}…")
}

/// The text with blanks after it.
pub(super) fn left(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(cells(text))))
}

/// The text with blanks before it.
pub(super) fn right(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(cells(text))))
}

/// The text on lines of at most `width` cells, broken between words, and inside of words that are
/// longer than a line.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut word = word;
        if !line.is_empty() {
            if cells(&line) + 1 + cells(word) <= width {
                line.push(' ');
                line.push_str(word);
                continue;
            }
            lines.push(std::mem::take(&mut line));
        }
        while cells(word) > width {
            let (head, tail) = split_at_cell(word, width);
            lines.push(head.to_owned());
            word = tail;
        }
        word.clone_into(&mut line);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Splits after as many characters as fit, but after one at least, so that loops come to an end.
fn split_at_cell(text: &str, width: usize) -> (&str, &str) {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > width && at > 0 {
            return text.split_at(at);
        }
    }
    (text, "")
}

/// A bar of `width` cells, divided as the numbers are. What is not nought is seen.
pub(super) fn divide(parts: [u64; 3], width: usize) -> [usize; 3] {
    let all: u64 = parts.iter().sum();
    if all == 0 {
        return [0; 3];
    }
    let share = |part: u64| {
        let cells = u128::from(part) * (width as u128) / u128::from(all);
        usize::try_from(cells).unwrap_or(width).max(usize::from(part > 0))
    };
    let mut cells = parts.map(share);
    // what rounding left over, or took too much, is the largest part's
    let used: usize = cells.iter().sum();
    if let Some(largest) = cells.iter_mut().max() {
        *largest = (*largest + width).saturating_sub(used);
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wide_characters_take_two_cells() {
        assert_eq!(fit("日本語のバケット", 7), "日本語…");
        assert_eq!(left("日本", 6), "日本  ");
    }

    proptest! {
        #[test]
        fn no_line_is_too_long_and_no_letter_is_lost(text in "[a-z日 ]{0,80}", width in 2_usize..20) {
            let lines = wrap(&text, width);
            prop_assert!(lines.iter().all(|line| cells(line) <= width));
            prop_assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        }

        #[test]
        fn a_bar_is_as_long_as_it_should_be(a in 0_u64..1000, b in 0_u64..1000, c in 0_u64..1000) {
            let cells = divide([a, b, c], 30);
            prop_assert_eq!(cells.iter().sum::<usize>(), if a + b + c == 0 { 0 } else { 30 });
            for (part, cells) in [a, b, c].into_iter().zip(cells) {
                prop_assert_eq!(part > 0, cells > 0);
            }
        }
    }
}
