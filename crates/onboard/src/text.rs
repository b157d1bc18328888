//! Lines of text for people.

/// The words in lines no longer than there is room for.
pub(crate) fn wrapped<'w>(words: impl Iterator<Item = &'w str>, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The lines of a comment, as far in as what it explains.
pub(crate) fn comment(text: &str, indent: &str) -> String {
    let room = 108usize.saturating_sub(indent.len());
    let lines = wrapped(text.split_whitespace(), room);
    lines.iter().map(|line| format!("{indent}# {line}\n")).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_comments_are_wrapped_and_long_words_are_not_cut() {
        assert_eq!(wrapped("aa bb cc dddddddd e".split(' '), 5), ["aa bb", "cc", "dddddddd", "e"]);
        assert_eq!(comment("why", "  "), "  # why\n");
    }
}
