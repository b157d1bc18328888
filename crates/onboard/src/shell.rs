//! Words and documents for the shell.

/// The text as one word of the shell, whatever it holds.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The text as one word of the shell, in quotes only where it needs them.
pub(crate) fn word(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./".contains(letter);
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { quoted(text) }
}

/// The text as it must stand in a document in which the shell fills in variables.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('$', r"\$").replace('`', r"\`")
}

/// A command that writes a file, in which variables are filled in.
pub(crate) fn expanding_file(path: &str, content: &str) -> String {
    let end = end_of(content);
    format!("cat > {path} <<{end}\n{content}\n{end}\n")
}

/// A command that writes a file as it stands.
pub(crate) fn literal_file(path: &str, content: &str) -> String {
    let end = end_of(content);
    format!("cat > {path} <<'{end}'\n{}\n{end}\n", content.trim_end_matches('\n'))
}

/// A word that no line of the text is.
fn end_of(content: &str) -> String {
    let mut end = "END".to_owned();
    while content.lines().any(|line| line == end) {
        end.push('_');
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::process::Command;

    fn printed(script: &str) -> String {
        let output = Command::new("sh").args(["-c", script]).output().unwrap();
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_shell_reads_a_quoted_word_as_it_was(text in "[^\0]{0,24}") {
            prop_assert_eq!(&printed(&format!("printf %s {}", quoted(&text))), &text);
            prop_assert_eq!(printed(&format!("printf %s {}", word(&text))), text);
        }

        #[test]
        fn the_shell_writes_a_document_as_it_was(text in "(END\n)?[ -~\n]{1,40}x") {
            let script = expanding_file("/dev/stdout", &escaped(&text));
            prop_assert_eq!(printed(&script), format!("{text}\n"));
            let script = literal_file("/dev/stdout", &text);
            prop_assert_eq!(printed(&script), format!("{text}\n"));
        }
    }
}
