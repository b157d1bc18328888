//! Text in XML.

use crate::words;
use stance_model::printable;
use std::fmt;

/// A text that stands for itself in XML, in content as well as in an attribute. What XML 1.0 has no
/// way to write is written out as `\u{…}`.
pub(crate) struct Xml<'a>(pub &'a str);

impl fmt::Display for Xml<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        for c in printable(self.0).chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\u{fffe}' | '\u{ffff}' => write!(f, "{}", c.escape_unicode())?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Prose on one line, in which `` `code` `` becomes a `code` element.
pub(crate) struct Prose<'a>(pub &'a str);

impl fmt::Display for Prose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = words::one_line(self.0);
        let parts: Vec<_> = text.split('`').collect();
        let last = parts.len() - 1;
        for (index, part) in parts.into_iter().enumerate() {
            match (index % 2, index == last) {
                (1, false) => write!(f, "<code>{}</code>", Xml(part))?,
                (1, true) => write!(f, "`{}", Xml(part))?,
                _ => write!(f, "{}", Xml(part))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Prose, Xml};
    use proptest::prelude::*;

    fn unescape(text: &str) -> String {
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&")
    }

    #[test]
    fn code_is_marked_and_a_lone_mark_stays() {
        assert_eq!(Prose("set `<a>`\nto `b").to_string(), "set <code>&lt;a&gt;</code> to `b");
        assert_eq!(Prose("").to_string(), "");
    }

    proptest! {
        #[test]
        fn nothing_ends_the_text_and_nothing_is_forbidden(text in any::<String>()) {
            let xml = Xml(&text).to_string();
            prop_assert!(!xml.contains(['<', '>', '"', '\'']));
            let forbidden = |c: char| c.is_control() || c == '\u{fffe}' || c == '\u{ffff}';
            prop_assert!(!xml.contains(forbidden), "a forbidden character");
        }

        #[test]
        fn markup_reads_back(text in "[&<>\"'a-z;#]{0,20}") {
            prop_assert_eq!(unescape(&Xml(&text).to_string()), text);
        }
    }
}
