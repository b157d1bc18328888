//! Grants to anyone at all.

use crate::document::Policy;
use crate::federation::openly_trusted;
use crate::statement::{Part, Selection, Statement};
use crate::takeback::Who;

impl Policy {
    /// Whether anyone at all is granted something, with no condition that
    /// narrows it to known accounts, organizations, networks, endpoints or
    /// sources, and no deny that takes it back for strangers.
    ///
    /// `NotPrincipal` with `Allow` is such a grant, and so is trust in an
    /// identity provider that anyone can join without a test of whom it vouches
    /// for. Policies of identities (without `Principal`) are never public.
    pub fn is_public(&self) -> bool {
        self.is_public_for("*")
    }

    /// The same for an action; with wildcards, for any action that matches.
    pub fn is_public_for(&self, action: &str) -> bool {
        let action = action.to_ascii_lowercase();
        self.allow_statements().any(|allow| !self.public_parts(allow, &action).is_empty())
    }

    /// The action patterns so granted, as written, in the order of the document;
    /// `*` for a statement that grants all but some.
    pub fn public_actions(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for allow in self.allow_statements() {
            let public = self.public_parts(allow, "*");
            let written: Vec<&str> = match &allow.written_actions {
                Selection::Only(patterns) => patterns
                    .iter()
                    .map(String::as_str)
                    .filter(|pattern| public.contains(&pattern.to_ascii_lowercase().as_str()))
                    .collect(),
                Selection::Except(_) if public.is_empty() => Vec::new(),
                Selection::Except(_) => vec!["*"],
            };
            for pattern in written {
                if !found.iter().any(|known| known.eq_ignore_ascii_case(pattern)) {
                    found.push(pattern.to_owned());
                }
            }
        }
        found
    }

    /// The action patterns of the statement, in lower case, that match `wanted`
    /// and are granted to anyone.
    fn public_parts<'a>(&self, allow: &'a Statement, wanted: &str) -> Vec<&'a str> {
        let grantees = open_grantees(allow);
        allow
            .actions
            .parts()
            .into_iter()
            .filter(|part| part.touches(wanted))
            .filter(|part| grantees.iter().any(|who| self.leaves(allow, *part, wanted, "*", *who)))
            .map(|part| match part {
                Part::Pattern(pattern) => pattern,
                Part::Except(_) => "*",
            })
            .collect()
    }
}

/// The kinds of strangers that an allow statement lets in.
fn open_grantees(allow: &Statement) -> Vec<Who<'_>> {
    let mut grantees = Vec::new();
    if is_open(allow) {
        grantees.push(Who::Strangers);
    }
    grantees.extend(openly_trusted(allow).into_iter().map(Who::Federated));
    grantees
}

/// Whether the statement speaks of anyone with no condition that narrows it.
pub(crate) fn is_open(allow: &Statement) -> bool {
    allow.principals.as_ref().is_some_and(crate::principal::Principals::include_everyone)
        && !allow.conditions.iter().any(|test| test.narrows(&allow.conditions))
}

#[cfg(test)]
mod tests;
