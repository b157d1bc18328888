//! Requests for tests.

use crate::{Access, ManagementAccount, Names, OnboardScope, Partition, PermissionSet, ReadPolicy, Request};
use serde_json::json;

pub(crate) fn policy(actions: &[&str]) -> ReadPolicy {
    let statement = json!({ "Sid": "StanceRead", "Effect": "Allow", "Action": actions, "Resource": "*" });
    json!({ "Version": "2012-10-17", "Statement": [statement] }).try_into().unwrap()
}

/// As many policies as the actions of a long scan take, each as long as AWS lets it be.
pub(crate) fn long_policies(count: usize) -> Vec<ReadPolicy> {
    let actions: Vec<String> =
        (100..258).map(|index| format!("elasticservice:DescribeSomething{index}")).collect();
    let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
    vec![policy(&actions); count]
}

pub(crate) fn account(access: Access) -> Request {
    let policies = vec![policy(&["ec2:DescribeRegions", "s3:GetBucketAcl"]), policy(&["iam:ListUsers"])];
    Request {
        scope: OnboardScope::Account,
        access,
        names: Names::default(),
        permissions: PermissionSet::LeastPrivilege(policies),
        partition: Partition::Aws,
        permissions_boundary: None,
    }
}

pub(crate) fn organization(access: Access) -> Request {
    let scope = OnboardScope::Organization {
        units: vec!["r-ab12".parse().unwrap()],
        management_account: ManagementAccount::Scanned,
    };
    Request { scope, ..account(access) }
}

pub(crate) fn managed(request: Request) -> Request {
    let additional = vec![policy(&["bedrock:ListGuardrails"])];
    Request { permissions: PermissionSet::Managed { additional }, ..request }
}

pub(crate) fn connector() -> Access {
    Access::CloudConnector {
        principal: "arn:aws:iam::111122223333:role/stance".parse().unwrap(),
        external_id: "stance-0123456789abcdef".parse().unwrap(),
    }
}

/// Every way in.
pub(crate) fn accesses() -> Vec<(&'static str, Access)> {
    let principal = Some("111122223333".parse().unwrap());
    vec![
        ("instance-role", Access::InstanceRole),
        ("account-role", Access::AccountRole { principal: None }),
        ("account-role-for-principal", Access::AccountRole { principal }),
        ("direct-keys", Access::DirectKeys),
        ("cloud-connector", connector()),
    ]
}
