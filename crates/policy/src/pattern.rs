//! Relations between two patterns with `*` and `?`: one takes in the other, or
//! both have a text in common.

/// Whether every text that `inner` matches is matched by `outer` too. Exact
/// where it says yes; may say no for patterns whose wildcards only add up to the
/// same (`?*` against `*?`).
pub(crate) fn covers(outer: &str, inner: &str) -> bool {
    let outer: Vec<char> = outer.chars().collect();
    // A row tells, for each beginning of `outer`, whether it takes in what has
    // been read of `inner`.
    let mut row: Vec<bool> = vec![true];
    for symbol in &outer {
        row.push(row.last() == Some(&true) && *symbol == '*');
    }
    for read in inner.chars() {
        let mut next: Vec<bool> = vec![false];
        for (wanted, (diagonal, above)) in outer.iter().zip(row.iter().zip(row.iter().skip(1))) {
            let left = next.last() == Some(&true);
            next.push(match wanted {
                // the star swallows the symbol, or ends before it
                '*' => *above || left,
                '?' => *diagonal && read != '*',
                same => *diagonal && *same == read,
            });
        }
        row = next;
    }
    row.last() == Some(&true)
}

/// Whether some text matches both patterns.
pub(crate) fn overlap(one: &str, other: &str) -> bool {
    let one: Vec<char> = one.chars().collect();
    let mut row: Vec<bool> = vec![true];
    for symbol in &one {
        row.push(row.last() == Some(&true) && *symbol == '*');
    }
    for read in other.chars() {
        let mut next: Vec<bool> = vec![read == '*' && row.first() == Some(&true)];
        for (wanted, (diagonal, above)) in one.iter().zip(row.iter().zip(row.iter().skip(1))) {
            let left = next.last() == Some(&true);
            next.push(if *wanted == '*' || read == '*' {
                // either star may stand for nothing, or for what the other says
                *above || left
            } else {
                *diagonal && (*wanted == '?' || read == '?' || *wanted == read)
            });
        }
        row = next;
    }
    row.last() == Some(&true)
}

#[cfg(test)]
mod tests {
    use super::{covers, overlap};
    use crate::glob;
    use proptest::prelude::*;

    fn texts() -> Vec<String> {
        let mut all = vec![String::new()];
        let mut last = all.clone();
        for _ in 0..6 {
            last = last.iter().flat_map(|text| ["a", "b", "c"].map(|end| format!("{text}{end}"))).collect();
            all.extend(last.clone());
        }
        all
    }

    #[test]
    fn a_service_wildcard_covers_its_actions_but_not_everything() {
        assert!(covers("s3:*", "s3:Get*"));
        assert!(covers("*", "s3:*"));
        assert!(covers("s3:?et*", "s3:Get*"));
        assert!(!covers("s3:Get*", "s3:*"));
        assert!(!covers("s3:*", "*"));
        assert!(!covers("a?", "a*"));
    }

    #[test]
    fn patterns_that_cross_have_a_text_in_common() {
        assert!(overlap("s3:Get*", "s3:*Object"));
        assert!(overlap("*", ""));
        assert!(!overlap("s3:Get*", "s3:Put*"));
        assert!(!overlap("a?", "a"));
    }

    proptest! {
        #[test]
        fn covering_is_never_claimed_wrongly(outer in "[ab*?]{0,5}", inner in "[ab*?]{0,4}") {
            if covers(&outer, &inner) {
                for text in texts() {
                    prop_assert!(!glob(&text, &inner) || glob(&text, &outer), "{}", text);
                }
            }
        }

        #[test]
        fn a_text_is_covered_exactly_where_it_matches(outer in "[ab*?]{0,5}", text in "[ab]{0,6}") {
            prop_assert_eq!(covers(&outer, &text), glob(&text, &outer));
        }

        #[test]
        fn overlap_is_exact(one in "[ab*?]{0,3}", other in "[ab*?]{0,3}") {
            let common = texts().iter().any(|text| glob(text, &one) && glob(text, &other));
            prop_assert_eq!(overlap(&one, &other), common);
        }
    }
}
