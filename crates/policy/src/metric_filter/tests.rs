use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::*;

fn matches(pattern: &str, event: Value) -> bool {
    parse(pattern).unwrap().matches(&event)
}

#[test]
fn the_usual_alarms_catch_their_events() {
    let denied = r#"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }"#;
    assert!(catches(
        denied,
        &[
            json!({"errorCode": "Client.UnauthorizedOperation"}),
            json!({"errorCode": "AccessDeniedException"})
        ]
    ));
    assert!(!catches(denied, &[json!({"errorCode": "AccessDenied"}), json!({"errorCode": "Throttling"})]));
    let root = r#"{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}"#;
    assert!(matches(root, json!({"userIdentity": {"type": "Root"}, "eventType": "AwsApiCall"})));
    assert!(!matches(
        root,
        json!({"userIdentity": {"type": "Root", "invokedBy": "x"}, "eventType": "AwsApiCall"})
    ));
    assert!(!matches(root, json!({"userIdentity": {"type": "Root"}, "eventType": "AwsServiceEvent"})));
    let names = "{($.eventName=CreateTrail)||($.eventName=UpdateTrail)||\n($.eventName=DeleteTrail)}";
    assert!(matches(names, json!({"eventName": "UpdateTrail"})));
}

#[test]
fn patterns_that_are_not_for_json_match_nothing() {
    for pattern in [
        "",
        " ",
        "{}",
        "ERROR",
        "[ip, user]",
        "{ $.a = 1",
        "$.a = 1",
        "{ $.a = 1 } x",
        "{ a = 1 }",
        "{ $.a == 1 }",
        "{ $.a = }",
        "{ $.a & $.b }",
        "{ $.a = \"x }",
        "{ $.a IS }",
        "{ $.a EXISTS }",
        "{ $. = 1 }",
        "{ $.a[ = 1 }",
        "{ $.a = %[% }",
    ] {
        assert!(parse(pattern).is_err(), "{pattern}");
        assert!(!catches(pattern, &[json!({"a": 1})]), "{pattern}");
    }
}

#[test]
fn without_events_nothing_is_caught() {
    assert!(!catches("{ $.a NOT EXISTS }", &[]));
}

#[test]
fn and_binds_closer_than_or() {
    let pattern = "{ $.a = 1 || $.b = 1 && $.c = 1 }";
    assert!(matches(pattern, json!({"a": 1})));
    assert!(!matches(pattern, json!({"b": 1})));
    assert!(!matches("{ ($.a = 1 || $.b = 1) && $.c = 1 }", json!({"a": 1})));
}

#[test]
fn texts_are_compared_with_stars_and_case() {
    assert!(matches(r#"{ $.a = "x*z" }"#, json!({"a": "xyz"})));
    assert!(matches("{ $.a = 123.123.* }", json!({"a": "123.123.4.5"})));
    assert!(!matches(r#"{ $.a = "x?z" }"#, json!({"a": "xyz"})));
    assert!(!matches(r#"{ $.a = "XYZ" }"#, json!({"a": "xyz"})));
    assert!(matches(r#"{ $.a = "say \"hi\" \\" }"#, json!({"a": "say \"hi\" \\"})));
    assert!(matches(r#"{ $.a != "x" }"#, json!({"a": "y"})));
}

#[test]
fn a_comparison_needs_a_plain_value() {
    for event in [json!({}), json!({"a": null}), json!({"a": []}), json!({"a": {"b": 1}})] {
        assert!(!matches(r#"{ $.a != "x" }"#, event.clone()), "{event}");
        assert!(!matches(r#"{ $.a = "*" }"#, event.clone()), "{event}");
    }
}

#[test]
fn numbers_are_compared_by_value() {
    assert!(matches("{ $.a = 4 }", json!({"a": 4.0})));
    assert!(matches("{ $.a = 4* }", json!({"a": 404})));
    assert!(matches("{ $.a >= 4 && $.a<5 && $.a > -1e3 }", json!({"a": 4.5})));
    assert!(!matches("{ $.a < 4 }", json!({"a": "3"})));
    assert!(!matches("{ $.a <= 4 }", json!({"a": 5})));
    assert!(!matches("{ $.a < x }", json!({"a": 5})));
}

#[test]
fn truth_null_and_existence_are_told_apart() {
    assert!(matches(
        "{ $.a IS TRUE && $.b is false && $.c IS NULL }",
        json!({"a": true, "b": false, "c": null})
    ));
    assert!(!matches("{ $.a IS TRUE }", json!({"a": "true"})));
    assert!(matches("{ $.a = true }", json!({"a": true})));
    assert!(!matches("{ $.a NOT EXISTS }", json!({"a": null})));
    assert!(!matches("{ $.a IS NULL }", json!({})));
    assert!(matches("{ $.a != NULL }", json!({"a": "x"})));
    assert!(!matches("{ $.a != NULL }", json!({"a": null})));
    assert!(!matches("{ $.a != NULL }", json!({})));
    assert!(matches("{ $.a = NULL }", json!({"a": null})));
}

#[test]
fn regular_expressions_match_anywhere() {
    assert!(matches(r"{ $.a = %b[0-9]{2}c% }", json!({"a": "ab12cd"})));
    assert!(matches(r"{ $.a != %^\d+$% }", json!({"a": "x"})));
    assert!(matches(r"{ $.a = %\%% }", json!({"a": "5%"})));
}

#[test]
fn selectors_go_into_maps_and_lists() {
    let event = json!({"a": {"b-c": [{"d": 1}, {"d": 2}]}, "x y": 3});
    assert!(matches("{ $.a.b-c[1].d = 2 }", event.clone()));
    assert!(!matches("{ $.a.b-c[2].d = 2 }", event.clone()));
    assert!(matches("{ $.a.b-c[*].d = 1 && $.a.b-c[*].d = 2 }", event.clone()));
    assert!(matches("{ $['x y'] = 3 && $.[\"x y\"] = 3 }", event));
}

#[test]
fn deep_nesting_and_great_length_are_errors() {
    let deep = |depth: usize| format!("{{ {}$.a = 1{} }}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&deep(40)).is_ok());
    assert_eq!(parse(&deep(1000)).unwrap_err(), FilterError::TooDeep);
    assert_eq!(parse(&deep(1_000_000)).unwrap_err(), FilterError::TooLong);
    assert!(parse(&format!("{{ {}$.a = 1 }}", "$.a = 1 && ".repeat(1000))).is_ok());
    assert!(parse("{ $.a = %(((((a{1000}){1000}){1000}){1000}){1000})% }").is_err());
    assert!(parse("{ $.a[99999999999999999999999] = 1 }").is_err());
}

#[test]
fn errors_say_where() {
    assert_eq!(
        parse("{ $.a ~ 1 }").unwrap_err().to_string(),
        "expected an operator at byte 6 of the filter pattern"
    );
}

fn node() -> impl Strategy<Value = Node> {
    let field = prop_oneof!["[a-z_-]{1,4}", any::<String>()].prop_map(Step::Field);
    let step = prop_oneof![4 => field, 1 => (0usize..3).prop_map(Step::Index), 1 => Just(Step::Every)];
    let selector = prop::collection::vec(step, 1..4).prop_map(Selector);
    let term = prop_oneof![
        any::<String>().prop_map(Term::Quoted),
        "[a-zA-Z0-9.*:/-]{1,6}".prop_map(Term::Bare),
        "[a-z^.]{1,4}".prop_map(|source| Term::Regex(Regex::new(&source).unwrap())),
    ];
    let operator = select(vec![
        Operator::Equal,
        Operator::NotEqual,
        Operator::Less,
        Operator::LessOrEqual,
        Operator::Greater,
        Operator::GreaterOrEqual,
    ]);
    let fixed = select(vec![Fixed::Null, Fixed::True, Fixed::False]);
    let leaf = prop_oneof![
        3 => (selector.clone(), operator, term).prop_map(|(s, o, t)| Node::Compare(s, o, t)),
        1 => (selector.clone(), fixed).prop_map(|(s, f)| Node::Is(s, f)),
        1 => selector.prop_map(Node::NotExists),
    ];
    leaf.prop_recursive(4, 20, 3, |inner| {
        let several = prop::collection::vec(inner, 2..4);
        prop_oneof![several.clone().prop_map(Node::All), several.prop_map(Node::Any)]
    })
}

proptest! {
    #[test]
    fn what_is_printed_reads_back_the_same(root in node()) {
        let filter = Filter { root };
        prop_assert_eq!(parse(&filter.to_string()), Ok(filter.clone()), "{}", filter);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>(), noise in "[{}()$.a\\[\\]0*=!<>&|\"% ]{0,40}") {
        let event = json!({"a": [{"a": 1}]});
        for pattern in [text.clone(), format!("{{{text}}}"), format!("{{$.a={text}}}"), noise.clone(), format!("{{$.a{noise}}}")] {
            let _ = catches(&pattern, std::slice::from_ref(&event));
        }
    }
}
