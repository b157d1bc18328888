//! What operations take beside bodies: each parameter says itself what fits, for the check and the description.

use crate::dimension::{Dimension, STANDINGS, standing_key};
use crate::filter::{Sort, moment};
use crate::grouping::{DEEPEST, dimension_of};
use serde_json::{Value, json};
use stance_model::Severity;

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
}

/// What fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// A text that is not empty and not longer than so many bytes.
    Name(usize),
    /// A whole number between two, both included.
    Whole(u64, u64),
    /// One of these words.
    OneOf(Vec<&'static str>),
    /// A day, a moment, or so many days ago.
    Moment,
    /// Up to three dimensions of findings, with commas between.
    Dimensions,
    /// A finding's id.
    FindingId,
}

/// What an operation takes beside a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) place: Place,
    pub(crate) kind: Kind,
    pub(crate) is_required: bool,
    /// Whether it may be given several times, or as several values with commas between.
    pub(crate) is_list: bool,
    /// Whether an empty value is as none, as a form of a page sends it.
    pub(crate) may_be_empty: bool,
    pub(crate) text: &'static str,
}

impl Parameter {
    pub(crate) fn path(name: &'static str, kind: Kind, text: &'static str) -> Self {
        let place = Place::Path;
        Self { name, place, kind, is_required: true, is_list: false, may_be_empty: false, text }
    }

    pub(crate) fn query(name: &'static str, kind: Kind, text: &'static str) -> Self {
        let place = Place::Query;
        Self { name, place, kind, is_required: false, is_list: false, may_be_empty: false, text }
    }

    pub(crate) fn header(name: &'static str, kind: Kind, text: &'static str) -> Self {
        Self { place: Place::Header, ..Self::query(name, kind, text) }
    }

    pub(crate) fn list(self) -> Self {
        Self { is_list: true, ..self }
    }

    pub(crate) fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    pub(crate) fn may_be_empty(self) -> Self {
        Self { may_be_empty: true, ..self }
    }

    /// Whether a value fits; else what would.
    pub(crate) fn admit(&self, value: &str) -> Result<(), String> {
        if value.is_empty() && self.may_be_empty {
            return Ok(());
        }
        if self.is_list && matches!(self.kind, Kind::OneOf(_)) {
            return value.split(',').try_for_each(|value| self.admit_one(value));
        }
        self.admit_one(value)
    }

    fn admit_one(&self, value: &str) -> Result<(), String> {
        let name = self.name;
        match &self.kind {
            Kind::Text => Ok(()),
            Kind::Name(longest) => {
                let fits = !value.trim().is_empty()
                    && value.len() <= *longest
                    && value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
                let wanted = || format!("`{name}` must be 1 to {longest} printable characters of ASCII");
                if fits { Ok(()) } else { Err(wanted()) }
            }
            Kind::Whole(from, to) => {
                let is_plain = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
                let number =
                    value.parse::<u64>().ok().filter(|number| is_plain && (from..=to).contains(&number));
                number.map(drop).ok_or_else(|| {
                    format!("`{value}` is not fit for `{name}`; use a whole number from {from} to {to}")
                })
            }
            Kind::OneOf(words) if words.contains(&value) => Ok(()),
            Kind::OneOf(words) => {
                Err(format!("`{value}` is not fit for `{name}`; use one of {}", words.join(", ")))
            }
            Kind::Moment => moment(value, chrono::DateTime::UNIX_EPOCH + chrono::Days::new(FAR)).map(drop),
            Kind::Dimensions => {
                let keys: Vec<&str> = value.split(',').collect();
                if keys.len() > DEEPEST {
                    return Err(format!("`{name}` takes {DEEPEST} dimensions at most"));
                }
                keys.into_iter().try_for_each(|key| dimension_of(key).map(drop))
            }
            Kind::FindingId => {
                let fits = value.len() == 32
                    && value.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
                if fits {
                    Ok(())
                } else {
                    Err(format!("`{value}` is not the id of a finding; it has 32 hexadecimal digits"))
                }
            }
        }
    }

    /// What fits, as a JSON Schema.
    pub(crate) fn schema(&self) -> Value {
        let one = match &self.kind {
            Kind::Text => json!({ "type": "string" }),
            Kind::Name(longest) => {
                let pattern = "^[ -~]*[!-~][ -~]*$";
                json!({ "type": "string", "minLength": 1, "maxLength": longest, "pattern": pattern })
            }
            Kind::Whole(from, to) => json!({ "type": "integer", "minimum": from, "maximum": to }),
            Kind::OneOf(words) => json!({ "type": "string", "enum": words }),
            Kind::Moment => json!({ "anyOf": [
                { "type": "string", "format": "date" },
                { "type": "string", "format": "date-time" },
                { "type": "string", "pattern": "^[0-9]{1,4}d$" },
            ] }),
            Kind::Dimensions => {
                let word = format!("({})", Dimension::ALL.map(Dimension::key).join("|"));
                json!({ "type": "string", "pattern": format!("^{word}(,{word}){{0,{}}}$", DEEPEST - 1) })
            }
            Kind::FindingId => json!({ "type": "string", "pattern": "^[0-9a-f]{32}$" }),
        };
        let one = if self.may_be_empty && self.kind != Kind::Text {
            json!({ "anyOf": [one, { "type": "string", "maxLength": 0 }] })
        } else {
            one
        };
        if self.is_list { json!({ "type": "array", "items": one }) } else { one }
    }
}

/// As many days as any number of days ago can be subtracted from when a value is only looked at.
const FAR: u64 = 80_000_000;

/// What chooses findings: each dimension, and what no count knows.
pub(crate) fn filters() -> Vec<Parameter> {
    let mut filters: Vec<Parameter> = Dimension::ALL.map(dimension).into();
    filters.extend([
        Parameter::query("q", Kind::Text, "words of the resource's name or id; each must begin a word of it"),
        Parameter::query("tag", Kind::Text, "a tag of the resource: `key` or `key=value`"),
        Parameter::query("resource", Kind::Whole(0, i64::MAX as u64), "the number of the resource"),
        Parameter::query(
            "exception",
            Kind::Whole(0, i64::MAX as u64),
            "the number of the exception that covers it",
        ),
        Parameter::query(
            "assigned",
            Kind::Text,
            "who looks after it: `me`, a name to sign in with, or `nobody`",
        ),
        Parameter::query(
            "first_seen",
            Kind::Moment,
            "a run met it first then or later: a day, a moment, or days ago as `7d`",
        ),
        Parameter::query(
            "since",
            Kind::Moment,
            "the status is what it is since then or later: a day, a moment, or days ago as `7d`",
        ),
    ]);
    filters
}

/// What chooses findings by a dimension.
pub(crate) fn dimension(dimension: Dimension) -> Parameter {
    let (kind, text) = match dimension {
        Dimension::Standing => (Kind::OneOf(STANDINGS.map(standing_key).into()), "how it counts"),
        Dimension::Severity => (severities(), "how bad it is"),
        Dimension::Provider => (Kind::Text, "whose estate it is in, as `aws`"),
        Dimension::Account => (Kind::Text, "the account's id"),
        Dimension::Unit => (Kind::Text, "the id of an organizational unit above the account"),
        Dimension::Region => (Kind::Text, "where the resource lives, as `eu-central-1`, or `global`"),
        Dimension::Service => (Kind::Text, "the service, as `s3`"),
        Dimension::Type => (Kind::Text, "the resource's type, as `AWS::S3::Bucket`"),
        Dimension::Rule => (Kind::Text, "the rule's id"),
        Dimension::Category => (Kind::Text, "a theme, as `encryption`"),
        Dimension::Benchmark => (Kind::Text, "the benchmark's id"),
        Dimension::Control => (Kind::Text, "a control as `benchmark:number`"),
    };
    Parameter::query(dimension.key(), kind, text).list()
}

/// The severities as a choice.
pub(crate) fn severities() -> Kind {
    Kind::OneOf(Severity::WORST_FIRST.map(Severity::as_str).into())
}

/// The order of a list of findings.
pub(crate) fn sort() -> Parameter {
    Parameter::query(
        "sort",
        Kind::OneOf(Sort::ALL.map(Sort::key).into()),
        "the order; `severity` unless given",
    )
}

/// Where a page begins.
pub(crate) fn cursor() -> Parameter {
    Parameter::query("cursor", Kind::Text, "`next` of the page before")
}

/// How long a page is.
pub(crate) fn limit(most: u64, text: &'static str) -> Parameter {
    Parameter::query("limit", Kind::Whole(1, most), text)
}
