use super::*;
use crate::testing::{accesses, account, connector, long_policies, managed, organization};
use crate::{INLINE_TEMPLATE_LIMIT, PermissionSet};

#[test]
fn an_account_for_an_instance() {
    insta::assert_snapshot!(cloudformation(&account(Access::InstanceRole)).unwrap());
}

#[test]
fn an_account_for_a_cloud_connector_with_the_managed_policy() {
    insta::assert_snapshot!(cloudformation(&managed(account(connector()))).unwrap());
}

#[test]
fn an_account_with_direct_keys() {
    insta::assert_snapshot!(cloudformation(&account(Access::DirectKeys)).unwrap());
}

#[test]
fn an_organization_for_an_instance() {
    insta::assert_snapshot!(cloudformation(&organization(Access::InstanceRole)).unwrap());
}

#[test]
fn a_member_of_an_organization() {
    insta::assert_snapshot!(member_role_template(&organization(Access::InstanceRole)).unwrap());
}

#[test]
fn every_action_stands_once_in_every_template() {
    for (name, access) in accesses() {
        for request in [account(access.clone()), organization(access.clone())] {
            let text = cloudformation(&request).unwrap();
            for action in ["ec2:DescribeRegions", "s3:GetBucketAcl", "iam:ListUsers"] {
                assert_eq!(text.matches(action).count(), 1, "{name}: {action}\n{text}");
            }
        }
    }
}

fn long(request: Request, policies: usize) -> Request {
    Request { permissions: PermissionSet::LeastPrivilege(long_policies(policies)), ..request }
}

#[test]
fn a_long_scan_still_fits_a_template_that_is_passed_inline() {
    for (name, access) in accesses() {
        for request in [account(access.clone()), organization(access.clone())] {
            // a thousand actions of the usual length
            let text = cloudformation(&long(request, 5)).unwrap();
            assert!(text.len() <= INLINE_TEMPLATE_LIMIT, "{name}: {}", text.len());
        }
    }
}

#[test]
fn a_template_of_members_that_no_stack_set_takes_is_an_error() {
    let request = long(organization(Access::InstanceRole), 9);
    assert!(matches!(cloudformation(&request), Err(OnboardError::TemplateTooLong(_))));
    assert!(matches!(member_role_template(&request), Err(OnboardError::TemplateTooLong(_))));
}

#[test]
fn a_key_is_never_an_output() {
    for request in [account(Access::DirectKeys), organization(Access::DirectKeys)] {
        let text = cloudformation(&request).unwrap();
        let (_, outputs) = text.split_once("\nOutputs:").unwrap();
        assert!(!outputs.contains("AccessKey"), "{outputs}");
    }
}
