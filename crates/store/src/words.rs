//! The words by which a resource is found: the same for both databases, and for what is compared in memory.

use crate::hex::hexed;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Words of a text in lower case: what stands between anything that is neither letter nor digit.
pub(crate) fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// All words of a resource, with a space between two.
pub(crate) fn words_of_resource(name: &str, id: &str, tags: &BTreeMap<String, String>) -> String {
    let mut all: Vec<String> = words(name).chain(words(id)).collect();
    all.sort_unstable();
    all.dedup();
    for (key, value) in tags {
        all.push(tag_word(key, None));
        all.push(tag_word(key, Some(value)));
    }
    all.join(" ")
}

/// A word that stands for a tag: any key and value fit into it, and no name has it.
pub(crate) fn tag_word(key: &str, value: Option<&str>) -> String {
    /// As many bytes as keep two tags apart.
    const LENGTH: usize = 10;
    let mut hash = Sha256::new();
    hash.update(key.as_bytes());
    if let Some(value) = value {
        hash.update([0]);
        hash.update(value.as_bytes());
    }
    format!("tag{}", hexed(hash.finalize().get(..LENGTH).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_stands_between_signs_and_tags_are_words_of_their_own() {
        let tags = BTreeMap::from([("Team".to_owned(), "Payments".to_owned())]);
        let there = words_of_resource("Logs_of-Überweisung", "arn:aws:s3:::logs.example", &tags);
        let all: Vec<&str> = there.split(' ').collect();
        assert_eq!(all[..7], ["arn", "aws", "example", "logs", "of", "s3", "überweisung"]);
        assert_eq!(all[7..], [tag_word("Team", None), tag_word("Team", Some("Payments"))]);
        assert_ne!(tag_word("Team", Some("Payments")), tag_word("Team", Some("payments")));
        assert_ne!(tag_word("a", Some("b")), tag_word("ab", None));
    }
}
