use serde_json::{Value, json};

use crate::escalation_table::WAYS;
use crate::sample::of;

fn ways(statements: Value) -> Vec<String> {
    of(statements).escalations()
}

fn allow(actions: &[&str]) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": "*"})
}

#[test]
fn an_administrator_has_every_way() {
    assert_eq!(ways(allow(&["*"])).len(), WAYS.len());
}

#[test]
fn names_are_unique_and_actions_name_a_service() {
    let mut names: Vec<String> = WAYS.iter().map(|way| way.actions.join("+")).collect();
    names.sort();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(WAYS.iter().flat_map(|way| way.actions).all(|a| a.split(':').count() == 2));
}

#[test]
fn each_way_is_opened_by_its_own_actions_and_by_no_less() {
    for way in WAYS {
        let name = way.actions.join("+");
        assert!(ways(allow(way.actions)).contains(&name), "{name}");
        for left_out in way.actions {
            let rest: Vec<&str> = way.actions.iter().copied().filter(|a| a != left_out).collect();
            assert!(!ways(allow(&rest)).contains(&name), "{name} without {left_out}");
        }
    }
}

#[test]
fn a_deny_closes_a_way() {
    let deny = json!({"Effect": "Deny", "Action": "iam:CreatePolicy*", "Resource": "*"});
    assert!(ways(json!([allow(&["iam:CreatePolicyVersion"]), deny])).is_empty());
}

#[test]
fn reading_opens_nothing() {
    assert!(ways(allow(&["iam:Get*", "iam:List*", "s3:*", "ec2:Describe*"])).is_empty());
}

#[test]
fn a_role_that_may_be_passed_to_one_service_opens_only_its_ways() {
    let mut pass = allow(&["iam:PassRole"]);
    pass["Condition"] = json!({"StringLike": {"iam:PassedToService": "lambda.*"}});
    let run = allow(&["ec2:RunInstances", "lambda:CreateFunction", "lambda:InvokeFunction"]);
    assert_eq!(ways(json!([pass, run])), ["iam:PassRole+lambda:CreateFunction+lambda:InvokeFunction"]);
}

#[test]
fn a_key_of_ones_own_is_no_way() {
    let own = json!({"Effect": "Allow", "Action": "iam:CreateAccessKey",
                     "Resource": "arn:aws:iam::*:user/${aws:username}"});
    assert!(ways(own).is_empty());
    let more = json!({"Effect": "Allow", "Action": "iam:AttachUserPolicy",
                      "Resource": "arn:aws:iam::*:user/${aws:username}"});
    assert_eq!(ways(more), ["iam:AttachUserPolicy"]);
}
