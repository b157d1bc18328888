//! Times of day.

use crate::UnsuitableText;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::{fmt, str::FromStr};

/// Hour and minute in UTC, `03:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay {
    hour: u8,
    minute: u8,
}

impl TimeOfDay {
    /// The hour, 0 to 23.
    pub fn hour(self) -> u8 {
        self.hour
    }

    /// The minute, 0 to 59.
    pub fn minute(self) -> u8 {
        self.minute
    }
}

fn read(text: &str) -> Option<TimeOfDay> {
    let (hour, minute) = text.split_once(':')?;
    let number = |part: &str| -> Option<u8> {
        let digits = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if digits { part.parse().ok() } else { None }
    };
    let time = TimeOfDay { hour: number(hour)?, minute: number(minute)? };
    (time.hour < 24 && time.minute < 60 && minute.len() == 2).then_some(time)
}

impl TryFrom<String> for TimeOfDay {
    type Error = UnsuitableText;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        read(&text).ok_or(UnsuitableText {
            text,
            kind: "a time of day",
            advice: "write it as \"03:00\", in UTC",
        })
    }
}

impl FromStr for TimeOfDay {
    type Err = UnsuitableText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text.to_owned())
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

impl JsonSchema for TimeOfDay {
    fn schema_name() -> Cow<'static, str> {
        "TimeOfDay".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "title": "time of day", "type": "string", "pattern": "^([01]?[0-9]|2[0-3]):[0-5][0-9]$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_and_minutes_of_a_day_are_taken_and_nothing_else() {
        assert_eq!("3:05".parse::<TimeOfDay>().unwrap().to_string(), "03:05");
        for text in ["24:00", "03:60", "3", "03:5", "+3:00", "03:00:00", ""] {
            assert!(text.parse::<TimeOfDay>().is_err(), "{text}");
        }
    }
}
