//! Patterns of mutelists as ours.
//!
//! Prowler replaces each `*` by `.*` and looks for the outcome anywhere in the text, as a regular
//! expression of Python (so since 5.7; before, only a `*` at the front was replaced).

use crate::Pattern;

/// What a pattern of a mutelist stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Carried {
    /// Any text.
    Anything,
    /// The texts that this stands for.
    Pattern(Pattern),
}

/// What a pattern is tried on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tried {
    /// A name.
    Name,
    /// A tag, as `key=value`.
    Tag,
}

/// What a pattern of a mutelist stands for, or why that cannot be said in ours.
pub(super) fn carried(pattern: &str, tried: Tried) -> Result<Carried, String> {
    let expression = pattern.replace('*', ".*");
    let simple = Simple::of(&expression);
    if simple.inner.is_empty() && (simple.open_start || simple.open_end) {
        return Ok(Carried::Anything);
    }
    if let Some(text) = simple.text()
        // among our patterns for tags, one without `=` is about the key alone
        && (tried == Tried::Name || text.contains('='))
        && let Ok(pattern) = text.parse()
    {
        return Ok(Carried::Pattern(pattern));
    }
    if expression.contains('[') && ["&&", "--", "~~"].iter().any(|set| expression.contains(set)) {
        return Err("`&&`, `--` and `~~` in a class of characters mean something else here".to_owned());
    }
    format!("/{expression}/").parse().map(Carried::Pattern).map_err(|error| error.to_string())
}

/// An expression without its anchors and what is open at its ends.
struct Simple<'e> {
    inner: &'e str,
    open_start: bool,
    open_end: bool,
}

impl<'e> Simple<'e> {
    fn of(expression: &'e str) -> Self {
        let (mut inner, mut open_start, mut open_end) = (expression, true, true);
        if let Some(rest) = inner.strip_prefix('^') {
            (inner, open_start) = (rest, false);
        }
        while let Some(rest) = inner.strip_prefix(".*") {
            (inner, open_start) = (rest, true);
        }
        if let Some(rest) = inner.strip_suffix('$').filter(|rest| !rest.ends_with('\\')) {
            (inner, open_end) = (rest, false);
        }
        while let Some(rest) = inner.strip_suffix(".*").filter(|rest| !rest.ends_with('\\')) {
            (inner, open_end) = (rest, true);
        }
        Self { inner, open_start, open_end }
    }

    /// The pattern with `*` for what is open, where all else is plain text.
    fn text(&self) -> Option<String> {
        let literal = plain(self.inner)?;
        let text = [if self.open_start { "*" } else { "" }, &literal, if self.open_end { "*" } else { "" }];
        let text = text.concat();
        // these would be read as something else among ours
        let misread = literal.contains(['*', '?']) || (text.starts_with('/') && text.ends_with('/'));
        (!misread).then_some(text)
    }
}

/// The text that an expression stands for, where that is one only.
fn plain(expression: &str) -> Option<String> {
    let mut text = String::new();
    let mut characters = expression.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => characters.next().filter(char::is_ascii_punctuation)?,
            '.' | '+' | '*' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '^' | '$' => return None,
            other => other,
        });
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(pattern: &str) -> String {
        match carried(pattern, Tried::Name) {
            Ok(Carried::Anything) => "anything".to_owned(),
            Ok(Carried::Pattern(pattern)) => pattern.to_string(),
            Err(reason) => reason,
        }
    }

    #[test]
    fn plain_texts_are_found_anywhere() {
        assert_eq!(name("ci-logs"), "*ci-logs*");
        assert_eq!(name("aws-controltower-logs-*"), "*aws-controltower-logs-*");
        assert_eq!(name("*-prod"), "*-prod*");
        assert_eq!(name("/aws/lambda/"), "*/aws/lambda/*");
    }

    #[test]
    fn a_lone_star_and_its_like_stand_for_anything() {
        for pattern in ["*", "", "^*", "**", "*$"] {
            assert_eq!(name(pattern), "anything", "{pattern}");
        }
        assert_eq!(name("^$"), "/^$/");
    }

    #[test]
    fn anchors_and_escapes_become_plain_again() {
        assert_eq!(name("^prod-db$"), "prod-db");
        assert_eq!(name("^prod-*"), "prod-*");
        assert_eq!(name(r"www\.example\.com$"), "*www.example.com");
        assert_eq!(name("^/aws/$"), "/^/aws/$/");
        assert_eq!(name(r"a\?$"), r"/a\?$/");
    }

    #[test]
    fn other_expressions_are_kept_as_prowler_reads_them() {
        assert_eq!(name(".+-logs"), "/.+-logs/");
        // the star of `.*` is replaced too
        assert_eq!(name("dev-.*"), "/dev-..*/");
        assert_eq!(name("(ci|qa)-[0-9]"), "/(ci|qa)-[0-9]/");
    }

    #[test]
    fn what_cannot_be_said_is_refused() {
        assert!(name("(?!prod)").contains("look-around"), "{}", name("(?!prod)"));
        assert!(name("[a&&b]").contains("mean something else"));
    }

    #[test]
    fn tags_without_a_value_are_looked_for_in_keys_and_values() {
        let tag = |pattern| carried(pattern, Tried::Tag).unwrap();
        assert_eq!(tag("env=dev"), Carried::Pattern("*env=dev*".parse().unwrap()));
        assert_eq!(tag("dev"), Carried::Pattern("/dev/".parse().unwrap()));
    }

    proptest! {
        #[test]
        fn a_carried_pattern_matches_what_prowler_finds(
            pattern in r"\^?[ab*.+$/\\-]{0,6}\$?", text in "[ab./-]{0,6}",
        ) {
            if let (Ok(carried), Ok(theirs)) =
                (carried(&pattern, Tried::Name), regex::Regex::new(&pattern.replace('*', ".*")))
            {
                let ours = match carried {
                    Carried::Anything => true,
                    Carried::Pattern(pattern) => pattern.matches(&text),
                };
                prop_assert_eq!(ours, theirs.is_match(&text));
            }
        }
    }
}
