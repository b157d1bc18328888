//! One exception, as people write it.

use crate::criteria::EXCEPTION_FIELDS;
use crate::text::{OneOrMany, Text};
use crate::{Criteria, RuleNames};
use chrono::{DateTime, NaiveDate, Utc};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// Findings that are accepted: which, why, who answers for it, until when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Exception {
    /// A name to speak of it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Which findings are meant.
    #[serde(flatten)]
    pub covers: Criteria,
    /// Which of them are not meant after all: those that any of these covers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<Criteria>,
    /// Why they are accepted.
    pub reason: String,
    /// Who answers for it: a person or a team.
    pub owner: String,
    /// The last day on which it holds, through its end in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// The line of its file where it begins.
    #[serde(skip)]
    pub line: Option<u64>,
}

/// What an imported exception says where the import cannot know; refused until a person fills it in.
pub(crate) const TO_FILL_IN: &str = "TO FILL IN";

impl Exception {
    /// Whether it no longer holds at that moment.
    pub fn has_ended(&self, as_of: DateTime<Utc>) -> bool {
        self.until.is_some_and(|until| until < as_of.date_naive())
    }

    /// What is wrong with it where rules go by those names, for people; empty where nothing is.
    pub(crate) fn faults(&self, names: &RuleNames) -> Vec<String> {
        let mut faults = Vec::new();
        for (field, text) in [("reason", &self.reason), ("owner", &self.owner)] {
            if text.trim().is_empty() {
                faults.push(format!("`{field}` is blank; an exception needs one"));
            } else if text.trim() == TO_FILL_IN {
                faults.push(format!("`{field}` is still to be filled in"));
            }
        }
        if self.id.as_ref().is_some_and(|id| id.trim().is_empty()) {
            faults.push("`id` is blank; leave it out or name the exception".to_owned());
        }
        if self.covers.covers_everything(names) {
            faults.push(
                "it would cover every finding; say which by `finding`, `rule`, `service`, `resource`, `tag`, `account` or `region`"
                    .to_owned(),
            );
        }
        if self.except.iter().any(|criteria| criteria.covers_everything(names)) {
            faults.push("its `except` takes everything back; say which findings by a field of it".to_owned());
        }
        faults
    }
}

impl fmt::Display for Exception {
    /// How to speak of it: by id, else by line, else by its reason.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.id, self.line) {
            (Some(id), Some(line)) => write!(f, "exception `{id}` (line {line})"),
            (Some(id), None) => write!(f, "exception `{id}`"),
            (None, Some(line)) => write!(f, "exception in line {line}"),
            (None, None) => write!(f, "exception for `{}`", self.reason.trim()),
        }
    }
}

impl<'de> Deserialize<'de> for Exception {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ExceptionVisitor)
    }
}

struct ExceptionVisitor;

impl<'de> Visitor<'de> for ExceptionVisitor {
    type Value = Exception;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an exception: fields that say which findings, `reason` and `owner`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Exception, A::Error> {
        let mut exception = Exception::default();
        let (mut reason, mut owner) = (None, None);
        while let Some(Text(key)) = map.next_key()? {
            match key.as_str() {
                "id" => exception.id = Some(map.next_value::<Text>()?.0),
                "except" => exception.except = map.next_value::<OneOrMany<Criteria>>()?.0,
                "reason" => reason = Some(map.next_value::<Text>()?.0),
                "owner" => owner = Some(map.next_value::<Text>()?.0),
                "until" => exception.until = Some(map.next_value::<Day>()?.0),
                _ if exception.covers.read(&key, &mut map)? => {}
                _ => return Err(A::Error::unknown_field(&key, EXCEPTION_FIELDS)),
            }
        }
        exception.reason = reason.ok_or_else(|| A::Error::custom("an exception needs a `reason`"))?;
        exception.owner = owner.ok_or_else(|| A::Error::custom("an exception needs an `owner`"))?;
        Ok(exception)
    }
}

struct Day(NaiveDate);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = crate::text::read(deserializer)?;
        let day = text
            .parse()
            .map_err(|_| D::Error::custom(format!("`{text}` is not a date; write it as 2026-12-31")))?;
        Ok(Self(day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_holds_through_the_end_of_its_last_day_in_utc() {
        let exception = Exception { until: NaiveDate::from_ymd_opt(2026, 6, 30), ..Exception::default() };
        let ended = |time: &str| exception.has_ended(time.parse().unwrap());
        assert!(!ended("2026-06-30T23:59:59Z"));
        assert!(ended("2026-07-01T00:00:00Z"));
        // the same moment, told in another time zone
        assert!(!ended("2026-07-01T01:59:59+02:00"));
        assert!(!Exception::default().has_ended("2999-01-01T00:00:00Z".parse().unwrap()));
    }

    #[test]
    fn it_is_spoken_of_by_what_helps_to_find_it() {
        let mut exception = Exception { reason: "public website".into(), ..Exception::default() };
        assert_eq!(exception.to_string(), "exception for `public website`");
        exception.line = Some(7);
        assert_eq!(exception.to_string(), "exception in line 7");
        exception.id = Some("website".into());
        assert_eq!(exception.to_string(), "exception `website` (line 7)");
    }
}
