//! Text in XML.

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

#[cfg(test)]
mod tests {
    use super::Xml;
    use proptest::prelude::*;

    fn unescape(text: &str) -> String {
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&")
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
