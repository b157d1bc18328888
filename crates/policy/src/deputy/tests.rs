use serde_json::{Value, json};

use crate::sample::of;

fn trust(condition: Value) -> Value {
    json!({"Effect": "Allow", "Principal": {"Service": ["sns.amazonaws.com", "events.amazonaws.com"]},
           "Action": "sqs:SendMessage", "Resource": "*", "Condition": condition})
}

fn trusts(condition: Value) -> bool {
    !of(trust(condition)).trusts_service_without_source().is_empty()
}

#[test]
fn services_without_a_source_are_named_in_order() {
    let found = of(json!([trust(json!({})), trust(json!({}))])).trusts_service_without_source();
    assert_eq!(found, ["events.amazonaws.com", "sns.amazonaws.com"]);
}

#[test]
fn a_source_account_arn_or_organization_is_enough() {
    for condition in [
        json!({"StringEquals": {"aws:SourceAccount": "111122223333"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::uploads"}}),
        json!({"StringEquals": {"aws:SourceOrgID": "o-a1b2c3d4e5"}}),
        json!({"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:111122223333:*"}}),
    ] {
        assert!(!trusts(condition.clone()), "{condition}");
    }
}

#[test]
fn a_condition_that_any_source_meets_is_not() {
    for condition in [
        json!({"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:topic"}}),
        json!({"StringNotEquals": {"aws:SourceAccount": "111122223333"}}),
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
        json!({"Bool": {"aws:SecureTransport": "true"}}),
    ] {
        assert!(trusts(condition.clone()), "{condition}");
    }
}

#[test]
fn a_deny_of_unknown_sources_takes_the_trust_back() {
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:SourceAccount": "111122223333"},
                      "Bool": {"aws:PrincipalIsAWSService": "true"}}});
    assert!(of(json!([trust(json!({})), deny])).trusts_service_without_source().is_empty());
}

#[test]
fn everyone_is_not_a_service() {
    let document = json!({"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"});
    assert!(of(document).trusts_service_without_source().is_empty());
}
