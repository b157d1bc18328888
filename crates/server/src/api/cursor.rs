//! Where a page begins, as text that nobody needs to understand.

use super::problem::Problem;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use stance_store::Position;

/// A place in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cursor {
    /// A place among findings or resources.
    At(Position),
    /// Before the run of that number.
    Before(i64),
}

impl Cursor {
    /// As it is given out.
    pub(crate) fn text(self) -> String {
        let plain = match self {
            Self::At(Position::Start) => "s".to_owned(),
            Self::At(Position::Offset(offset)) => format!("o{offset}"),
            Self::At(Position::After { cell, finding }) => format!("a{cell}:{finding}"),
            Self::Before(run) => format!("b{run}"),
        };
        URL_SAFE_NO_PAD.encode(plain)
    }

    /// As it comes back.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let cursor = match plain.split_at_checked(1)? {
            ("s", "") => Self::At(Position::Start),
            ("o", offset) => Self::At(Position::Offset(offset.parse().ok()?)),
            ("a", place) => {
                let (cell, finding) = place.split_once(':')?;
                Self::At(Position::After { cell: cell.parse().ok()?, finding: finding.parse().ok()? })
            }
            ("b", run) => Self::Before(run.parse().ok()?),
            _ => return None,
        };
        // what was given out comes back letter by letter
        (cursor.text() == text).then_some(cursor)
    }

    /// A place among findings or resources; the beginning where none is given.
    pub(crate) fn position(text: Option<&str>) -> Result<Position, Problem> {
        match text.map(Self::read) {
            None => Ok(Position::Start),
            Some(Some(Self::At(position))) => Ok(position),
            Some(_) => Err(wrong(text.unwrap_or_default())),
        }
    }

    /// The run before which a page begins, if one is given.
    pub(crate) fn before(text: Option<&str>) -> Result<Option<i64>, Problem> {
        match text.map(Self::read) {
            None => Ok(None),
            Some(Some(Self::Before(run))) => Ok(Some(run)),
            Some(_) => Err(wrong(text.unwrap_or_default())),
        }
    }
}

fn wrong(text: &str) -> Problem {
    Problem::bad(format!("`{text}` is not a `cursor` of this list; take `next` of the page before"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_reads_back(offset: u64, cell: i64, finding: i64) {
            for cursor in [
                Cursor::At(Position::Start),
                Cursor::At(Position::Offset(offset)),
                Cursor::At(Position::After { cell, finding }),
                Cursor::Before(cell),
            ] {
                prop_assert_eq!(Cursor::read(&cursor.text()), Some(cursor));
            }
        }

        #[test]
        fn any_text_is_survived(text in ".{0,40}", bytes in prop::collection::vec(any::<u8>(), 0..30)) {
            let _ = Cursor::read(&text);
            if let Some(cursor) = Cursor::read(&URL_SAFE_NO_PAD.encode(&bytes)) {
                prop_assert_eq!(cursor.text(), URL_SAFE_NO_PAD.encode(&bytes));
            }
        }
    }
}
