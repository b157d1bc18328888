//! That accounts are told apart, and each is meant once.

use super::Checker;
use crate::{AccountId, Aws, AwsAccount, Role};
use std::collections::BTreeMap;

pub(super) fn check(checker: &mut Checker<'_>, aws: &Aws) {
    let mut seen: BTreeMap<AccountId, usize> = BTreeMap::new();
    for (index, account) in aws.accounts.iter().enumerate() {
        let at = format!("aws.accounts[{index}]");
        role_agrees(checker, &at, account);
        let Some(id) = account.account_id() else {
            if !account.sign_in().has_credentials() {
                checker.tell(&at, format!("`{at}` does not tell which account it is; add `id`"));
            }
            continue;
        };
        let place = if account.id.is_some() { format!("{at}.id") } else { format!("{at}.iam_role") };
        if aws.master_account_id.as_ref() == Some(&id) {
            checker.tell(
                &place,
                format!("`{id}` is both in `aws.accounts` and `aws.master_account_id`, whose results are left out; remove one"),
            );
        }
        let sign_in = account.sign_in();
        let ends_there =
            sign_in.iam_role.is_some() || !sign_in.role_chain.is_empty() || sign_in.has_credentials();
        if let (Some(role), false) = (aws.role_elsewhere(account), ends_there) {
            checker.tell(
                &at,
                format!("`{at}` tells no way into the account `{id}`, as `aws.iam_role` is a role of the account `{}`; add `iam_role`", role.account()),
            );
        }
        if let Some(first) = seen.get(&id) {
            let origin = checker.origins.of(&format!("aws.accounts[{first}]"));
            checker.tell(
                &place,
                format!("the account `{id}` stands in `aws.accounts` twice, first at {origin}; remove one"),
            );
        } else {
            seen.insert(id, index);
        }
    }
}

fn role_agrees(checker: &mut Checker<'_>, at: &str, account: &AwsAccount) {
    if let (Some(id), Some(Role::Arn(role))) = (&account.id, &account.iam_role)
        && role.account() != *id
    {
        let path = format!("{at}.iam_role");
        checker.tell(
            &path,
            format!(
                "`{path}` is a role of the account `{}`, but `{at}.id` says `{id}`; correct one of them",
                role.account()
            ),
        );
    }
}
