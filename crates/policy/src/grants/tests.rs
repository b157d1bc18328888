use serde_json::{Value, json};

use crate::Policy;
use crate::sample::of;

fn allow(action: Value, resource: Value) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

#[test]
fn wildcards_in_actions_match_in_any_case() {
    let policy = of(allow(json!("IAM:Pass*"), json!("arn:aws:iam::111122223333:role/app")));
    assert!(policy.allows("iam:passrole", None));
    assert!(policy.allows("iam:PassRole", Some("arn:aws:iam::111122223333:role/app")));
    assert!(!policy.allows("iam:PassRole", Some("arn:aws:iam::111122223333:role/APP")));
    assert!(!policy.allows("iam:GetRole", None));
}

#[test]
fn variables_in_resources_are_text() {
    let policy = of(allow(json!("s3:*"), json!("arn:aws:s3:::home/${aws:username}/*")));
    assert!(policy.allows("s3:GetObject", Some("arn:aws:s3:::home/${aws:username}/x")));
    assert!(!policy.allows("s3:GetObject", Some("arn:aws:s3:::home/ann/x")));
}

#[test]
fn an_unconditional_deny_takes_an_action_back() {
    let deny = |condition: Value| json!([allow(json!("*"), json!("*")), {"Effect": "Deny", "Action": "iam:*", "Resource": "*", "Condition": condition}]);
    assert!(!of(deny(json!({}))).allows("iam:PassRole", None));
    assert!(of(deny(json!({}))).allows("s3:GetObject", None));
    assert!(
        of(deny(json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})))
            .allows("iam:PassRole", None)
    );
}

#[test]
fn documents_together_deny_for_each_other() {
    let one = of(allow(json!("*"), json!("*")));
    let two = of(json!({"Effect": "Deny", "Action": "*", "Resource": "*"}));
    assert!(!Policy::together([one, two, Policy::empty()]).allows("s3:GetObject", None));
}

#[test]
fn any_resource_needs_a_star_and_no_condition() {
    let on =
        |resource| of(allow(json!("kms:Decrypt"), json!(resource))).allows_on_any_resource("kms:Decrypt");
    assert!(on("*"));
    assert!(on("arn:aws:kms:*:111122223333:key/*"));
    assert!(!on("arn:aws:kms:eu-west-1:111122223333:key/1234"));
    let mut conditional = allow(json!("kms:*"), json!("*"));
    conditional["Condition"] = json!({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}});
    assert!(!of(conditional).allows_on_any_resource("kms:Decrypt"));
    let except = json!({"Effect": "Allow", "Action": "kms:Decrypt", "NotResource": "arn:aws:kms:*:*:key/1"});
    assert!(of(except).allows_on_any_resource("kms:Decrypt"));
}

#[test]
fn an_administrator_has_every_action_on_every_resource() {
    let admin = |action, resource| of(allow(json!(action), json!(resource))).allows_administrator();
    assert!(admin("*", "*"));
    assert!(admin("*:*", "arn:aws:*:*:*:*"));
    assert!(!admin("iam:*", "*"));
    assert!(!admin("*", "arn:aws:s3:::*"));
    assert!(!admin("*:Get*", "*"));
    assert!(!of(json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})).allows_administrator());
    let less = |deny: &str| {
        of(json!([allow(json!("*"), json!("*")), {"Effect": "Deny", "Action": deny, "Resource": "*"}]))
            .allows_administrator()
    };
    assert!(less("organizations:LeaveOrganization"));
    assert!(!less("iam:*"));
    assert!(!less("*"));
}

#[test]
fn all_actions_of_a_service_may_come_from_a_wider_pattern() {
    let all = |statement| of(statement).allows_all_actions_of("kms");
    assert!(all(allow(json!("KMS:*"), json!("*"))));
    assert!(all(allow(json!("k*"), json!("*"))));
    assert!(all(json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})));
    assert!(!all(json!({"Effect": "Allow", "NotAction": "kms:Decrypt", "Resource": "*"})));
    assert!(!all(allow(json!("kms:De*"), json!("*"))));
    assert!(!all(allow(json!("kms:*"), json!("arn:aws:kms:eu-west-1:111122223333:key/1"))));
    assert!(!all(
        json!([allow(json!("kms:*"), json!("*")), {"Effect": "Deny", "Action": "kms:*", "Resource": "*"}])
    ));
}

#[test]
fn a_deny_in_a_resource_policy_counts_for_the_principals_that_it_names() {
    let left = |principal: Value, condition: Value| {
        of(json!([
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": "s3:*", "Resource": "*"},
            {"Effect": "Deny", "Principal": principal, "Action": "s3:*", "Resource": "*", "Condition": condition},
        ]))
        .allows("s3:GetObject", None)
    };
    assert!(!left(json!("*"), json!({})));
    assert!(!left(json!({"AWS": "111122223333"}), json!({})));
    assert!(left(json!({"AWS": "444455556666"}), json!({})));
    assert!(left(json!("*"), json!({"Bool": {"aws:SecureTransport": "false"}})));
}
