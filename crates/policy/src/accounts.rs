//! Accounts that a policy grants something to.

use std::collections::BTreeSet;

use crate::document::Policy;
use crate::principal::{Principals, account_of, is_account_id};
use crate::public::is_open;
use crate::statement::Statement;
use crate::takeback::Who;

impl Policy {
    /// Ids of the accounts other than `own_account` that are granted something,
    /// in order; `*` is among them where anyone is.
    ///
    /// Where everyone is granted something under a condition that names
    /// accounts, it is those. An organization, network or endpoint in a condition
    /// does not tell accounts, and unique ids of users (`AIDA…`) and canonical
    /// user ids do not either, so they add nothing.
    pub fn external_accounts(&self, own_account: &str) -> Vec<String> {
        let mut found = BTreeSet::new();
        for allow in self.allow_statements() {
            let Some(principals) = &allow.principals else {
                continue;
            };
            if principals.include_everyone() {
                self.add_from_everyone(allow, &mut found);
            }
            if let Principals::Only(named) = principals {
                let ids = named.of_kind("AWS").chain(named.of_kind("Federated"));
                for principal in ids {
                    let Some(id) = account_of(principal) else {
                        continue;
                    };
                    if admits(allow, id) && self.stands(allow, Who::Account { id, principal }) {
                        found.insert(id.to_owned());
                    }
                }
            }
        }
        found.remove(own_account);
        found.into_iter().collect()
    }

    fn add_from_everyone(&self, allow: &Statement, found: &mut BTreeSet<String>) {
        if is_open(allow) && self.stands(allow, Who::Strangers) {
            found.insert("*".to_owned());
            return;
        }
        let tests = &allow.conditions;
        let narrowing: Vec<_> = tests.iter().filter(|test| test.narrows(tests)).collect();
        let bounds: Vec<Vec<String>> = narrowing.iter().filter_map(|test| test.named_accounts()).collect();
        if bounds.is_empty() && !narrowing.is_empty() {
            return;
        }
        for id in self.accounts_named_anywhere() {
            let who = Who::Account { id: &id, principal: &id };
            if bounds.iter().all(|named| named.contains(&id))
                && allow.principals.as_ref().is_some_and(|principals| principals.leave_room_for(&id))
                && self.stands(allow, who)
            {
                found.insert(id);
            }
        }
    }

    /// Whoever is left after grants to everyone and denies of all but some must
    /// be named somewhere.
    fn accounts_named_anywhere(&self) -> BTreeSet<String> {
        let principals = self.statements.iter().filter_map(|s| s.principals.as_ref());
        let in_principals =
            principals.flat_map(Principals::named_ids).filter_map(account_of).map(str::to_owned);
        let tests = self.statements.iter().flat_map(|s| &s.conditions);
        let in_tests = tests.filter_map(crate::condition::Test::named_accounts).flatten();
        in_principals
            .chain(in_tests)
            // twelve zeros stand for the resource's own account
            .filter(|id| is_account_id(id) && id != "000000000000")
            .collect()
    }

    fn stands(&self, allow: &Statement, who: Who<'_>) -> bool {
        allow.actions.parts().into_iter().any(|action| self.leaves(allow, action, "*", "*", who))
    }
}

/// Whether the statement's conditions let the account in at all.
fn admits(allow: &Statement, account: &str) -> bool {
    allow
        .conditions
        .iter()
        .filter(|test| test.key == "aws:principalaccount" && test.narrows(&allow.conditions))
        .all(|test| test.named_accounts().is_none_or(|named| named.iter().any(|n| n == account)))
}

#[cfg(test)]
mod tests;
