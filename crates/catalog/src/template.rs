//! Texts with places for values: `arn:{partition}:s3:::{Name}`, `{tags.Name|InstanceId}`.

use serde::{Deserialize, Deserializer};

/// A text with places for values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// Names to look up, the first that has a value wins.
    Place(Vec<String>),
}

impl Template {
    /// Reads a template; a brace that does not enclose a name stays text, so that code with braces
    /// (Terraform, JSON) can hold places too.
    pub fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            literal.push_str(before);
            match after.split_once('}') {
                Some((names, remainder)) if is_place(names) => {
                    if !literal.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut literal)));
                    }
                    parts.push(Part::Place(names.split('|').map(str::to_owned).collect()));
                    rest = remainder;
                }
                _ => {
                    literal.push('{');
                    rest = after;
                }
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Self(parts)
    }

    /// Fills the places; the name of the place where no alternative has a value is the error.
    pub fn fill(&self, lookup: impl Fn(&str) -> Option<String>) -> Result<String, String> {
        let mut filled = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Place(names) => filled.push_str(
                    &names
                        .iter()
                        .find_map(|name| lookup(name).filter(|value| !value.is_empty()))
                        .ok_or_else(|| names.join("|"))?,
                ),
            }
        }
        Ok(filled)
    }

    /// Fills the places that have a value and leaves the others as they are written.
    pub fn fill_known(&self, lookup: impl Fn(&str) -> Option<String>) -> String {
        self.0
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Place(names) => names
                    .iter()
                    .find_map(|name| lookup(name).filter(|value| !value.is_empty()))
                    .unwrap_or_else(|| format!("{{{}}}", names.join("|"))),
            })
            .collect()
    }

    /// All names that the places look up.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .flat_map(|part| match part {
                Part::Text(_) => [].iter(),
                Part::Place(names) => names.iter(),
            })
            .map(String::as_str)
    }
}

fn is_place(names: &str) -> bool {
    !names.is_empty()
        && names.split('|').all(|name| {
            name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '-'))
        })
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::parse(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(name: &str) -> Option<String> {
        match name {
            "Name" => Some("logs".into()),
            "tags.Name" => Some(String::new()),
            _ => None,
        }
    }

    #[test]
    fn places_are_filled_and_alternatives_tried_in_order() {
        assert_eq!(Template::parse("a:{Name}!").fill(lookup), Ok("a:logs!".into()));
        assert_eq!(Template::parse("{tags.Name|Name}").fill(lookup), Ok("logs".into()));
        assert_eq!(Template::parse("{Other}").fill(lookup), Err("Other".into()));
    }

    #[test]
    fn braces_of_code_stay_as_they_are() {
        let code = "resource \"x\" \"y\" {\n  bucket = {Name}\n}";
        assert_eq!(Template::parse(code).fill_known(lookup), "resource \"x\" \"y\" {\n  bucket = logs\n}");
    }
}
