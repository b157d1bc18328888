//! What a receiver says of a batch.

use std::time::Duration;

/// What a receiver says of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// All of it was taken.
    Taken,
    /// Each document has an answer of its own, in the order of the batch.
    Each(Vec<ItemAnswer>),
    /// Not now; the same batch may be tried again.
    Later {
        /// Why, for people.
        reason: String,
        /// How long the receiver asks us to wait.
        after: Option<Duration>,
        /// Whether it said that it is asked too much.
        throttled: bool,
    },
    /// Something in the batch is refused for good, or the batch is too large; a part of it may be taken.
    Unfit {
        /// Why, for people.
        reason: String,
    },
    /// Part of the batch was refused for good, the rest was taken, and nobody says which.
    PartlyRefused {
        /// Why, for people.
        reason: String,
    },
    /// We are refused, whatever we send: a wrong key, a wrong address.
    TurnedAway {
        /// Why, for people.
        reason: String,
    },
}

impl Answer {
    /// Not now, for that reason.
    pub fn later(reason: impl Into<String>) -> Self {
        Self::Later { reason: reason.into(), after: None, throttled: false }
    }
}

/// What a receiver says of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ItemAnswer {
    /// It was taken.
    Taken,
    /// It had been taken before under the same id.
    AlreadyThere,
    /// Not now.
    Later(String),
    /// It is refused for good, for that reason.
    Refused(String),
}
