//! When the agent scans.

use crate::{Period, TimeOfDay};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When the agent scans.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Schedule {
    /// How long after the start of one scan the next one starts.
    pub every: Period,
    /// Time of day in UTC at which scans start; `every` is then whole days.
    #[schemars(extend("examples" = ["03:00"]))]
    pub at: Option<TimeOfDay>,
    /// Each scan starts later by a random span up to this one, so that many agents do not start together.
    pub jitter: Period,
}

impl Default for Schedule {
    fn default() -> Self {
        Self { every: Period::from_secs(24 * 60 * 60), at: None, jitter: Period::from_secs(0) }
    }
}
