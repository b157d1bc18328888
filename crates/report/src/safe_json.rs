//! JSON that is harmless wherever it is shown.
//!
//! JSON itself only demands that controls below U+0020 are escaped. A terminal also obeys those
//! from U+0080, a reader is fooled by marks that turn the direction of a line, and a browser ends
//! a script at `</script>`. All of them are written as `\uXXXX`, which every reader takes for the
//! same text.

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};
use stance_model::printable;
use std::borrow::Cow;
use std::io::{self, Write};

/// Writes a value on one line.
pub(crate) fn compact<T: Serialize + ?Sized>(value: &T, out: &mut dyn Write) -> serde_json::Result<()> {
    let formatter = Safe { inner: CompactFormatter, in_html: false };
    value.serialize(&mut serde_json::Serializer::with_formatter(out, formatter))
}

/// Writes a value on lines of their own, indented.
pub(crate) fn pretty<T: Serialize + ?Sized>(value: &T, out: &mut dyn Write) -> serde_json::Result<()> {
    let formatter = Safe { inner: PrettyFormatter::new(), in_html: false };
    value.serialize(&mut serde_json::Serializer::with_formatter(out, formatter))
}

/// Writes a value on one line, so that it can stand inside a `script` element.
pub(crate) fn in_html<T: Serialize + ?Sized>(value: &T, out: &mut dyn Write) -> serde_json::Result<()> {
    let formatter = Safe { inner: CompactFormatter, in_html: true };
    value.serialize(&mut serde_json::Serializer::with_formatter(out, formatter))
}

struct Safe<F> {
    inner: F,
    in_html: bool,
}

impl<F> Safe<F> {
    fn is_plain(&self, byte: u8) -> bool {
        matches!(byte, b' '..=b'~') && !(self.in_html && matches!(byte, b'<' | b'>' | b'&'))
    }

    fn must_escape(&self, c: char) -> bool {
        // asked of the one place that knows, so that the formats cannot come to differ
        matches!(printable(c.encode_utf8(&mut [0; 4])), Cow::Owned(_))
            || (self.in_html && matches!(c, '<' | '>' | '&'))
    }
}

macro_rules! delegate {
    ($($name:ident($($argument:ident: $type:ty),*);)*) => {$(
        fn $name<W: ?Sized + Write>(&mut self, out: &mut W $(, $argument: $type)*) -> io::Result<()> {
            self.inner.$name(out $(, $argument)*)
        }
    )*};
}

impl<F: Formatter> Formatter for Safe<F> {
    delegate! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        end_object_key();
        begin_object_value();
        end_object_value();
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        // nearly every text is plain, and this is the innermost loop of every JSON format
        if fragment.bytes().all(|byte| self.is_plain(byte)) {
            return out.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|&(_, c)| self.must_escape(c)) {
            let (harmless, after) = rest.split_at(at);
            out.write_all(harmless.as_bytes())?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = after.get(c.len_utf8()..).unwrap_or_default();
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(write: impl Fn(&mut dyn Write) -> serde_json::Result<()>) -> String {
        let mut bytes = Vec::new();
        write(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn what_moves_a_cursor_or_turns_a_line_is_escaped() {
        assert_eq!(
            text(|out| compact("a\u{1b}[2J\u{9b}2J\u{202e}b", out)),
            "\"a\\u001b[2J\\u009b2J\\u202eb\""
        );
    }

    proptest! {
        #[test]
        fn every_text_reads_back_and_is_harmless(value in any::<String>()) {
            let json = text(|out| in_html(&value, out));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), value.clone());
            prop_assert!(!json.contains(['<', '>', '&']));
            prop_assert!(matches!(printable(&json), Cow::Borrowed(_)));
            let json = text(|out| pretty(&[&value], out));
            prop_assert_eq!(serde_json::from_str::<[String; 1]>(&json).unwrap(), [value]);
        }
    }
}
