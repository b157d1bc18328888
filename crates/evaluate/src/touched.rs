//! What an evaluation met that could not be read.
//!
//! Comparisons and sizes cannot fail in the language, and its connectives swallow errors where the
//! other side decides. So what could not be read is noted here as it is met, one evaluation at a time.

use stance_model::{ReadFailure, Resource, UnknownCause};

/// Why a value could not be read, as far as it is worth knowing before anybody asks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cause<'v> {
    /// An attribute; without a failure nobody asked for it.
    Attribute { name: &'v str, failure: Option<&'v ReadFailure>, of: &'v Resource },
    /// A type that could not be listed.
    Listing(&'v UnknownCause),
}

impl Cause<'_> {
    /// Whether both are the same hole in what is known.
    fn is(&self, other: &Cause<'_>) -> bool {
        match (self, other) {
            (Cause::Attribute { name, of, .. }, Cause::Attribute { name: other_name, of: other_of, .. }) => {
                std::ptr::eq(*of, *other_of) && name == other_name
            }
            (Cause::Listing(cause), Cause::Listing(other)) => std::ptr::eq(*cause, *other),
            _ => false,
        }
    }

    /// The cause as findings tell it.
    pub fn told(&self) -> UnknownCause {
        match *self {
            Cause::Attribute { name, failure: Some(failure), .. } => {
                UnknownCause::Unreadable { what: name.to_owned(), failure: failure.clone() }
            }
            Cause::Attribute { name, failure: None, .. } => UnknownCause::NotRead { what: name.to_owned() },
            Cause::Listing(cause) => cause.clone(),
        }
    }
}

/// What one evaluation met.
#[derive(Debug, Default)]
pub(crate) struct Touched<'v> {
    causes: Vec<Cause<'v>>,
    undecidable: bool,
}

impl<'v> Touched<'v> {
    /// Forgets what was met.
    pub fn clear(&mut self) {
        self.causes.clear();
        self.undecidable = false;
    }

    /// Notes that a value was met that could not be read.
    pub fn note(&mut self, cause: Cause<'v>) {
        if !self.causes.iter().any(|known| known.is(&cause)) {
            self.causes.push(cause);
        }
    }

    /// Notes that an operation that cannot fail was given such a value: whatever the outcome, it does
    /// not count.
    pub fn note_undecidable(&mut self, cause: Cause<'v>) {
        self.note(cause);
        self.undecidable = true;
    }

    /// Whether the outcome does not count.
    pub fn is_undecidable(&self) -> bool {
        self.undecidable
    }

    /// Why values could not be read.
    pub fn causes(&self) -> Vec<UnknownCause> {
        self.causes.iter().map(Cause::told).collect()
    }
}
