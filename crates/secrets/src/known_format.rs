//! Secrets that are recognised by their form: keys and tokens of known issuers.
//!
//! The forms come from the `nosecrets-rules` crate; each is compiled when a text first has one of its
//! keywords.

use nosecrets_rules::{Rule, RuleValidate, load_builtin_rules};
use regex::Regex;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

/// Forms that rest on a name beside the value; `named_value` judges those.
const BY_NAME: &[&str] = &["generic-api-key", "generic-secret", "password-assignment"];

/// The form that matches only the first line of what it is about.
const PRIVATE_KEY: &str = "private-key";

struct Format {
    rule: Rule,
    compiled: OnceLock<Option<Compiled>>,
}

struct Compiled {
    pattern: Regex,
    charset: Option<Regex>,
    allowed: Vec<Regex>,
}

static FORMATS: LazyLock<Vec<Format>> = LazyLock::new(|| {
    let rules = load_builtin_rules().unwrap_or_default();
    rules
        .into_iter()
        .filter(|rule| !BY_NAME.contains(&rule.id.as_str()))
        .map(|rule| Format { rule, compiled: OnceLock::new() })
        .collect()
});

/// Where secrets of known form stand in a text, and their kinds.
pub(crate) fn find(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let lower = text.to_lowercase();
    FORMATS.iter().filter(|format| format.may_be_in(&lower)).flat_map(|format| format.find(text)).collect()
}

impl Format {
    fn may_be_in(&self, lower: &str) -> bool {
        self.rule.keywords.is_empty()
            || self.rule.keywords.iter().any(|keyword| lower.contains(&keyword.to_lowercase()))
    }

    fn find(&'static self, text: &str) -> Vec<(Range<usize>, &'static str)> {
        let Some(compiled) = self.compiled.get_or_init(|| compile(&self.rule)) else { return Vec::new() };
        compiled
            .pattern
            .captures_iter(text)
            .filter_map(|captures| captures.get(self.rule.capture).or_else(|| captures.get(0)))
            .filter(|secret| self.is_valid(compiled, secret.as_str()))
            .map(|secret| {
                let mut range = secret.range();
                if self.rule.id == PRIVATE_KEY {
                    range.end = end_of_key(text, range.end);
                }
                (range, self.rule.id.as_str())
            })
            .collect()
    }

    fn is_valid(&self, compiled: &Compiled, secret: &str) -> bool {
        let valid = self.rule.validate.as_ref().is_none_or(|wanted| has_form(wanted, secret))
            && compiled.charset.as_ref().is_none_or(|charset| charset.is_match(secret));
        let values = self.rule.allow.iter().flat_map(|allow| &allow.values);
        valid
            && !values.into_iter().any(|value| value == secret)
            && !compiled.allowed.iter().any(|allowed| allowed.is_match(secret))
    }
}

/// Where a key ends that begins before `from`: behind its last line, or with the text if that is cut.
fn end_of_key(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let last = rest.find("-----END").and_then(|at| {
        let line = rest.get(at + "-----END".len()..)?;
        Some(at + "-----END".len() + line.find("-----")? + "-----".len())
    });
    last.map_or(text.len(), |end| from + end)
}

fn has_form(wanted: &RuleValidate, secret: &str) -> bool {
    let length = secret.chars().count();
    wanted.length.is_none_or(|wanted| length == wanted)
        && wanted.min_length.is_none_or(|least| length >= least)
        && wanted.max_length.is_none_or(|most| length <= most)
        && (wanted.prefix.is_empty() || wanted.prefix.iter().any(|prefix| secret.starts_with(prefix)))
}

/// Nothing where a pattern is not well-formed, which a test rules out.
fn compile(rule: &Rule) -> Option<Compiled> {
    let charset = match rule.validate.as_ref().and_then(|validate| validate.charset.as_ref()) {
        Some(charset) => Some(Regex::new(&format!("^[{charset}]+$")).ok()?),
        None => None,
    };
    let allowed = rule.allow.iter().flat_map(|allow| &allow.patterns);
    Some(Compiled {
        pattern: Regex::new(&rule.pattern).ok()?,
        charset,
        allowed: allowed.map(|pattern| Regex::new(pattern).ok()).collect::<Option<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_key_is_found_whole() {
        let head = ["-----BEGIN RSA PRIVATE", " KEY-----"].concat();
        let text = format!("a {head}\nMIIEow\nIBAAK\n-----END RSA PRIVATE KEY----- b");
        let found = find(&text);
        let (range, kind) = found.first().unwrap();
        assert_eq!(*kind, PRIVATE_KEY);
        assert_eq!(text.get(range.end..), Some(" b"));
        let cut = format!("{head}\nMIIEow");
        assert_eq!(find(&cut).first().unwrap().0.end, cut.len());
    }

    #[test]
    fn every_form_is_there_and_compiles() {
        assert!(FORMATS.len() > 40, "{}", FORMATS.len());
        for format in FORMATS.iter() {
            assert!(compile(&format.rule).is_some(), "{}", format.rule.id);
        }
    }
}
