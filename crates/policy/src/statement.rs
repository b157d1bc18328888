//! One statement of a policy, in the form that questions are asked of.

use crate::condition::Test;
use crate::pattern::{covers, overlap};
use crate::principal::Principals;

/// What a statement does where it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Allow,
    Deny,
}

/// Actions or resources: those that match one of the patterns, or all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Selection {
    Only(Vec<String>),
    Except(Vec<String>),
}

/// One part of an allow statement's selection that is judged on its own: a
/// pattern, or everything but some patterns.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part<'a> {
    Pattern(&'a str),
    Except(&'a [String]),
}

#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) sid: String,
    pub(crate) effect: Effect,
    /// None in policies of identities, where the principal is who holds the policy.
    pub(crate) principals: Option<Principals>,
    /// As written; `actions` holds the same in lower case, which is how AWS compares.
    pub(crate) written_actions: Selection,
    pub(crate) actions: Selection,
    /// None where the statement names no resource: it is about what it is attached to.
    pub(crate) resources: Option<Selection>,
    /// All of these must hold.
    pub(crate) conditions: Vec<Test>,
}

impl Selection {
    pub(crate) fn parts(&self) -> Vec<Part<'_>> {
        match self {
            Selection::Only(patterns) => patterns.iter().map(|p| Part::Pattern(p)).collect(),
            Selection::Except(patterns) => vec![Part::Except(patterns)],
        }
    }

    /// Whether all that `part` selects and `wanted` matches is selected here too.
    pub(crate) fn takes_in(&self, part: Part<'_>, wanted: &str) -> bool {
        match (self, part) {
            (Selection::Only(patterns), Part::Pattern(inner)) => {
                patterns.iter().any(|outer| covers(outer, inner) || covers(outer, wanted))
            }
            (Selection::Only(patterns), Part::Except(_)) => {
                patterns.iter().any(|outer| covers(outer, wanted))
            }
            (Selection::Except(left_out), Part::Pattern(inner)) => {
                left_out.iter().all(|out| !overlap(out, inner) || !overlap(out, wanted))
            }
            (Selection::Except(left_out), Part::Except(inner_out)) => left_out
                .iter()
                .all(|out| !overlap(out, wanted) || inner_out.iter().any(|inner| covers(inner, out))),
        }
    }
}

impl Part<'_> {
    pub(crate) fn touches(self, wanted: &str) -> bool {
        match self {
            Part::Pattern(pattern) => overlap(pattern, wanted),
            Part::Except(left_out) => !left_out.iter().any(|out| covers(out, wanted)),
        }
    }
}

impl Statement {
    pub(crate) fn allows(&self) -> bool {
        self.effect == Effect::Allow
    }

    pub(crate) fn denies(&self) -> bool {
        self.effect == Effect::Deny
    }

    pub(crate) fn is_unconditional(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Parts of the resources; a statement that names none is about everything
    /// that it guards.
    pub(crate) fn resource_parts(&self) -> Vec<Part<'_>> {
        match &self.resources {
            Some(selection) => selection.parts(),
            None => vec![Part::Pattern("*")],
        }
    }

    pub(crate) fn touches_resource(&self, wanted: &str) -> bool {
        self.resource_parts().iter().any(|part| part.touches(wanted))
    }

    pub(crate) fn takes_in_resource(&self, part: Part<'_>, wanted: &str) -> bool {
        match &self.resources {
            Some(selection) => selection.takes_in(part, wanted),
            None => true,
        }
    }
}
