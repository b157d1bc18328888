//! Ways from what a policy allows to more.

use crate::condition::{Comparison, Test};
use crate::document::Policy;
use crate::escalation_table::{Needs, WAYS, Way};
use crate::glob::glob;
use crate::statement::{Part, Statement};

const PASS_ROLE: &str = "iam:passrole";

impl Policy {
    /// Names of the known ways to more privileges that the allowed actions
    /// open: the actions joined with `+`, in the order of the table.
    ///
    /// Each action must be allowed on something, by `allows`. Where roles may
    /// be passed to certain services only, ways through others are closed; what
    /// one may do to oneself only (`${aws:username}` in the resource) is no way
    /// where it needs somebody else.
    pub fn escalations(&self) -> Vec<String> {
        WAYS.iter().filter(|way| self.opens(way)).map(|way| way.actions.join("+")).collect()
    }

    fn opens(&self, way: &Way) -> bool {
        way.actions.iter().all(|action| {
            let action = action.to_ascii_lowercase();
            let mut grants = self.granting(&action, "*", |_| true);
            match way.needs {
                Needs::PassTo(service) if action == PASS_ROLE => {
                    grants.any(|allow| passes_to(allow, service))
                }
                Needs::Nothing | Needs::PassTo(_) => grants.next().is_some(),
                Needs::Others => grants.any(reaches_others),
                Needs::AnyResource => self.allows_on_any_resource(&action),
            }
        })
    }
}

/// Whether the statement's conditions leave the service among those that a role
/// may be passed to.
fn passes_to(allow: &Statement, service: &str) -> bool {
    allow.conditions.iter().filter(|test| test.key == "iam:passedtoservice").all(|test| {
        match test.comparison {
            Comparison::Text | Comparison::Like => matches_any(test, service) != test.negated,
            _ => true,
        }
    })
}

fn matches_any(test: &Test, service: &str) -> bool {
    test.values.iter().any(|value| match test.comparison {
        Comparison::Like => glob(service, value),
        _ => value.eq_ignore_ascii_case(service),
    })
}

fn reaches_others(allow: &Statement) -> bool {
    allow.resource_parts().iter().any(|part| match part {
        Part::Pattern(resource) => {
            let resource = resource.to_ascii_lowercase();
            !resource.ends_with("${aws:username}") && !resource.ends_with("${aws:userid}")
        }
        Part::Except(_) => true,
    })
}

#[cfg(test)]
mod tests;
