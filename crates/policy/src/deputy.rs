//! Services that may be made to act for anyone: the confused deputy.

use crate::document::Policy;
use crate::principal::Principals;
use crate::takeback::Who;

impl Policy {
    /// Service principals that are granted something with no condition on
    /// source account, source ARN or organization, in order.
    ///
    /// A source ARN whose account is a wildcard is no such condition. A deny that
    /// turns away every source but known ones takes the grant back.
    pub fn trusts_service_without_source(&self) -> Vec<String> {
        let mut found = Vec::new();
        for allow in self.allow_statements() {
            let Some(Principals::Only(named)) = &allow.principals else {
                continue;
            };
            if allow.conditions.iter().any(|test| test.narrows_source(&allow.conditions)) {
                continue;
            }
            for service in named.of_kind("Service") {
                let stands = allow
                    .actions
                    .parts()
                    .into_iter()
                    .any(|action| self.leaves(allow, action, "*", "*", Who::Service(service)));
                if stands {
                    found.push(service.to_owned());
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

#[cfg(test)]
mod tests;
