//! A slow and obvious reading of policies, to compare the fast answers with:
//! every request of a small world is put to every statement, straight on the
//! JSON.

mod generate;
mod world;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::sample::of;
use generate::{Flavour, statement, statements};
use world::{ACTIONS, RESOURCES, Request, allowed, denied, requests};

const STRANGER: &str = "999999999999";
const FRIEND: &str = "222222222222";
const OWN: &str = "111111111111";

/// Requests by somebody whom no generated value names.
fn by_strangers() -> impl Iterator<Item = Request> {
    requests().filter(|r| {
        r.account.is_none_or(|account| account == STRANGER)
            && r.ip == "8.8.8.8"
            && r.endpoint.is_none_or(|endpoint| endpoint == "vpce-99999999")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_a_stranger_can_do_is_never_missed(list in statements(Flavour::Resource)) {
        let policy = of(Value::Array(list.clone()));
        for request in by_strangers().filter(|r| allowed(&list, r)) {
            prop_assert!(policy.is_public(), "{:?}", request);
            prop_assert!(policy.is_public_for(request.action), "{:?}", request);
        }
    }

    #[test]
    fn a_single_grant_is_public_exactly_where_a_stranger_gets_in(one in statement(Flavour::Resource)) {
        prop_assume!(one["Effect"] == "Allow");
        let list = vec![one];
        let reachable = by_strangers().any(|r| allowed(&list, &r));
        prop_assert_eq!(of(Value::Array(list)).is_public(), reachable);
    }

    #[test]
    fn a_deny_of_everything_leaves_nothing_public(list in statements(Flavour::Resource)) {
        let mut list = list;
        list.push(json!({"Effect": "Deny", "Principal": {"AWS": ["*"]}, "Action": ["*"], "Resource": ["*"]}));
        let policy = of(Value::Array(list));
        prop_assert!(!policy.is_public());
        prop_assert!(policy.external_accounts(OWN).is_empty());
        prop_assert!(policy.escalations().is_empty());
    }

    #[test]
    fn a_literal_question_about_an_identity_is_answered_exactly(
        list in statements(Flavour::Identity),
        action in 0..ACTIONS.len(),
        resource in 0..RESOURCES.len(),
    ) {
        let request = Request {
            account: Some(OWN), action: ACTIONS[action], resource: RESOURCES[resource],
            secure: true, ip: "8.8.8.8", endpoint: None,
        };
        let policy = of(Value::Array(list.clone()));
        prop_assert_eq!(
            policy.allows(request.action, Some(request.resource)),
            allowed(&list, &request)
        );
    }

    #[test]
    fn what_an_identity_can_do_somewhere_is_never_missed(list in statements(Flavour::Identity)) {
        let policy = of(Value::Array(list.clone()));
        for request in requests().filter(|r| allowed(&list, r)) {
            prop_assert!(policy.allows(request.action, None), "{:?}", request);
        }
    }

    #[test]
    fn an_administrator_can_do_everything_that_no_deny_names(list in statements(Flavour::Identity)) {
        let policy = of(Value::Array(list.clone()));
        if policy.allows_administrator() {
            for request in requests() {
                prop_assert!(allowed(&list, &request) || denied(&list, &request));
            }
        }
    }

    #[test]
    fn plain_http_is_refused_where_we_say_so(list in statements(Flavour::Transport)) {
        // the bucket `b` is what these policies are attached to
        if of(Value::Array(list.clone())).denies_insecure_transport() {
            for request in requests().filter(|r| !r.secure && r.action.starts_with("s3:") && r.resource.starts_with("arn:aws:s3:::b")) {
                prop_assert!(denied(&list, &request), "{:?}", request);
            }
        }
    }

    #[test]
    fn no_foreign_account_is_missed(list in statements(Flavour::Accounts)) {
        let found = of(Value::Array(list.clone())).external_accounts(OWN);
        for request in requests().filter(|r| allowed(&list, r)) {
            match request.account {
                Some(OWN) => {}
                Some(STRANGER) | None => prop_assert!(found.contains(&"*".to_owned()), "{:?}", request),
                Some(account) => prop_assert!(
                    found.iter().any(|f| f == account || f == "*"),
                    "{:?}", request
                ),
            }
        }
    }
}
