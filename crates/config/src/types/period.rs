//! Spans of time.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::time::Duration;
use std::{fmt, str::FromStr};

use crate::UnsuitableText;

/// A span of time in whole seconds, written as `24h`, `1h30m`, `15m`, `90s`, `7d` or plain seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period(Duration);

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

impl Period {
    /// So many seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// The span.
    pub const fn get(self) -> Duration {
        self.0
    }
}

fn seconds(text: &str) -> Option<u64> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok();
    }
    let mut total = 0_u64;
    let mut rest = text;
    // each unit at most once, the greatest first
    let mut units = UNITS.iter();
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let (digits, tail) = rest.split_at(end);
        let unit = tail.chars().next()?;
        let (_, length) = units.find(|(name, _)| *name == unit)?;
        total = total.checked_add(digits.parse::<u64>().ok()?.checked_mul(*length)?)?;
        rest = tail.get(unit.len_utf8()..)?;
    }
    (!text.is_empty()).then_some(total)
}

impl TryFrom<String> for Period {
    type Error = UnsuitableText;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        seconds(text.trim()).map(Self::from_secs).ok_or(UnsuitableText {
            text,
            kind: "a span of time",
            advice: "write it as `24h`, `15m` or `90s`",
        })
    }
}

impl FromStr for Period {
    type Err = UnsuitableText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text.to_owned())
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.as_secs();
        if rest == 0 {
            return f.pad("0s");
        }
        let mut text = String::new();
        // a day is written as 24h, as people say it of schedules
        for (name, length) in UNITS.iter().skip(1) {
            if rest >= *length {
                text.push_str(&(rest / length).to_string());
                text.push(*name);
                rest %= length;
            }
        }
        f.pad(&text)
    }
}

impl JsonSchema for Period {
    fn schema_name() -> Cow<'static, str> {
        "Period".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "title": "duration", "type": ["string", "integer"],
            "pattern": "^([0-9]+|([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?)$", "minimum": 0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn units_and_plain_seconds_are_read() {
        for (text, seconds) in
            [("24h", 86_400), ("1d", 86_400), ("1h30m", 5_400), ("90s", 90), ("3600", 3600), ("0", 0)]
        {
            assert_eq!(text.parse(), Ok(Period::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "h",
            "1",
            "1x",
            "30m1h",
            "1h1h",
            "-1s",
            "1.5h",
            "1 h",
            "99999999999999999999",
            "24 hours",
            "１h",
        ] {
            assert_eq!(text.parse::<Period>().is_ok(), text == "1", "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(seconds in any::<u64>()) {
            let period = Period::from_secs(seconds);
            prop_assert_eq!(period.to_string().parse(), Ok(period));
        }
    }
}
