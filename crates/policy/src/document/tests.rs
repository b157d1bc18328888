use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Policy, PolicyError};

fn ask_everything(policy: &Policy) {
    let _ = policy.is_public();
    let _ = policy.is_public_for("s3:*");
    let _ = policy.public_actions();
    let _ = policy.denies_insecure_transport();
    let _ = policy.allows_administrator();
    let _ = policy.allows("iam:PassRole", Some("*"));
    let _ = policy.allows_on_any_resource("kms:Decrypt");
    let _ = policy.allows_all_actions_of("kms");
    let _ = policy.external_accounts("111122223333");
    let _ = policy.trusts_service_without_source();
    let _ = policy.statements();
}

#[test]
fn maps_texts_and_encoded_texts_are_one_document() {
    let map = json!({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "a+b%"}});
    let text = map.to_string();
    let encoded: String = text
        .bytes()
        .map(|b| match b {
            b'+' => "+".to_owned(),
            other => format!("%{other:02X}"),
        })
        .collect();
    let expected = Policy::parse(&map).unwrap().statements();
    for form in [json!(text), json!(encoded), json!(format!("\n {text}"))] {
        assert_eq!(Policy::parse(&form).unwrap().statements(), expected);
    }
}

#[test]
fn nothing_is_a_document_that_says_nothing() {
    for nothing in [json!(null), json!(""), json!({}), json!({"Statement": []}), json!("{}"), json!("null")] {
        assert_eq!(Policy::parse(&nothing).unwrap().statements(), json!([]), "{nothing}");
    }
}

#[test]
fn a_document_that_is_not_understood_is_an_error() {
    let one = |statement: Value| Policy::parse(&json!({"Statement": [statement]})).unwrap_err();
    assert_eq!(Policy::parse(&json!({"Policy": "{}"})).unwrap_err(), PolicyError::NoStatement);
    assert!(matches!(Policy::parse(&json!("{")).unwrap_err(), PolicyError::NotJson(_)));
    assert!(matches!(Policy::parse(&json!("%zz")).unwrap_err(), PolicyError::NotJson(_)));
    assert!(matches!(Policy::parse(&json!("[1]")).unwrap_err(), PolicyError::NotAMap(_)));
    assert!(matches!(Policy::parse(&json!(7)).unwrap_err(), PolicyError::NotAMap(_)));
    assert!(matches!(one(json!("x")), PolicyError::StatementNotAMap { statement: 1 }));
    assert!(matches!(one(json!({"Action": "*"})), PolicyError::Effect { .. }));
    assert!(matches!(one(json!({"Effect": "Permit", "Action": "*"})), PolicyError::Effect { .. }));
    assert!(matches!(one(json!({"Effect": "Allow"})), PolicyError::NoAction { .. }));
    assert!(matches!(
        one(json!({"Effect": "Allow", "Action": "*", "NotAction": "*"})),
        PolicyError::Both { .. }
    ));
    assert!(matches!(one(json!({"Effect": "Allow", "Action": [["*"]]})), PolicyError::NotTexts { .. }));
    assert!(matches!(
        one(json!({"Effect": "Allow", "Action": "a".repeat(5000)})),
        PolicyError::TooLong { .. }
    ));
    assert!(matches!(
        one(json!({"Effect": "Allow", "Action": "*", "Principal": {"AWS": {}}})),
        PolicyError::Principal { .. }
    ));
    assert!(matches!(
        one(json!({"Effect": "Allow", "Action": "*", "Condition": ["x"]})),
        PolicyError::Condition { .. }
    ));
}

#[test]
fn deep_nesting_is_an_error_and_not_an_overflow() {
    assert!(Policy::parse(&json!("[".repeat(1_000_000))).is_err());
    assert!(Policy::parse(&json!("{\"Statement\":".repeat(100_000))).is_err());
}

#[test]
fn the_normal_form_has_lists_and_maps_everywhere() {
    let policy = Policy::parse(&json!({"Statement": {
        "Effect": "Deny", "Principal": "*", "NotAction": "s3:Get*",
        "Condition": {"Bool": {"aws:SecureTransport": false}},
    }}))
    .unwrap();
    assert_eq!(
        policy.statements(),
        json!([{
            "Sid": "", "Effect": "Deny", "Principal": {"AWS": ["*"]}, "NotPrincipal": {},
            "Action": [], "NotAction": ["s3:Get*"], "Resource": [], "NotResource": [],
            "Condition": {"Bool": {"aws:SecureTransport": ["false"]}},
        }])
    );
}

#[test]
fn a_policy_can_be_shared_between_threads() {
    fn shared<T: Clone + Send + Sync + std::fmt::Debug>() {}
    shared::<Policy>();
}

#[test]
fn messages_say_where_and_what() {
    let error = Policy::parse(&json!({"Statement": [{"Effect": "Permit", "Action": "*"}]})).unwrap_err();
    assert_eq!(error.to_string(), "statement 1 has the effect `Permit`, which is neither `Allow` nor `Deny`");
}

fn any_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just("Statement"),
        Just("Effect"),
        Just("Allow"),
        Just("Deny"),
        Just("Action"),
        Just("*"),
        Just("Principal"),
        Just("AWS"),
        Just("NotAction"),
        Just("Resource"),
        Just("Condition"),
        Just("StringLike"),
        Just("aws:SourceIp"),
        Just("aws:SourceArn"),
        Just("${"),
        Just("arn:::::"),
    ]
    .prop_map(str::to_owned)
    .boxed();
    let word = prop_oneof![4 => word, 1 => any::<String>().boxed()].boxed();
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(word.clone(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_makes_it_panic(document in any_json()) {
        if let Ok(policy) = Policy::parse(&document) {
            ask_everything(&policy);
        }
        if let Ok(policy) = Policy::parse(&json!({"Statement": {
            "Effect": "Allow", "Action": "*", "Principal": "*", "Condition": document,
        }})) {
            ask_everything(&policy);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = Policy::parse(&json!(text));
        let _ = Policy::parse(&json!(format!("%7B{text}")));
    }

    #[test]
    fn the_normal_form_means_the_same(document in any_json()) {
        if let Ok(policy) = Policy::parse(&document) {
            let normal = policy.statements();
            prop_assert_eq!(normal.as_array().map(Vec::len), Some(policy.statements.len()));
        }
    }
}
