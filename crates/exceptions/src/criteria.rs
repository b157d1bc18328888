//! Which findings are meant: fields that must all fit, each with values of which one must.

use crate::text::{OneOrMany, Text};
use crate::{Pattern, RuleNames, Subject};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use stance_model::FindingId;
use std::collections::BTreeSet;
use std::fmt;

/// Which findings are meant. An empty field says nothing; all others must fit, and a field fits
/// where one of its values does (of `every_tag`, all).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Criteria {
    /// Ids of findings.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "one_or_many")]
    pub finding: Vec<FindingId>,
    /// Rules by id or pattern; an exact text may be another name of the rule.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "one_or_many")]
    pub rule: Vec<Pattern>,
    /// Services by the catalog's name, `s3`.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "one_or_many")]
    pub service: Vec<Pattern>,
    /// Resources by name, by id, or by the part of the id that tells them apart. A pattern that may
    /// begin with anything is not tried on whole ids, as account and service stand in them too.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "one_or_many")]
    pub resource: Vec<Pattern>,
    /// Tags of the resource, as `key` or `key=value`; one must be there.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "one_or_many")]
    pub tag: Vec<Pattern>,
    /// Tags of the resource, as `key` or `key=value`; all must be there.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "one_or_many")]
    pub every_tag: Vec<Pattern>,
    /// Accounts that hold the resource.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "one_or_many")]
    pub account: Vec<Pattern>,
    /// Regions of the resource; `global` for what has none.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "one_or_many")]
    pub region: Vec<Pattern>,
}

/// Names of the fields of an exception, those of its criteria first.
pub(crate) const EXCEPTION_FIELDS: &[&str] = &[
    "finding",
    "rule",
    "service",
    "resource",
    "tag",
    "every_tag",
    "account",
    "region",
    "except",
    "id",
    "reason",
    "owner",
    "until",
];

/// Names of the fields.
const FIELDS: &[&str] = EXCEPTION_FIELDS.split_at(8).0;

impl Criteria {
    /// The fields of patterns, the rules first.
    fn patterns(&self) -> [&[Pattern]; 7] {
        [&self.rule, &self.service, &self.resource, &self.tag, &self.every_tag, &self.account, &self.region]
    }

    /// Whether any finding at all is meant, where rules go by those names: there is no field, or each
    /// takes everything.
    pub fn covers_everything(&self, names: &RuleNames) -> bool {
        let anything = |patterns: &[Pattern]| {
            patterns.is_empty() || patterns.iter().any(|pattern| pattern.as_str() == "*")
        };
        let every_rule = || {
            let rules: BTreeSet<usize> =
                self.rule.iter().flat_map(|pattern| names.matching(pattern)).collect();
            names.len() > 0 && rules.len() == names.len()
        };
        let [_, others @ ..] = self.patterns();
        self.finding.is_empty()
            && others.iter().all(|patterns| anything(patterns))
            && (anything(&self.rule) || every_rule())
    }

    /// Whether that finding is meant, where rules go by those names; [`crate::Exceptions`] is faster.
    pub fn covers(&self, subject: &Subject<'_>, names: &RuleNames) -> bool {
        self.covers_rule(subject.rule, names) && self.covers_but_rule(subject, subject.short_id())
    }

    /// Whether a finding of that rule in that place may be meant, whatever its resource is.
    pub fn may_concern(
        &self,
        rule: &str,
        service: &str,
        account: &str,
        region: &str,
        names: &RuleNames,
    ) -> bool {
        let any = |patterns: &[Pattern], text: &str| {
            patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(text))
        };
        any(&self.account, account)
            && any(&self.region, region)
            && any(&self.service, service)
            && self.covers_rule(rule, names)
    }

    fn covers_rule(&self, rule: &str, names: &RuleNames) -> bool {
        self.rule.is_empty()
            || names
                .index(rule)
                .is_some_and(|rule| self.rule.iter().any(|pattern| names.matching(pattern).contains(&rule)))
    }

    /// The same with the rule left aside; the short id is worked out once for many exceptions.
    pub(crate) fn covers_but_rule(&self, subject: &Subject<'_>, short_id: &str) -> bool {
        let any = |patterns: &[Pattern], text: &str| {
            patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(text))
        };
        (self.finding.is_empty() || self.finding.iter().any(|id| id.as_str() == subject.finding))
            && any(&self.account, subject.account)
            && any(&self.region, subject.region)
            && any(&self.service, subject.service)
            && (self.resource.is_empty() || self.resource.iter().any(|it| is_resource(it, subject, short_id)))
            && (self.tag.is_empty() || self.tag.iter().any(|it| has_tag(it, subject)))
            && self.every_tag.iter().all(|it| has_tag(it, subject))
    }

    /// Reads the value behind a key into the field of that name; false where there is none such.
    pub(crate) fn read<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
        let field = match key {
            "finding" => {
                let ids = map.next_value::<OneOrMany<CheckedId>>()?.0;
                self.finding = ids.into_iter().map(|CheckedId(id)| id).collect();
                return Ok(true);
            }
            "rule" => &mut self.rule,
            "service" => &mut self.service,
            "resource" => &mut self.resource,
            "tag" => &mut self.tag,
            "every_tag" => &mut self.every_tag,
            "account" => &mut self.account,
            "region" => &mut self.region,
            _ => return Ok(false),
        };
        *field = map.next_value::<OneOrMany<Pattern>>()?.0;
        Ok(true)
    }
}

/// The id of a finding; nothing else passes for one.
struct CheckedId(FindingId);

impl<'de> Deserialize<'de> for CheckedId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = crate::text::read(deserializer)?;
        id.parse().map(Self).map_err(|_| {
            D::Error::custom(format!(
                "`{id}` is not the id of a finding: 32 hexadecimal digits, told by `--format json`"
            ))
        })
    }
}

fn is_resource(pattern: &Pattern, subject: &Subject<'_>, short_id: &str) -> bool {
    pattern.matches(subject.resource_name)
        || (short_id != subject.resource_name && pattern.matches(short_id))
        || (pattern.has_fixed_start() && pattern.matches(subject.resource_id))
}

fn has_tag(pattern: &Pattern, subject: &Subject<'_>) -> bool {
    subject.tags.iter().any(|(key, value)| {
        if let Some(exact) = pattern.exact() {
            return exact == key || is_pair(exact, key, value);
        }
        // a pattern without `=` is about the key; an expression sees both
        if pattern.as_str().contains('=') || pattern.as_str().starts_with('/') {
            pattern.matches(&format!("{key}={value}"))
        } else {
            pattern.matches(key)
        }
    })
}

fn is_pair(text: &str, key: &str, value: &str) -> bool {
    text.strip_prefix(key).and_then(|rest| rest.strip_prefix('=')) == Some(value)
}

fn one_or_many<T: Serialize, S: Serializer>(values: &[T], serializer: S) -> Result<S::Ok, S::Error> {
    match values {
        [one] => one.serialize(serializer),
        many => many.serialize(serializer),
    }
}

impl<'de> Deserialize<'de> for Criteria {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CriteriaVisitor;

        impl<'de> Visitor<'de> for CriteriaVisitor {
            type Value = Criteria;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "some of the fields {}", FIELDS.join(", "))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Criteria, A::Error> {
                let mut criteria = Criteria::default();
                while let Some(Text(key)) = map.next_key()? {
                    if !criteria.read(&key, &mut map)? {
                        return Err(A::Error::unknown_field(&key, FIELDS));
                    }
                }
                Ok(criteria)
            }
        }

        deserializer.deserialize_map(CriteriaVisitor)
    }
}
