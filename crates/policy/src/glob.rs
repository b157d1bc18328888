//! Texts against patterns with `*` and `?`.

/// Whether the whole text matches the pattern, where `*` stands for any run of
/// characters (also none) and `?` for exactly one. Case-sensitive; there is no
/// escape character.
///
/// Takes time proportional to the product of the lengths at worst, never more.
pub fn glob(text: &str, pattern: &str) -> bool {
    matches(text, pattern, true)
}

/// The same with `*` alone: `?` is an ordinary character.
pub(crate) fn with_stars(text: &str, pattern: &str) -> bool {
    matches(text, pattern, false)
}

fn matches(text: &str, pattern: &str, question_mark: bool) -> bool {
    let mut text = text.chars();
    let mut pattern = pattern.chars();
    // Where to go on after the last `*`: the pattern behind it, and the text
    // that it has not swallowed yet. Only the last `*` ever needs another try.
    let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        let before = text.clone();
        let advanced = match pattern.next() {
            Some('*') => {
                retry = Some((pattern.clone(), before.clone()));
                text = before;
                true
            }
            Some('?') if question_mark => text.next().is_some(),
            Some(wanted) => text.next() == Some(wanted),
            None if text.next().is_none() => return true,
            None => false,
        };
        if !advanced {
            let Some((behind, rest)) = &mut retry else {
                return false;
            };
            if rest.next().is_none() {
                return false;
            }
            pattern = behind.clone();
            text = rest.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::glob;
    use proptest::prelude::*;

    fn slow(text: &[char], pattern: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|skip| slow(&text[skip..], rest)),
            Some((wanted, rest)) => text
                .split_first()
                .is_some_and(|(found, behind)| (*wanted == '?' || wanted == found) && slow(behind, rest)),
        }
    }

    #[test]
    fn star_matches_nothing_and_question_mark_matches_one() {
        assert!(glob("", "*"));
        assert!(glob("abc", "a*c"));
        assert!(glob("ac", "a*c"));
        assert!(glob("abc", "a?c"));
        assert!(!glob("ac", "a?c"));
        assert!(!glob("", "?"));
        assert!(glob("é", "?"));
    }

    #[test]
    fn case_matters() {
        assert!(!glob("A", "a"));
    }

    #[test]
    fn many_stars_end_in_reasonable_time() {
        assert!(!glob(&"a".repeat(3000), &format!("{}b", "a*".repeat(1500))));
    }

    proptest! {
        #[test]
        fn agrees_with_the_obvious_reading(text in "[ab]{0,8}", pattern in "[ab*?]{0,6}") {
            let characters: Vec<char> = text.chars().collect();
            let wanted: Vec<char> = pattern.chars().collect();
            prop_assert_eq!(glob(&text, &pattern), slow(&characters, &wanted));
        }
    }
}
