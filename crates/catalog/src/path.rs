//! Paths into documents: `Reservations[].Instances[].State.Name`.

use serde_json::Value;
use std::fmt;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// The member of that name.
    Field(String),
    /// Every element of a list.
    Each,
}

/// A way into a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldPath(pub Vec<Segment>);

impl FieldPath {
    /// Reads `A[].B`; the empty text is the document itself.
    pub fn parse(text: &str) -> Self {
        let mut segments = Vec::new();
        for part in text.split('.').filter(|part| !part.is_empty()) {
            let mut name = part;
            let mut lists = 0;
            while let Some(shorter) = name.strip_suffix("[]") {
                name = shorter;
                lists += 1;
            }
            if !name.is_empty() {
                segments.push(Segment::Field(name.to_owned()));
            }
            segments.extend(std::iter::repeat_n(Segment::Each, lists));
        }
        Self(segments)
    }

    /// The first field of the path.
    pub fn head(&self) -> Option<&str> {
        match self.0.first() {
            Some(Segment::Field(name)) => Some(name),
            _ => None,
        }
    }

    /// The one value at the path; nothing where a member is missing or the path goes through lists.
    pub fn get<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(value, |value, segment| match segment {
            Segment::Field(name) => value.get(name),
            Segment::Each => None,
        })
    }

    /// All values at the path, lists gone through; `null` is nothing.
    pub fn all<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        let mut values = vec![value];
        for segment in &self.0 {
            values = match segment {
                Segment::Field(name) => values.iter().filter_map(|value| value.get(name)).collect(),
                Segment::Each => values.iter().filter_map(|value| value.as_array()).flatten().collect(),
            };
        }
        values.retain(|value| !value.is_null());
        values
    }
}

impl FieldPath {
    /// Hands every value at the path to `change`, with the name of the field where it stands. Lists are
    /// gone through whether the path says so or not.
    pub fn each_mut(&self, value: &mut Value, change: &mut impl FnMut(Option<&str>, &mut Value)) {
        fn walk(
            segments: &[Segment],
            name: Option<&str>,
            value: &mut Value,
            change: &mut impl FnMut(Option<&str>, &mut Value),
        ) {
            match (segments.split_first(), value) {
                (None, value) => change(name, value),
                (Some((Segment::Field(field), rest)), Value::Object(members)) => {
                    if let Some(member) = members.get_mut(field) {
                        walk(rest, Some(field), member, change);
                    }
                }
                (Some((Segment::Each, rest)), Value::Array(items)) => {
                    for item in items {
                        walk(rest, name, item, change);
                    }
                }
                (Some((Segment::Field(_), _)), Value::Array(items)) => {
                    for item in items {
                        walk(segments, name, item, change);
                    }
                }
                _ => {}
            }
        }
        walk(&self.0, None, value, change);
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Field(name) if index == 0 => f.write_str(name)?,
                Segment::Field(name) => write!(f, ".{name}")?,
                Segment::Each => f.write_str("[]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_value_at_a_path_can_be_changed() {
        let mut document = json!({"R": [{"x": 1}, {"y": 1}, {"x": 2}], "x": 3});
        for path in ["R[].x", "R.x"] {
            let mut names = Vec::new();
            FieldPath::parse(path).each_mut(&mut document, &mut |name, value| {
                names.push(name.map(str::to_owned));
                *value = json!("seen");
            });
            assert_eq!(names, [Some("x".to_owned()), Some("x".to_owned())]);
        }
        assert_eq!(document, json!({"R": [{"x": "seen"}, {"y": 1}, {"x": "seen"}], "x": 3}));
    }

    #[test]
    fn a_path_goes_through_lists_of_lists() {
        let document = json!({"R": [{"I": [{"x": 1}, {"x": null}]}, {}, {"I": [{"x": 2}]}]});
        let path = FieldPath::parse("R[].I[].x");
        assert_eq!(path.all(&document), vec![&json!(1), &json!(2)]);
        assert_eq!(path.to_string(), "R[].I[].x");
        assert_eq!(path.get(&document), None);
    }

    #[test]
    fn the_empty_path_is_the_document() {
        let document = json!({"a": 1});
        assert_eq!(FieldPath::parse("").get(&document), Some(&document));
    }
}
