use serde_json::{Value, json};

use crate::sample::{of, open_under};

fn public_to(principal: Value) -> bool {
    of(json!({"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*"}))
        .is_public()
}

fn public_under(condition: Value) -> bool {
    of(open_under(&condition)).is_public()
}

/// Everyone may read, and this is denied.
fn public_despite(deny: Value) -> bool {
    of(json!([open_under(&json!({})), deny])).is_public()
}

fn deny(condition: Value) -> Value {
    json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*",
           "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": condition})
}

#[test]
fn every_form_of_everyone_is_public() {
    for everyone in [
        json!("*"),
        json!(["*"]),
        json!({"AWS": "*"}),
        json!({"aws": "*"}),
        json!({"AWS": ["*"]}),
        json!({"AWS": ["arn:aws:iam::111122223333:root", "*"]}),
        json!({"AWS": "arn:aws:iam::*:root"}),
        json!({"*": "*"}),
    ] {
        assert!(public_to(everyone.clone()), "{everyone}");
    }
}

#[test]
fn named_principals_are_not_public() {
    for named in [
        json!({"AWS": "111122223333"}),
        json!({"AWS": 111_122_223_333_u64}),
        json!({"AWS": "arn:aws:iam::111122223333:root"}),
        json!({"AWS": "AIDAEXAMPLEEXAMPLE"}),
        json!({"Service": "sns.amazonaws.com"}),
        json!({"Federated": "arn:aws:iam::111122223333:saml-provider/idp"}),
        json!({"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}),
        json!({}),
    ] {
        assert!(!public_to(named.clone()), "{named}");
    }
}

#[test]
fn a_policy_of_an_identity_is_not_public() {
    assert!(!of(json!({"Effect": "Allow", "Action": "*", "Resource": "*"})).is_public());
}

#[test]
fn not_principal_with_allow_is_public() {
    let document = json!({"Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"},
                          "Action": "s3:GetObject", "Resource": "*"});
    assert!(of(document).is_public());
}

#[test]
fn conditions_on_known_callers_narrow() {
    for condition in [
        json!({"StringEquals": {"aws:SourceAccount": "111122223333"}}),
        json!({"StringEquals": {"AWS:SOURCEACCOUNT": ["111122223333", "444455556666"]}}),
        json!({"StringEquals": {"AWS:SourceOwner": "111122223333"}}),
        json!({"StringEqualsIgnoreCase": {"aws:PrincipalAccount": "111122223333"}}),
        json!({"StringLike": {"aws:PrincipalAccount": "111122223333"}}),
        json!({"StringEquals": {"kms:CallerAccount": "111122223333", "kms:ViaService": "s3.eu-west-1.amazonaws.com"}}),
        json!({"StringEquals": {"s3:DataAccessPointAccount": "111122223333"}}),
        json!({"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:*:111122223333:accesspoint/*"}}),
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
        json!({"StringEquals": {"aws:SourceOrgID": "o-a1b2c3d4e5"}}),
        json!({"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}),
        json!({"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}),
        json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}}),
        json!({"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::uploads"}}),
        json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}),
        json!({"StringEquals": {"aws:SourceVpc": "vpc-0123456789"}}),
        json!({"StringEquals": {"aws:SourceVpce": ["vpce-1a2b3c4d"]}}),
        json!({"IpAddress": {"aws:SourceIp": ["8.8.8.0/24", "2001:4860::/32"]}}),
        json!({"IpAddress": {"aws:SourceIp": "54.0.0.0/8"}}),
        json!({"IpAddress": {"aws:SourceIp": "10.1.2.3"}}),
        json!({"StringLike": {"aws:userid": ["AROAEXAMPLEID:*", "AIDAEXAMPLEEXAMPLE"]}}),
        json!({"Bool": {"aws:PrincipalIsAWSService": true}}),
        json!({"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}),
        json!({"StringLike": {"SNS:Endpoint": "*@example.com"}}),
        json!({"StringEquals": {"lambda:EventSourceToken": "amzn1.ask.skill.1234"}}),
        // one test that narrows is enough
        json!({"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
    ] {
        assert!(!public_under(condition.clone()), "{condition}");
    }
}

#[test]
fn conditions_that_anyone_can_meet_do_not_narrow() {
    for condition in [
        json!({}),
        json!({"StringLike": {"aws:SourceAccount": "*"}}),
        json!({"StringLike": {"aws:PrincipalAccount": ["111122223333", "*"]}}),
        json!({"StringLike": {"aws:PrincipalAccount": "1*"}}),
        json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}}),
        json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/r-ab12/*"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:*:topic"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::uploads-*"}}),
        json!({"ArnLike": {"aws:SourceArn": "*"}}),
        json!({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}}),
        json!({"StringLike": {"aws:PrincipalArn": "*:role/deploy"}}),
        json!({"StringLike": {"aws:SourceVpce": "vpce-*"}}),
        json!({"StringLike": {"aws:userid": "AROA*"}}),
        json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
        json!({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}),
        json!({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "::/0"]}}),
        json!({"IpAddress": {"aws:SourceIp": "not an address"}}),
        // anyone can make a VPC with those addresses
        json!({"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}),
        json!({"StringEquals": {"aws:PrincipalTag/team": "red"}}),
        json!({"StringEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/team}"}}),
        json!({"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}}),
        json!({"StringLike": {"aws:Referer": "https://example.com/*"}}),
        json!({"StringEquals": {"aws:UserAgent": "secret"}}),
        json!({"Bool": {"aws:SecureTransport": "true"}}),
        json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        json!({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}),
        json!({"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}),
        json!({"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}),
        json!({"StringEquals": {"sts:ExternalId": "guess"}}),
        json!({"StringEquals": {"aws:ResourceAccount": "111122223333"}}),
        json!({"StringEquals": {"s3:x-amz-acl": "public-read"}}),
        json!({"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}),
        json!({"NumericLessThan": {"aws:SourceAccount": "111122223333"}}),
    ] {
        assert!(public_under(condition.clone()), "{condition}");
    }
}

#[test]
fn negated_operators_do_not_narrow() {
    for condition in [
        json!({"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}),
        json!({"StringNotLike": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
        json!({"ArnNotLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}}),
        json!({"NotIpAddress": {"aws:SourceIp": "8.8.8.0/24"}}),
    ] {
        assert!(public_under(condition.clone()), "{condition}");
    }
}

#[test]
fn tests_that_hold_without_the_key_do_not_narrow() {
    for condition in [
        json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
        json!({"StringLikeIfExists": {"aws:SourceVpce": "vpce-1a2b3c4d"}}),
        json!({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}),
        json!({"ForAllValues:StringEquals": {"aws:SourceAccount": "111122223333"}}),
        json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, "Null": {"aws:PrincipalOrgID": "true"}}),
        json!({"Null": {"aws:PrincipalOrgID": "false"}}),
    ] {
        assert!(public_under(condition.clone()), "{condition}");
    }
    for condition in [
        json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, "Null": {"aws:principalorgid": false}}),
        json!({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}, "Null": {"aws:PrincipalOrgPaths": "false"}}),
    ] {
        assert!(!public_under(condition.clone()), "{condition}");
    }
}

#[test]
fn a_star_compared_as_text_matches_nobody() {
    assert!(!public_under(json!({"StringEquals": {"aws:SourceAccount": "*"}})));
}

#[test]
fn a_deny_for_everyone_takes_it_back() {
    assert!(!public_despite(deny(json!({}))));
    assert!(!public_despite(
        json!({"Effect": "Deny", "Principal": "*", "NotAction": "s3:PutObject", "Resource": "*"})
    ));
    assert!(!public_despite(
        json!({"Effect": "Deny", "Principal": "*", "Action": "S3:get*", "NotResource": "arn:aws:s3:::other/*"})
    ));
}

#[test]
fn a_deny_of_less_does_not_take_it_back() {
    for less in [
        json!({"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"}),
        json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b"}),
        json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/private/*"}),
        json!({"Effect": "Deny", "Principal": "*", "NotAction": "s3:GetObject", "Resource": "*"}),
        json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "NotResource": "arn:aws:s3:::b/open/*"}),
        json!({"Effect": "Deny", "Principal": {"AWS": "111122223333"}, "Action": "*", "Resource": "*"}),
        json!({"Effect": "Deny", "Action": "*", "Resource": "*"}),
    ] {
        assert!(public_despite(less.clone()), "{less}");
    }
}

#[test]
fn a_deny_of_all_but_known_callers_takes_it_back() {
    for condition in [
        json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
        json!({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}),
        json!({"NotIpAddress": {"aws:SourceIp": "8.8.8.0/24"}, "StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}),
        json!({"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}),
    ] {
        assert!(!public_despite(deny(condition.clone())), "{condition}");
    }
    assert!(!public_despite(
        json!({"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "s3:*", "Resource": "*"})
    ));
}

#[test]
fn a_deny_that_strangers_escape_does_not_take_it_back() {
    for condition in [
        json!({"Bool": {"aws:SecureTransport": "false"}}),
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
        json!({"StringNotLike": {"aws:PrincipalOrgID": "o-*"}}),
        json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, "Bool": {"aws:SecureTransport": "false"}}),
        json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, "Bool": {"aws:ViaAWSService": "false"}}),
        json!({"ForAnyValue:StringNotLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}),
        json!({"StringNotEquals": {"aws:PrincipalTag/team": "red"}}),
        json!({"Null": {"aws:SourceVpce": "true"}}),
    ] {
        assert!(public_despite(deny(condition.clone())), "{condition}");
    }
    assert!(public_despite(
        json!({"Effect": "Deny", "NotPrincipal": "*", "Action": "s3:*", "Resource": "*"})
    ));
}

#[test]
fn public_for_an_action_reads_wildcards_in_any_case() {
    let document = of(json!([
        {"Effect": "Allow", "Principal": "*", "Action": ["s3:Get*", "S3:List?ucket"], "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:GetBucketAcl", "Resource": "*"},
    ]));
    assert!(document.is_public_for("S3:getobject"));
    assert!(document.is_public_for("s3:*Object"));
    assert!(document.is_public_for("s3:ListBucket"));
    assert!(!document.is_public_for("s3:PutObject"));
    assert!(!document.is_public_for("s3:GetBucketAcl"));
    assert!(!document.is_public_for("sqs:*"));
    assert_eq!(document.public_actions(), ["s3:Get*", "S3:List?ucket"]);
}

#[test]
fn not_action_with_allow_grants_the_rest() {
    let document =
        of(json!({"Effect": "Allow", "Principal": "*", "NotAction": "s3:Delete*", "Resource": "*"}));
    assert!(document.is_public_for("s3:GetObject"));
    assert!(!document.is_public_for("s3:DeleteObject"));
    assert_eq!(document.public_actions(), ["*"]);
}

#[test]
fn denies_of_parts_add_up_over_resources_that_are_listed() {
    let document = of(json!([
        {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b"},
        {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "*", "Resource": "arn:aws:s3:::b/*"},
    ]));
    assert!(!document.is_public());
    assert!(document.public_actions().is_empty());
}

#[test]
fn trust_in_a_provider_that_anyone_can_join_must_say_for_whom() {
    let github = "token.actions.githubusercontent.com";
    let trust = |condition: Value| {
        of(json!({"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
                  "Principal": {"Federated": format!("arn:aws:iam::111122223333:oidc-provider/{github}")},
                  "Condition": condition}))
        .is_public()
    };
    let like = |sub: &str| json!({"StringLike": {format!("{github}:sub"): sub}});
    assert!(trust(json!({})));
    assert!(trust(json!({"StringEquals": {format!("{github}:aud"): "sts.amazonaws.com"}})));
    assert!(trust(like("*")));
    assert!(trust(like("repo:*")));
    assert!(trust(like("repo:org*")));
    assert!(!trust(like("repo:org/*")));
    assert!(!trust(like("repo:org/app:ref:refs/heads/main")));
    let saml = of(json!({"Effect": "Allow", "Action": "sts:AssumeRoleWithSAML",
                         "Principal": {"Federated": "arn:aws:iam::111122223333:saml-provider/idp"}}));
    assert!(!saml.is_public());
}
