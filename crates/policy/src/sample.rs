//! Short ways to write documents in tests.

use serde_json::{Value, json};

use crate::Policy;

pub(crate) fn policy(document: &Value) -> Policy {
    Policy::parse(document).unwrap()
}

/// A document of these statements.
pub(crate) fn of(statements: Value) -> Policy {
    policy(&json!({"Version": "2012-10-17", "Statement": statements}))
}

/// Everyone may get objects of a bucket, under these conditions.
pub(crate) fn open_under(condition: &Value) -> Value {
    json!({
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*",
        "Condition": condition,
    })
}
