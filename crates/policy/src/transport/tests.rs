use serde_json::{Value, json};

use crate::sample::of;

const BOTH: [&str; 2] = ["arn:aws:s3:::b", "arn:aws:s3:::b/*"];

fn with(changes: Value) -> Value {
    let mut deny = json!({
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": BOTH,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    });
    for (key, value) in changes.as_object().unwrap() {
        deny[key] = value.clone();
    }
    deny.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    deny
}

fn refuses(changes: Value) -> bool {
    of(with(changes)).denies_insecure_transport()
}

#[test]
fn the_usual_statement_refuses_plain_http_in_all_its_spellings() {
    for changes in [
        json!({}),
        json!({"Principal": {"AWS": "*"}}),
        json!({"Action": "*"}),
        json!({"Action": ["s3:GetObject", "S3:*"]}),
        json!({"Resource": "*"}),
        json!({"Resource": "arn:aws:s3:::b*"}),
        json!({"Resource": null}),
        json!({"Condition": {"Bool": {"AWS:securetransport": false}}}),
        json!({"Condition": {"Bool": {"aws:SecureTransport": ["false"]}}}),
        json!({"Condition": {"BoolIfExists": {"aws:SecureTransport": "False"}}}),
        json!({"Condition": null}),
    ] {
        assert!(refuses(changes.clone()), "{changes}");
    }
}

#[test]
fn anything_less_does_not_refuse_plain_http() {
    for changes in [
        json!({"Effect": "Allow"}),
        json!({"Effect": "Allow", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
        json!({"Principal": {"AWS": "111122223333"}}),
        json!({"Principal": {"Service": "s3.amazonaws.com"}}),
        json!({"Principal": null, "NotPrincipal": {"AWS": "111122223333"}}),
        json!({"Principal": null}),
        json!({"Action": ["s3:GetObject", "s3:PutObject"]}),
        json!({"Action": "s3:Get*"}),
        json!({"Action": "sqs:*"}),
        json!({"Action": null, "NotAction": "s3:GetObject"}),
        json!({"Resource": "arn:aws:s3:::b"}),
        json!({"Resource": "arn:aws:s3:::b/*"}),
        json!({"Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/private/*"]}),
        json!({"Resource": "arn:aws:s3:::*/*"}),
        json!({"Resource": null, "NotResource": "arn:aws:s3:::b/open/*"}),
        json!({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
        json!({"Condition": {"StringEquals": {"aws:SecureTransport": "false"}}}),
        json!({"Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}}),
        json!({"Condition": {"Null": {"s3:TlsVersion": "true"}}}),
        json!({"Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:PrincipalTag/x": "y"}}}),
        json!({"Condition": {"Bool": {"aws:SecureTransport": "false", "aws:ViaAWSService": "false"}}}),
    ] {
        assert!(!refuses(changes.clone()), "{changes}");
    }
}

#[test]
fn statements_that_together_cover_bucket_and_objects_are_enough() {
    let both = BOTH.map(|resource| with(json!({"Resource": resource})));
    assert!(of(json!(both)).denies_insecure_transport());
    let other = [with(json!({"Resource": BOTH[0]})), with(json!({"Resource": "arn:aws:s3:::c/*"}))];
    assert!(!of(json!(other)).denies_insecure_transport());
}

#[test]
fn a_queue_has_one_arn_and_needs_no_more() {
    let queue = "arn:aws:sqs:eu-west-1:111122223333:q";
    assert!(refuses(json!({"Action": "sqs:*", "Resource": queue})));
}

#[test]
fn what_is_allowed_elsewhere_must_be_guarded_too() {
    let domain = "arn:aws:es:eu-west-1:111122223333:domain/d";
    let deny = with(json!({"Action": "es:*", "Resource": format!("{domain}/_cluster/*")}));
    let allow =
        json!({"Effect": "Allow", "Principal": "*", "Action": "es:*", "Resource": format!("{domain}/*")});
    assert!(!of(json!([deny, allow])).denies_insecure_transport());
}
