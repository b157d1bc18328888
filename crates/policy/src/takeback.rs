//! Deny over allow: whether some deny takes back a part of a grant.

use crate::document::Policy;
use crate::principal::Principals;
use crate::statement::{Part, Statement};

/// For whom a grant is judged.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Who<'a> {
    /// Any caller whom no condition and no statement names.
    Strangers,
    /// A stranger vouched for by an open identity provider.
    Federated(&'a str),
    /// A service acting for a source that nobody chose.
    Service(&'a str),
    /// Callers from an account, by the principal that names them.
    Account { id: &'a str, principal: &'a str },
    /// Whoever the allow statement speaks of; None is the holder of the policy.
    Grantees(Option<&'a Principals>),
}

/// One action part on one resource part of an allow statement, as far as it
/// is asked about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grant<'a> {
    pub(crate) action: Part<'a>,
    pub(crate) wanted_action: &'a str,
    pub(crate) resource: Part<'a>,
    pub(crate) wanted_resource: &'a str,
}

impl Policy {
    /// Whether one deny statement covers all of the grant. Several that only
    /// together cover a single pattern are not added up.
    pub(crate) fn takes_back(&self, grant: Grant<'_>, who: Who<'_>) -> bool {
        self.deny_statements().any(|deny| {
            reaches(deny, who)
                && deny.actions.takes_in(grant.action, grant.wanted_action)
                && deny.takes_in_resource(grant.resource, grant.wanted_resource)
        })
    }

    /// Whether the action part of an allow statement is left standing on some
    /// resource that matches.
    pub(crate) fn leaves(
        &self,
        allow: &Statement,
        action: Part<'_>,
        wanted_action: &str,
        wanted_resource: &str,
        who: Who<'_>,
    ) -> bool {
        allow.resource_parts().into_iter().filter(|resource| resource.touches(wanted_resource)).any(
            |resource| {
                let grant = Grant { action, wanted_action, resource, wanted_resource };
                !self.takes_back(grant, who)
            },
        )
    }
}

fn reaches(deny: &Statement, who: Who<'_>) -> bool {
    let tests = &deny.conditions;
    match (who, &deny.principals) {
        (Who::Strangers, Some(principals)) => {
            reaches_strangers(principals) && tests.iter().all(crate::condition::Test::holds_for_strangers)
        }
        (Who::Federated(id), Some(principals)) => {
            principals.contain("Federated", id)
                && tests.iter().all(crate::condition::Test::holds_for_strangers)
        }
        (Who::Service(id), Some(principals)) => {
            principals.contain("Service", id)
                && tests.iter().all(crate::condition::Test::holds_for_unknown_sources)
        }
        (Who::Account { id, principal }, Some(principals)) => {
            principals.contain("AWS", principal) && tests.iter().all(|test| test.holds_for_account(id))
        }
        (Who::Grantees(Some(granted)), Some(denied)) => tests.is_empty() && denied.take_in(granted),
        (Who::Grantees(None), Some(denied)) => tests.is_empty() && denied.are_all(),
        (Who::Grantees(None), None) => tests.is_empty(),
        // What an identity's own policy denies it says nothing of others.
        (_, None) => false,
    }
}

/// A principal pattern such as an ARN of any account is doubtful, and a deny
/// must be certain.
fn reaches_strangers(principals: &Principals) -> bool {
    match principals {
        Principals::Only(_) => principals.are_all(),
        Principals::Except(_) => principals.include_everyone(),
    }
}
