//! Numbers with a least value. A number may be written as a text, `"100"`.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::num::NonZeroU32;
use thiserror::Error;

/// The number is too small, or none at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this must be more than zero")]
pub struct UnsuitableNumber;

/// How many, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Count(NonZeroU32);

impl Count {
    /// That many; one where the number is zero.
    pub const fn new(number: u32) -> Self {
        match NonZeroU32::new(number) {
            Some(number) => Self(number),
            None => Self(NonZeroU32::MIN),
        }
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0.get()
    }
}

impl TryFrom<u32> for Count {
    type Error = UnsuitableNumber;

    fn try_from(number: u32) -> Result<Self, Self::Error> {
        NonZeroU32::new(number).map(Self).ok_or(UnsuitableNumber)
    }
}

impl From<Count> for u32 {
    fn from(count: Count) -> Self {
        count.get()
    }
}

impl JsonSchema for Count {
    fn schema_name() -> Cow<'static, str> {
        "Count".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "title": "whole number", "type": ["integer", "string"],
            "minimum": 1, "maximum": u32::MAX, "pattern": "^[0-9]+$"
        })
    }
}

/// How often, more than never.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Rate(f64);

impl Rate {
    /// The rate unless told: what AWS's read operations bear in most services.
    pub(crate) const DEFAULT: Self = Self(20.0);

    /// The number, finite and above zero.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Rate {
    type Error = UnsuitableNumber;

    fn try_from(number: f64) -> Result<Self, Self::Error> {
        if number.is_finite() && number > 0.0 { Ok(Self(number)) } else { Err(UnsuitableNumber) }
    }
}

impl From<Rate> for f64 {
    fn from(rate: Rate) -> Self {
        rate.0
    }
}

impl JsonSchema for Rate {
    fn schema_name() -> Cow<'static, str> {
        "Rate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "title": "number", "type": ["number", "string"], "exclusiveMinimum": 0, "pattern": "^[0-9.]+$" })
    }
}
