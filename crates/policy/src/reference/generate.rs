//! Policies that AWS would accept, over the small world.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

/// What kind of policy to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    /// With principals and every condition of the world.
    Resource,
    /// Without principals and conditions.
    Identity,
    /// Mostly denies of plain HTTP.
    Transport,
    /// With principals, and conditions on accounts alone.
    Accounts,
}

pub(super) fn statements(flavour: Flavour) -> impl Strategy<Value = Vec<Value>> {
    vec(statement(flavour), 1..5)
}

pub(super) fn statement(flavour: Flavour) -> impl Strategy<Value = Value> {
    let effect = match flavour {
        Flavour::Transport => select(vec!["Deny", "Deny", "Deny", "Allow"]),
        _ => select(vec!["Allow", "Allow", "Deny"]),
    };
    (effect, actions(flavour), resources(), principals(flavour), condition(flavour)).prop_map(
        |(effect, actions, resources, principals, condition)| {
            let mut map = Map::new();
            map.insert("Effect".to_owned(), json!(effect));
            map.insert(actions.0.to_owned(), json!(actions.1));
            map.insert(resources.0.to_owned(), json!(resources.1));
            if let Some((element, ids)) = principals {
                map.insert(element.to_owned(), json!({"AWS": ids}));
            }
            if condition.as_object().is_some_and(|c| !c.is_empty()) {
                map.insert("Condition".to_owned(), condition);
            }
            Value::Object(map)
        },
    )
}

type Element = (&'static str, Vec<&'static str>);

fn element(
    only: &'static str,
    except: &'static str,
    from: &'static [&'static str],
) -> impl Strategy<Value = Element> {
    // what is left out is never all there is, so that a stranger has a witness
    let few: Vec<&'static str> = from.iter().copied().filter(|p| !p.ends_with('*')).collect();
    prop_oneof![
        4 => subsequence(from.to_vec(), 1..3).prop_map(move |list| (only, list)),
        1 => subsequence(few, 1..2).prop_map(move |list| (except, list)),
    ]
}

fn actions(flavour: Flavour) -> BoxedStrategy<Element> {
    let all = element(
        "Action",
        "NotAction",
        &["*", "s3:*", "S3:Get*", "s3:?utObject", "s3:*Object", "s3:ListBucket", "iam:PassRole", "*:*"],
    );
    match flavour {
        Flavour::Transport => {
            prop_oneof![select(vec!["*", "s3:*"]).prop_map(|action| ("Action", vec![action])), all,].boxed()
        }
        _ => all.boxed(),
    }
}

fn resources() -> impl Strategy<Value = Element> {
    element(
        "Resource",
        "NotResource",
        &[
            "*",
            "arn:aws:s3:::b",
            "arn:aws:s3:::b/*",
            "arn:aws:s3:::b*",
            "arn:aws:s3:::b/x",
            "arn:aws:s3:::?",
            "arn:aws:s3:::c",
        ],
    )
}

fn principals(flavour: Flavour) -> BoxedStrategy<Option<Element>> {
    let everyone = Just(Some(("Principal", vec!["*"])));
    let some = subsequence(
        vec!["111111111111", "arn:aws:iam::222222222222:root", "arn:aws:iam::222222222222:role/r"],
        1..3,
    );
    let except = some.clone().prop_map(|ids| Some(("NotPrincipal", ids)));
    let some = some.prop_map(|ids| Some(("Principal", ids)));
    match flavour {
        Flavour::Identity => Just(None).boxed(),
        _ => prop_oneof![4 => everyone, 2 => some, 1 => except].boxed(),
    }
}

fn condition(flavour: Flavour) -> BoxedStrategy<Value> {
    let text = select(vec![
        "StringEquals",
        "StringLike",
        "StringNotEquals",
        "StringEqualsIfExists",
        "StringNotEqualsIfExists",
        "ForAllValues:StringEquals",
        "ForAnyValue:StringLike",
    ]);
    let account = (text.clone(), select(vec!["111111111111", "222222222222", "2222*"]), any::<bool>());
    let account = account.prop_map(|(operator, value, there)| {
        // in comparisons without wildcards a star would match nobody at all
        let value = if operator.contains("Like") { value } else { value.trim_end_matches('*') };
        let value = if value.len() < 12 && !value.contains('*') { "222222222222" } else { value };
        // strangers all start with another digit, so that a half-open pattern is
        // one that they meet
        let value = if value.contains('*') { "*" } else { value };
        let mut block = json!({operator: {"aws:PrincipalAccount": [value]}});
        if there {
            block["Null"] = json!({"aws:PrincipalAccount": ["false"]});
        }
        block
    });
    let transport = (select(vec!["Bool", "BoolIfExists"]), select(vec!["true", "false"]))
        .prop_map(|(operator, value)| json!({operator: {"aws:SecureTransport": [value]}}));
    let ip = (select(vec!["IpAddress", "NotIpAddress"]), select(vec!["0.0.0.0/0", "10.0.0.0/8"]))
        .prop_map(|(operator, value)| json!({operator: {"aws:SourceIp": [value]}}));
    let endpoint = (text, Just("vpce-11111111"))
        .prop_map(|(operator, value)| json!({operator: {"aws:SourceVpce": [value]}}));
    let tag = Just(json!({"StringEquals": {"aws:PrincipalTag/team": ["red"]}}));
    let none = Just(json!({}));
    match flavour {
        Flavour::Identity => none.boxed(),
        Flavour::Transport => prop_oneof![3 => transport, 1 => none, 1 => ip].boxed(),
        Flavour::Accounts => prop_oneof![2 => none, 2 => account, 1 => transport].boxed(),
        Flavour::Resource => {
            prop_oneof![2 => none, 2 => account, 1 => transport, 1 => ip, 1 => endpoint, 1 => tag].boxed()
        }
    }
}
