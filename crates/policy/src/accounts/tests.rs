use serde_json::{Value, json};

use crate::sample::of;

const OWN: &str = "111122223333";

fn external(principal: Value, condition: Value) -> Vec<String> {
    of(json!({"Effect": "Allow", "Principal": principal, "Action": "s3:*", "Resource": "*", "Condition": condition}))
        .external_accounts(OWN)
}

#[test]
fn accounts_are_read_from_every_form_of_principal() {
    let found = external(
        json!({"AWS": [
            OWN,
            "444455556666",
            "arn:aws:iam::111122223333:role/app",
            "arn:aws-us-gov:iam::222233334444:root",
            "arn:aws:sts::333344445555:assumed-role/r/s",
            "arn:aws:iam::444455556666:user/u",
            "arn:aws:iam::cloudfront:user/oai",
            "AIDAEXAMPLEEXAMPLE",
        ], "Federated": "arn:aws:iam::555566667777:saml-provider/idp", "Service": "ec2.amazonaws.com"}),
        json!({}),
    );
    assert_eq!(found, ["222233334444", "333344445555", "444455556666", "555566667777"]);
}

#[test]
fn everyone_is_a_star_unless_a_condition_says_whom() {
    let on = |condition| external(json!("*"), condition);
    assert_eq!(on(json!({})), ["*"]);
    assert_eq!(
        on(json!({"StringEquals": {"aws:PrincipalAccount": [OWN, "444455556666"]}})),
        ["444455556666"]
    );
    assert_eq!(on(json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:444455556666:*"}})), ["444455556666"]);
    assert!(on(json!({"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}})).is_empty());
    assert!(on(json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})).is_empty());
    assert_eq!(on(json!({"StringLike": {"aws:PrincipalAccount": "*"}})), ["*"]);
}

#[test]
fn a_deny_of_other_accounts_takes_them_out() {
    let document = of(json!([
        {"Effect": "Allow", "Principal": {"AWS": ["444455556666", "555566667777"]}, "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
         "Condition": {"StringNotEquals": {"aws:PrincipalAccount": [OWN, "555566667777"]}}},
    ]));
    assert_eq!(document.external_accounts(OWN), ["555566667777"]);
}

#[test]
fn whom_a_deny_of_everyone_else_leaves_is_found() {
    let document = of(json!([
        {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "NotPrincipal": {"AWS": "444455556666"}, "Action": "*", "Resource": "*"},
    ]));
    assert_eq!(document.external_accounts(OWN), ["444455556666"]);
}
