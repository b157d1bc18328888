//! The file of exceptions: a list, or a map whose key `exceptions` holds one.

use crate::text::{Text, options};
use crate::{Exception, ExceptionProblem, ExceptionsError};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_saphyr::Spanned;
use std::fmt;

/// Reads the text of a file of exceptions, YAML or JSON. Whether each makes sense is judged when they
/// are compiled.
///
/// # Errors
/// If the text is not of that form, with the line.
pub fn read_exceptions(text: &str) -> Result<Vec<Exception>, ExceptionsError> {
    let file: ExceptionsFile = serde_saphyr::from_str_with_options(text, options())
        .map_err(|error| ExceptionsError(vec![ExceptionProblem::from(error)]))?;
    Ok(file.0)
}

struct ExceptionsFile(Vec<Exception>);

impl<'de> Deserialize<'de> for ExceptionsFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FileVisitor).map(Self)
    }
}

struct FileVisitor;

impl<'de> Visitor<'de> for FileVisitor {
    type Value = Vec<Exception>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of exceptions, or a map whose key `exceptions` holds one")
    }

    fn visit_unit<E: Error>(self) -> Result<Vec<Exception>, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<Exception>, A::Error> {
        let mut exceptions = Vec::new();
        while let Some(spanned) = list.next_element::<Spanned<Exception>>()? {
            let line = spanned.referenced.line();
            exceptions.push(Exception { line: Some(line).filter(|line| *line > 0), ..spanned.value });
        }
        Ok(exceptions)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<Exception>, A::Error> {
        let mut exceptions = Vec::new();
        while let Some(Text(key)) = map.next_key()? {
            if key != "exceptions" {
                return Err(A::Error::unknown_field(&key, &["exceptions"]));
            }
            exceptions = map.next_value::<ExceptionsFile>()?.0;
        }
        Ok(exceptions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        read_exceptions(text).unwrap_err().to_string()
    }

    #[test]
    fn a_list_and_a_map_are_read_alike_and_lines_are_kept() {
        let item = "- rule: aws-s3-bucket-is-not-public\n  reason: website\n  owner: web\n";
        let list = read_exceptions(&format!("# ours\n{item}{item}")).unwrap();
        let map = read_exceptions(&format!("exceptions:\n{item}{item}")).unwrap();
        assert_eq!(list, map);
        assert_eq!(list.iter().map(|it| it.line).collect::<Vec<_>>(), [Some(2), Some(5)]);
        assert_eq!(read_exceptions("").unwrap(), []);
        assert_eq!(read_exceptions("exceptions:\n").unwrap(), []);
    }

    #[test]
    fn account_numbers_need_no_quotes() {
        let list = "- { account: 012345678901, reason: r, owner: o }\n- { account: [123456789012, '*'], reason: r, owner: o }\n";
        let accounts: Vec<Vec<String>> = read_exceptions(list)
            .unwrap()
            .iter()
            .map(|it| it.covers.account.iter().map(ToString::to_string).collect())
            .collect();
        assert_eq!(accounts, [vec!["012345678901"], vec!["123456789012", "*"]]);
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        let with = |line: &str| refusal(&format!("- rule: a\n  reason: r\n  {line}\n  owner: o\n"));
        insta::assert_snapshot!(
            [
                with("rules: b"),
                with("until: soon"),
                with("finding: abc"),
                with("resource: /(/"),
                with("tag: []"),
                with("tag: true"),
                with("reason: again"),
                with("except: { rule: '' }"),
                with("except: { who: x }"),
                refusal("- rule: a\n  owner: o\n"),
                refusal("- rule: a\n  reason: o\n"),
                refusal("mutelist: []\n"),
                refusal("just a text\n"),
                refusal("- [a\n"),
            ]
            .join("\n")
        );
    }

    #[test]
    fn what_is_written_reads_back() {
        let text = "- id: a\n  finding: 0123456789abcdef0123456789abcdef\n  rule: [x, y-*]\n  resource: /a|b/\n  tag: env=dev\n  every_tag: [a, b]\n  account: '012345678901'\n  region: global\n  service: s3\n  except:\n    - { region: eu-west-1 }\n    - { tag: keep, rule: x }\n  reason: r\n  owner: o\n  until: 2026-12-31\n";
        let first = read_exceptions(text).unwrap();
        let written = serde_saphyr::to_string(&first).unwrap();
        assert_eq!(read_exceptions(&written).unwrap(), first, "{written}");
    }
}
