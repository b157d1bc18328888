//! What somebody may have meant who wrote a key that there is not.

use crate::shape::{ROOT, Section, Shape};

/// The word that differs least from `written`, where one is near enough to be meant.
pub(crate) fn nearest<'a>(written: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase().replace('-', "_");
    words
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&written, &word.to_lowercase()), word))
        .filter(|(distance, word)| *distance <= (word.len().max(written.len()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// The sections that have a key of that name, those nearest to the top first; the empty path is the top.
/// Items of a list stand as `aws.accounts[]`.
pub(crate) fn homes(key: &str) -> Vec<String> {
    let mut found = Vec::new();
    find(key, &ROOT, "", &mut found);
    // a stable sort keeps the order of the types among equals
    found.sort_by_key(|path: &String| path.matches(['.', '[']).count() + usize::from(!path.is_empty()));
    found
}

fn find(key: &str, section: &Section, path: &str, found: &mut Vec<String>) {
    if section.key(key).is_some() {
        found.push(path.to_owned());
    }
    for inner in &section.keys {
        let name = if path.is_empty() { inner.name.clone() } else { format!("{path}.{}", inner.name) };
        match &inner.shape {
            Shape::Section(section) => find(key, section, &name, found),
            Shape::List(items) => {
                if let Shape::Section(section) = items.as_ref() {
                    find(key, section, &format!("{name}[]"), found);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_keyboard_is_recognised_and_another_word_is_not() {
        let words = ["region", "retries", "include_regions"];
        assert_eq!(nearest("regoin", words), Some("region"));
        assert_eq!(nearest("Include-Regions", words), Some("include_regions"));
        assert_eq!(nearest("colour", words), None);
    }

    #[test]
    fn a_key_is_at_home_in_the_section_nearest_to_the_top() {
        assert_eq!(homes("iam_role").first().map(String::as_str), Some("aws"));
        assert_eq!(homes("organization_email_domain"), [""]);
        assert_eq!(homes("folder_id"), ["gcp.folder_configs[]"]);
        assert!(homes("nonsense").is_empty());
    }
}
