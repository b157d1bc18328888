//! Making hostile text harmless to terminals and logs.

use std::borrow::Cow;

/// The text with every control and direction-changing character written as `\u{…}`, so that what a
/// cloud returned can neither move a cursor nor reorder a line.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_unprintable) {
        Cow::Owned(
            text.chars()
                .map(|c| if is_unprintable(c) { c.escape_unicode().to_string() } else { c.to_string() })
                .collect(),
        )
    } else {
        Cow::Borrowed(text)
    }
}

fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn escape_sequences_and_direction_marks_are_written_out() {
        assert_eq!(printable("a\u{1b}[2Jb\u{202e}c\r\n"), "a\\u{1b}[2Jb\\u{202e}c\\u{d}\\u{a}");
        assert_eq!(printable("naïve – ok"), "naïve – ok");
    }
}
